// Atomics: lane after lane, in the order of lanes. Where the order of blocks matters, they run one after the other.
#include "runtime/sim/Half.h"
#include "runtime/sim/LaneMemory.h"
#include "runtime/sim/Lanes.h"

namespace heddle::sim {
namespace {

struct Add {
  template <typename T> static T apply(T old, T b) { return static_cast<T>(old + b); }
};
struct Min {
  template <typename T> static T apply(T old, T b) { return b < old ? b : old; }
};
struct Max {
  template <typename T> static T apply(T old, T b) { return b > old ? b : old; }
};
struct And {
  template <typename T> static T apply(T old, T b) { return old & b; }
};
struct Or {
  template <typename T> static T apply(T old, T b) { return old | b; }
};
struct Xor {
  template <typename T> static T apply(T old, T b) { return old ^ b; }
};
struct Exchange {
  template <typename T> static T apply(T, T b) { return b; }
};
struct Increment {
  template <typename T> static T apply(T old, T b) { return old >= b ? 0 : old + 1; }
};
struct Decrement {
  template <typename T> static T apply(T old, T b) { return old == 0 || old > b ? b : old - 1; }
};
template <typename H> struct AddHalf {
  static uint16_t apply(uint16_t old, uint16_t b) { return H::store(H::load(old) + H::load(b)); }
};
template <typename H> struct AddHalves {
  static uint32_t apply(uint32_t old, uint32_t b) {
    auto low = AddHalf<H>::apply(static_cast<uint16_t>(old), static_cast<uint16_t>(b));
    uint32_t high = AddHalf<H>::apply(static_cast<uint16_t>(old >> 16), static_cast<uint16_t>(b >> 16));
    return high << 16 | low;
  }
};

/// *cell = Op::apply(*cell, b), atomic among the host's threads. \returns the old value.
template <typename Op, typename T> T update(T *cell, T b) {
  T old;
  __atomic_load(cell, &old, __ATOMIC_RELAXED);
  for (;;) {
    auto desired = static_cast<T>(Op::apply(old, b));
    if (__atomic_compare_exchange(cell, &old, &desired, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return old;
  }
}

/// Operands: result (if `hasResult`), address, value.
template <typename Op, typename T, bool hasResult> void atomic(Warp &warp, const Inst &inst, uint32_t mask) {
  constexpr unsigned addressOperand = hasResult ? 1 : 0;
  LaneMemory lanes;
  resolveLanes(warp, inst, addressOperand, mask, AccessKind::Atomic, lanes);
  const T *b = warp.lanes<T>(inst.op[addressOperand + 1]);
  T results[32];
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(lanes.mask, i))
      results[i] = update<Op>(reinterpret_cast<T *>(lanes.host[i]), b[i]);
  if constexpr (hasResult) {
    T *d = warp.lanes<T>(inst.op[0]);
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(lanes.mask, i))
        d[i] = results[i];
  }
}

template <typename T> void compareAndSwap(Warp &warp, const Inst &inst, uint32_t mask) {
  LaneMemory lanes;
  resolveLanes(warp, inst, 1, mask, AccessKind::Atomic, lanes);
  T *d = warp.lanes<T>(inst.op[0]);
  const T *expected = warp.lanes<T>(inst.op[2]), *desired = warp.lanes<T>(inst.op[3]);
  for (unsigned i = 0; i < 32; ++i) {
    if (!isActive(lanes.mask, i))
      continue;
    T *cell = reinterpret_cast<T *>(lanes.host[i]);
    T old = *cell;
    if (old == expected[i])
      *cell = desired[i];
    d[i] = old;
  }
}

/// The handler of Op for a type of 4 or 8 bytes; null for any other.
template <bool hasResult, typename Op> Handler forOrdered(PtxType type) {
  return forIntegerType(type, []<typename T>(T) -> Handler {
    if constexpr (sizeof(T) == 2)
      return nullptr;
    else
      return &atomic<Op, T, hasResult>;
  });
}

template <bool hasResult> Handler forAdd(PtxType type) {
  switch (type) {
  case PtxType::F32:
    return &atomic<Add, float, hasResult>;
  case PtxType::F64:
    return &atomic<Add, double, hasResult>;
  case PtxType::F16:
    return &atomic<AddHalf<F16>, uint16_t, hasResult>;
  case PtxType::BF16:
    return &atomic<AddHalf<BF16>, uint16_t, hasResult>;
  case PtxType::F16x2:
    return &atomic<AddHalves<F16>, uint32_t, hasResult>;
  case PtxType::BF16x2:
    return &atomic<AddHalves<BF16>, uint32_t, hasResult>;
  default:
    return forOrdered<hasResult, Add>(type);
  }
}

/// Which of the operations a type admits: arithmetic on numbers, logic and exchange on bits.
template <bool hasResult> Handler findAtomic(const Modifiers &modifiers, Inst &inst) {
  PtxType type = modifiers.types[0];
  inst.space = spaceFrom(modifiers);
  inst.bytes = static_cast<uint8_t>(byteWidth(type));
  inst.isAtomic = true;
  bool isBits = classOf(type) == 'b', isInteger = isBits || classOf(type) == 'u' || classOf(type) == 's';
  inst.isCommutative = isInteger && !modifiers.has(".exch") && !modifiers.has(".inc") && !modifiers.has(".dec");
  if (modifiers.has(".add"))
    return isBits ? nullptr : forAdd<hasResult>(type);
  if (classOf(type) == 'f' || classOf(type) == 'x')
    return nullptr;
  if (modifiers.has(".min"))
    return isBits ? nullptr : forOrdered<hasResult, Min>(type);
  if (modifiers.has(".max"))
    return isBits ? nullptr : forOrdered<hasResult, Max>(type);
  if (modifiers.has(".inc"))
    return type == PtxType::U32 ? &atomic<Increment, uint32_t, hasResult> : nullptr;
  if (modifiers.has(".dec"))
    return type == PtxType::U32 ? &atomic<Decrement, uint32_t, hasResult> : nullptr;
  if (!isBits)
    return nullptr;
  if (modifiers.has(".and"))
    return forOrdered<hasResult, And>(type);
  if (modifiers.has(".or"))
    return forOrdered<hasResult, Or>(type);
  return modifiers.has(".xor") ? forOrdered<hasResult, Xor>(type) : forOrdered<hasResult, Exchange>(type);
}

} // namespace

Handler selectAtomic(const Modifiers &modifiers, Inst &inst) { return findAtomic<true>(modifiers, inst); }
Handler selectReduction(const Modifiers &modifiers, Inst &inst) { return findAtomic<false>(modifiers, inst); }

Handler selectCompareAndSwap(const Modifiers &modifiers, Inst &inst) {
  inst.space = spaceFrom(modifiers);
  inst.bytes = static_cast<uint8_t>(byteWidth(modifiers.types[0]));
  inst.isAtomic = true;
  return forWidth(inst.bytes, []<typename T>(T) -> Handler { return &compareAndSwap<T>; });
}

} // namespace heddle::sim
