// Templates that make a handler from an operation on one lane's values.
#ifndef HEDDLE_RUNTIME_SIM_LANES_H
#define HEDDLE_RUNTIME_SIM_LANES_H

#include "runtime/sim/Execution.h"
#include "runtime/sim/OpcodeTable.h"
#include <immintrin.h>
#include <type_traits>

namespace heddle::sim {

inline bool isActive(uint32_t mask, unsigned lane) { return mask >> lane & 1; }

/// Operands either are the same register or do not overlap (FrameLayout), so that lanes are independent.
// NOLINTBEGIN(bugprone-macro-parentheses): LANE is declared here.
#define HEDDLE_LANES(LANE)                                                                                             \
  _Pragma("clang loop vectorize(assume_safety) interleave(disable)") for (unsigned LANE = 0; LANE < 32; ++LANE)
// NOLINTEND(bugprone-macro-parentheses)

/// D = Op::apply(A).
template <typename Op, typename D, typename A> void lanes1(Warp &warp, const Inst &inst, uint32_t mask) {
  D *d = warp.lanes<D>(inst.op[0]);
  const A *a = warp.lanes<A>(inst.op[1]);
  if (mask == ~0u) {
    HEDDLE_LANES(i) d[i] = static_cast<D>(Op::apply(a[i]));
    return;
  }
  HEDDLE_LANES(i) {
    D r = static_cast<D>(Op::apply(a[i]));
    d[i] = isActive(mask, i) ? r : d[i];
  }
}

/// D = Op::apply(A, B).
template <typename Op, typename D, typename A, typename B = A>
void lanes2(Warp &warp, const Inst &inst, uint32_t mask) {
  D *d = warp.lanes<D>(inst.op[0]);
  const A *a = warp.lanes<A>(inst.op[1]);
  const B *b = warp.lanes<B>(inst.op[2]);
  if (mask == ~0u) {
    HEDDLE_LANES(i) d[i] = static_cast<D>(Op::apply(a[i], b[i]));
    return;
  }
  HEDDLE_LANES(i) {
    D r = static_cast<D>(Op::apply(a[i], b[i]));
    d[i] = isActive(mask, i) ? r : d[i];
  }
}

/// D = Op::apply(A, B, C).
template <typename Op, typename D, typename A, typename B = A, typename C = A>
void lanes3(Warp &warp, const Inst &inst, uint32_t mask) {
  D *d = warp.lanes<D>(inst.op[0]);
  const A *a = warp.lanes<A>(inst.op[1]);
  const B *b = warp.lanes<B>(inst.op[2]);
  const C *c = warp.lanes<C>(inst.op[3]);
  if (mask == ~0u) {
    HEDDLE_LANES(i) d[i] = static_cast<D>(Op::apply(a[i], b[i], c[i]));
    return;
  }
  HEDDLE_LANES(i) {
    D r = static_cast<D>(Op::apply(a[i], b[i], c[i]));
    d[i] = isActive(mask, i) ? r : d[i];
  }
}

/// The bits of a mask from 32 flags, each all ones or zero.
inline uint32_t packFlags(const int32_t (&flags)[32]) {
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(flags + 8 * i));
    result |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(eight))) << (8 * i);
  }
  return result;
}

/// Which of 32 pairs of lanes satisfy Op::apply(A, B).
template <typename Op, typename A> uint32_t compareLanes(const A *a, const A *b) {
  int32_t flags[32];
  HEDDLE_LANES(i) flags[i] = -static_cast<int32_t>(Op::apply(a[i], b[i]));
  return packFlags(flags);
}

/// Sets the active bits of a predicate.
inline void setPredicate(Warp &warp, Ref ref, uint32_t value, uint32_t mask) {
  uint32_t &predicate = warp.predicate(ref);
  predicate = (predicate & ~mask) | (value & mask);
}

/// Calls `make` with a value of the C++ integer type that stands for `type`; null if there is none.
template <typename Make> Handler forIntegerType(PtxType type, Make make) {
  switch (type) {
  case PtxType::U16:
  case PtxType::B16:
    return make(uint16_t());
  case PtxType::U32:
  case PtxType::B32:
    return make(uint32_t());
  case PtxType::U64:
  case PtxType::B64:
    return make(uint64_t());
  case PtxType::S16:
    return make(int16_t());
  case PtxType::S32:
    return make(int32_t());
  case PtxType::S64:
    return make(int64_t());
  default:
    return nullptr;
  }
}

/// The same for registers of 2, 4 or 8 bytes whose meaning does not matter.
template <typename Make> Handler forWidth(unsigned bytes, Make make) {
  switch (bytes) {
  case 2:
    return make(uint16_t());
  case 4:
    return make(uint32_t());
  case 8:
    return make(uint64_t());
  default:
    return nullptr;
  }
}

/// Another rounding mode than to nearest for the enclosed operations, which work from memory to memory: both ends of
/// the scope bar memory accesses, so none of them can move out.
class RoundingScope {
public:
  explicit RoundingScope(Rounding rounding) : saved(_mm_getcsr()) {
    constexpr unsigned bits[] = {_MM_ROUND_NEAREST, _MM_ROUND_TOWARD_ZERO, _MM_ROUND_DOWN, _MM_ROUND_UP};
    _mm_setcsr((saved & ~unsigned(_MM_ROUND_MASK)) | bits[static_cast<unsigned>(rounding)]);
    asm volatile("" ::: "memory");
  }
  ~RoundingScope() {
    asm volatile("" ::: "memory");
    _mm_setcsr(saved);
  }
  RoundingScope(const RoundingScope &) = delete;
  RoundingScope &operator=(const RoundingScope &) = delete;

private:
  unsigned saved;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_LANES_H
