// f16 and bf16 arithmetic, single and in pairs: each result is the exact one, rounded once.
#include "runtime/sim/Half.h"
#include "runtime/sim/Lanes.h"
#include "runtime/sim/NarrowFloat.h"
#include <cmath>

namespace heddle::sim {
namespace {

/// A register of one half per lane, or of two.
template <unsigned perLane> bool isHalfActive(uint32_t mask, unsigned i) { return isActive(mask, i / perLane); }

template <typename H, bool sat, bool relu> uint16_t finish(float value) {
  if constexpr (sat)
    value = value > 0 ? (value < 1 ? value : 1.0f) : 0.0f;
  if constexpr (relu)
    value = value > 0 || std::isnan(value) ? value : 0.0f;
  return H::store(value);
}

/// float has twice the bits of a half and two more, so rounding twice is rounding once for + - *.
struct Add {
  static float apply(float a, float b) { return a + b; }
};
struct Sub {
  static float apply(float a, float b) { return a - b; }
};
struct Mul {
  static float apply(float a, float b) { return a * b; }
};
template <bool isMin, bool keepNaN> struct MinMax {
  static float apply(float a, float b) {
    if (std::isnan(a) || std::isnan(b))
      return keepNaN ? a + b : std::isnan(a) ? b : a;
    if (a == b)
      return std::signbit(a) == isMin ? a : b;
    return (a < b) == isMin ? a : b;
  }
};

template <typename Op, typename H, unsigned perLane, bool sat>
void halves2(Warp &warp, const Inst &inst, uint32_t mask) {
  uint16_t *d = warp.lanes<uint16_t>(inst.op[0]);
  const uint16_t *a = warp.lanes<uint16_t>(inst.op[1]), *b = warp.lanes<uint16_t>(inst.op[2]);
  for (unsigned i = 0; i < 32 * perLane; ++i)
    if (isHalfActive<perLane>(mask, i))
      d[i] = finish<H, sat, false>(Op::apply(H::load(a[i]), H::load(b[i])));
}

template <typename H, unsigned perLane, bool sat, bool relu>
void halvesFma(Warp &warp, const Inst &inst, uint32_t mask) {
  uint16_t *d = warp.lanes<uint16_t>(inst.op[0]);
  const uint16_t *a = warp.lanes<uint16_t>(inst.op[1]), *b = warp.lanes<uint16_t>(inst.op[2]);
  const uint16_t *c = warp.lanes<uint16_t>(inst.op[3]);
  for (unsigned i = 0; i < 32 * perLane; ++i) {
    if (!isHalfActive<perLane>(mask, i))
      continue;
    double exact = fmaToOdd(H::load(a[i]), H::load(b[i]), H::load(c[i]));
    float value = H::load(roundToHalf<H>(exact, Rounding::Nearest));
    d[i] = finish<H, sat, relu>(value);
  }
}

template <typename Op, typename H, unsigned perLane> void halves1(Warp &warp, const Inst &inst, uint32_t mask) {
  uint16_t *d = warp.lanes<uint16_t>(inst.op[0]);
  const uint16_t *a = warp.lanes<uint16_t>(inst.op[1]);
  for (unsigned i = 0; i < 32 * perLane; ++i)
    if (isHalfActive<perLane>(mask, i))
      d[i] = Op::template apply<H>(a[i]);
}

struct Abs {
  template <typename H> static uint16_t apply(uint16_t a) { return a & 0x7fff; }
};
struct Neg {
  template <typename H> static uint16_t apply(uint16_t a) { return a ^ 0x8000; }
};
struct Ex2 {
  template <typename H> static uint16_t apply(uint16_t a) { return H::store(std::exp2(H::load(a))); }
};
struct Tanh {
  template <typename H> static uint16_t apply(uint16_t a) { return H::store(std::tanh(H::load(a))); }
};

/// Calls `make` with the format and the number of halves per lane of a type.
template <typename Make> Handler forHalfType(PtxType type, Make make) {
  using One = std::integral_constant<unsigned, 1>;
  using Two = std::integral_constant<unsigned, 2>;
  switch (type) {
  case PtxType::F16:
    return make(F16(), One());
  case PtxType::F16x2:
    return make(F16(), Two());
  case PtxType::BF16:
    return make(BF16(), One());
  case PtxType::BF16x2:
    return make(BF16(), Two());
  default:
    return nullptr;
  }
}

/// `.ftz` on halves is not modelled, so it is refused.
template <typename Op> Handler binary(const Modifiers &modifiers) {
  if (modifiers.has(".ftz"))
    return nullptr;
  bool sat = modifiers.has(".sat");
  return forHalfType(modifiers.types[0], [=]<typename H, unsigned n>(H, std::integral_constant<unsigned, n>) {
    return sat ? Handler(&halves2<Op, H, n, true>) : Handler(&halves2<Op, H, n, false>);
  });
}

template <typename Op> Handler unary(const Modifiers &modifiers) {
  bool isExact = !modifiers.has(".approx");
  if (isExact && modifiers.has(".ftz"))
    return nullptr;
  return forHalfType(modifiers.types[0], []<typename H, unsigned n>(H, std::integral_constant<unsigned, n>) {
    return Handler(&halves1<Op, H, n>);
  });
}

template <bool isMin> Handler minMax(const Modifiers &modifiers) {
  return modifiers.has(".NaN") ? binary<MinMax<isMin, true>>(modifiers) : binary<MinMax<isMin, false>>(modifiers);
}

} // namespace

Handler selectHalfAdd(const Modifiers &modifiers, Inst &) { return binary<Add>(modifiers); }
Handler selectHalfSub(const Modifiers &modifiers, Inst &) { return binary<Sub>(modifiers); }
Handler selectHalfMul(const Modifiers &modifiers, Inst &) { return binary<Mul>(modifiers); }
Handler selectHalfMin(const Modifiers &modifiers, Inst &) { return minMax<true>(modifiers); }
Handler selectHalfMax(const Modifiers &modifiers, Inst &) { return minMax<false>(modifiers); }
Handler selectHalfAbs(const Modifiers &modifiers, Inst &) { return unary<Abs>(modifiers); }
Handler selectHalfNeg(const Modifiers &modifiers, Inst &) { return unary<Neg>(modifiers); }
Handler selectHalfEx2(const Modifiers &modifiers, Inst &) { return unary<Ex2>(modifiers); }
Handler selectHalfTanh(const Modifiers &modifiers, Inst &) { return unary<Tanh>(modifiers); }

Handler selectHalfFma(const Modifiers &modifiers, Inst &) {
  if (modifiers.has(".ftz"))
    return nullptr;
  bool sat = modifiers.has(".sat"), relu = modifiers.has(".relu");
  return forHalfType(modifiers.types[0], [=]<typename H, unsigned n>(H, std::integral_constant<unsigned, n>) {
    if (sat)
      return Handler(&halvesFma<H, n, true, false>);
    return relu ? Handler(&halvesFma<H, n, false, true>) : Handler(&halvesFma<H, n, false, false>);
  });
}

} // namespace heddle::sim
