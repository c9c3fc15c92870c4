// Loads and stores.
#include "runtime/sim/LaneMemory.h"
#include "runtime/sim/Lanes.h"

namespace heddle::sim {
namespace {

/// Blocks on two host threads that access one address at once are a defect of the kernel, which WriteShadow reports;
/// the thread sanitizer looks for those of the simulator.
#define HEDDLE_KERNEL_ACCESS __attribute__((no_sanitize("thread")))

/// Elements M in memory, extended to registers R.
template <typename M, typename R> HEDDLE_KERNEL_ACCESS void load(Warp &warp, const Inst &inst, uint32_t mask) {
  LaneMemory lanes;
  resolveLanes(warp, inst, inst.count, mask, AccessKind::Read, lanes);
  if (lanes.isContiguous && inst.count == 1) {
    R *d = warp.lanes<R>(inst.op[0]);
    const M *from = reinterpret_cast<const M *>(lanes.host[0]);
    HEDDLE_LANES(i) d[i] = static_cast<R>(from[i]);
    return;
  }
  for (unsigned k = 0; k < inst.count; ++k) {
    R *d = warp.lanes<R>(inst.op[k]);
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(lanes.mask, i))
        d[i] = static_cast<R>(reinterpret_cast<const M *>(lanes.host[i])[k]);
  }
}

template <typename M, typename R> HEDDLE_KERNEL_ACCESS void store(Warp &warp, const Inst &inst, uint32_t mask) {
  LaneMemory lanes;
  resolveLanes(warp, inst, 0, mask, AccessKind::Write, lanes);
  if (lanes.isContiguous && inst.count == 1) {
    const R *a = warp.lanes<R>(inst.op[1]);
    M *to = reinterpret_cast<M *>(lanes.host[0]);
    HEDDLE_LANES(i) to[i] = static_cast<M>(a[i]);
    return;
  }
  for (unsigned k = 0; k < inst.count; ++k) {
    const R *a = warp.lanes<R>(inst.op[1 + k]);
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(lanes.mask, i))
        reinterpret_cast<M *>(lanes.host[i])[k] = static_cast<M>(a[i]);
  }
}

/// Parameters and other addresses that are the same for all lanes: one read, copied.
template <typename M, typename R> void loadUniform(Warp &warp, const Inst &inst, uint32_t mask) {
  bool isUniform = inst.op[inst.count].isConstant;
  if (!isUniform)
    return load<M, R>(warp, inst, mask);
  LaneMemory lanes;
  resolveLanes(warp, inst, inst.count, mask & -mask, AccessKind::Read, lanes);
  if (lanes.mask == 0)
    return;
  const M *from = reinterpret_cast<const M *>(lanes.host[std::countr_zero(lanes.mask)]);
  for (unsigned k = 0; k < inst.count; ++k) {
    R *d = warp.lanes<R>(inst.op[k]);
    auto value = static_cast<R>(from[k]);
    HEDDLE_LANES(i) d[i] = isActive(mask, i) ? value : d[i];
  }
}

template <typename M, typename R> struct LoadFor {
  static constexpr Handler handler = &load<M, R>;
};
template <typename M, typename R> struct LoadUniformFor {
  static constexpr Handler handler = &loadUniform<M, R>;
};
template <typename M, typename R> struct StoreFor {
  static constexpr Handler handler = &store<M, R>;
};

/// Which handler serves depends on the register's width, known once the operands are bound: this one looks it up.
template <template <typename, typename> typename Family, typename M>
void byRegister(Warp &warp, const Inst &inst, uint32_t mask) {
  if constexpr (sizeof(M) <= 2)
    if (inst.registerBytes[0] == 2)
      return Family<M, std::conditional_t<std::is_signed_v<M>, int16_t, uint16_t>>::handler(warp, inst, mask);
  if constexpr (sizeof(M) <= 4)
    if (inst.registerBytes[0] == 4)
      return Family<M, std::conditional_t<std::is_signed_v<M>, int32_t, uint32_t>>::handler(warp, inst, mask);
  Family<M, std::conditional_t<std::is_signed_v<M>, int64_t, uint64_t>>::handler(warp, inst, mask);
}

template <template <typename, typename> typename Family> Handler forMemoryType(PtxType type) {
  if (type == PtxType::S8)
    return &byRegister<Family, int8_t>;
  if (type == PtxType::S16)
    return &byRegister<Family, int16_t>;
  if (type == PtxType::S32)
    return &byRegister<Family, int32_t>;
  switch (byteWidth(type)) {
  case 1:
    return &byRegister<Family, uint8_t>;
  case 2:
    return &byRegister<Family, uint16_t>;
  case 4:
    return &byRegister<Family, uint32_t>;
  default:
    return &byRegister<Family, uint64_t>;
  }
}

/// Reads space, vector and type of a load or store. \returns false if a modifier does not go with it.
bool readModifiers(const Modifiers &modifiers, Inst &inst) {
  inst.space = spaceFrom(modifiers);
  inst.bytes = static_cast<uint8_t>(byteWidth(modifiers.types[0]));
  inst.count = modifiers.has(".v2") ? 2 : modifiers.has(".v4") ? 4 : 1;
  bool isNonCoherent = modifiers.has(".nc");
  return inst.bytes * inst.count <= 16 && (!isNonCoherent || inst.space == PtxSpace::Global);
}

void nothing(Warp &, const Inst &, uint32_t) {}

} // namespace

PtxSpace spaceFrom(const Modifiers &modifiers) {
  if (modifiers.has(".global"))
    return PtxSpace::Global;
  if (modifiers.has(".shared") || modifiers.has(".shared::cta"))
    return PtxSpace::Shared;
  if (modifiers.has(".local"))
    return PtxSpace::Local;
  if (modifiers.has(".const"))
    return PtxSpace::Const;
  bool isParam = modifiers.has(".param") || modifiers.has(".param::entry");
  return isParam ? PtxSpace::Param : PtxSpace::Generic;
}

Handler selectLoad(const Modifiers &modifiers, Inst &inst) {
  if (!readModifiers(modifiers, inst) || modifiers.has(".release") || modifiers.has(".acq_rel"))
    return nullptr;
  PtxType type = modifiers.types[0];
  return inst.space == PtxSpace::Param ? forMemoryType<LoadUniformFor>(type) : forMemoryType<LoadFor>(type);
}

Handler selectStore(const Modifiers &modifiers, Inst &inst) {
  if (!readModifiers(modifiers, inst) || modifiers.has(".acquire") || modifiers.has(".acq_rel"))
    return nullptr;
  return forMemoryType<StoreFor>(modifiers.types[0]);
}

/// Fences order accesses that are in order here anyway, and prefetches change no value.
Handler selectNothing(const Modifiers &, Inst &) { return &nothing; }

} // namespace heddle::sim
