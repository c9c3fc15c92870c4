// Moves, packing of registers, and conversion of addresses between state spaces.
#include "runtime/sim/AddressSpace.h"
#include "runtime/sim/Lanes.h"

namespace heddle::sim {
namespace {

struct Copy {
  template <typename T> static T apply(T a) { return a; }
};

void movePredicate(Warp &warp, const Inst &inst, uint32_t mask) {
  setPredicate(warp, inst.op[0], warp.predicate(inst.op[1]), mask);
}

/// The elements fill the whole from its low bits up.
void pack(Warp &warp, const Inst &inst, uint32_t mask) {
  unsigned bytes = inst.registerBytes[0], whole = bytes * inst.count;
  uint8_t *d = warp.lanes<uint8_t>(inst.op[0]);
  for (unsigned k = 0; k < inst.count; ++k) {
    const uint8_t *element = warp.lanes<uint8_t>(inst.op[1 + k]);
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(mask, i))
        std::memcpy(d + i * whole + k * bytes, element + i * bytes, bytes);
  }
}

void unpack(Warp &warp, const Inst &inst, uint32_t mask) {
  unsigned bytes = inst.registerBytes[0], whole = bytes * inst.count;
  const uint8_t *a = warp.lanes<uint8_t>(inst.op[inst.count]);
  for (unsigned k = 0; k < inst.count; ++k) {
    uint8_t *element = warp.lanes<uint8_t>(inst.op[k]);
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(mask, i))
        std::memcpy(element + i * bytes, a + i * whole + k * bytes, bytes);
  }
}

void addWindow(Warp &warp, const Inst &inst, uint32_t mask) {
  uint64_t *d = warp.lanes<uint64_t>(inst.op[0]);
  const uint64_t *a = warp.lanes<uint64_t>(inst.op[1]);
  auto window = static_cast<uint64_t>(inst.offset);
  HEDDLE_LANES(i) d[i] = isActive(mask, i) ? a[i] + window : d[i];
}

void isInSpace(Warp &warp, const Inst &inst, uint32_t mask) {
  const uint64_t *a = warp.lanes<uint64_t>(inst.op[1]);
  uint64_t window = windowBase(inst.space) >> addressOffsetBits;
  uint32_t result = 0;
  for (unsigned i = 0; i < 32; ++i) {
    uint64_t number = allocationNumber(a[i]);
    bool holds = window != 0 ? number == window : number >= firstAllocation;
    result |= static_cast<uint32_t>(holds) << i;
  }
  setPredicate(warp, inst.op[0], result, mask);
}

} // namespace

Handler selectMov(const Modifiers &modifiers, Inst &) {
  if (modifiers.types[0] == PtxType::Pred)
    return &movePredicate;
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler { return &lanes1<Copy, T, T>; });
}

Handler selectMovPack(const Modifiers &, Inst &) { return &pack; }
Handler selectMovUnpack(const Modifiers &, Inst &) { return &unpack; }

Handler selectCvta(const Modifiers &modifiers, Inst &inst) {
  inst.offset = static_cast<int64_t>(windowBase(spaceFrom(modifiers)));
  return &addWindow;
}

Handler selectCvtaTo(const Modifiers &modifiers, Inst &inst) {
  inst.offset = -static_cast<int64_t>(windowBase(spaceFrom(modifiers)));
  return &addWindow;
}

Handler selectIsspacep(const Modifiers &modifiers, Inst &inst) {
  inst.space = spaceFrom(modifiers);
  return modifiers.has(".const") ? nullptr : &isInSpace;
}

} // namespace heddle::sim
