// f32 and f64 arithmetic.
#include "runtime/sim/Half.h"
#include "runtime/sim/Lanes.h"
#include <cmath>

namespace heddle::sim {
namespace {

template <typename T> using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
template <typename T>
constexpr BitsOf<T> canonicalBits = sizeof(T) == 4 ? BitsOf<T>(canonicalNaN32) : BitsOf<T>(0x7fffffffffffffffull);

/// A NaN that an f32 operation makes is 0x7fffffff. f64 operations keep the operand's, as the hardware does. The test
/// is on bits: to a C++ compiler all NaNs are alike, and it may drop the selection of one.
template <typename T> T canonical(T value) {
  if constexpr (sizeof(T) == 4) {
    auto bits = std::bit_cast<uint32_t>(value);
    return std::bit_cast<float>((bits & 0x7fffffff) > 0x7f800000 ? canonicalNaN32 : bits);
  } else {
    return value;
  }
}

/// `.ftz`: subnormals count as zeros of their sign.
template <bool ftz, typename T> T flush(T value) {
  if constexpr (ftz && sizeof(T) == 4) {
    uint32_t bits = std::bit_cast<uint32_t>(value);
    return (bits & 0x7f800000) == 0 ? std::bit_cast<T>(bits & 0x80000000) : value;
  } else {
    return value;
  }
}

template <bool sat, typename T> T clampUnit(T value) {
  if constexpr (sat)
    return value > 0 ? (value < 1 ? value : T(1)) : T(0); // NaN gives 0.
  else
    return value;
}

struct Add {
  template <typename T> static T apply(T a, T b) { return a + b; }
};
struct Sub {
  template <typename T> static T apply(T a, T b) { return a - b; }
};
struct Mul {
  template <typename T> static T apply(T a, T b) { return a * b; }
};
struct Div {
  template <typename T> static T apply(T a, T b) { return a / b; }
};
struct Fma {
  template <typename T> static T apply(T a, T b, T c) { return std::fma(a, b, c); }
};
struct Sqrt { // std::sqrt would set errno, lane by lane.
  template <typename T> static T apply(T a) { return __builtin_elementwise_sqrt(a); }
};
struct Rcp {
  template <typename T> static T apply(T a) { return T(1) / a; }
};
struct Rsqrt {
  template <typename T> static T apply(T a) { return static_cast<T>(1 / std::sqrt(double(a))); }
};
struct Ex2 {
  template <typename T> static T apply(T a) { return std::exp2(a); }
};
struct Lg2 {
  template <typename T> static T apply(T a) { return std::log2(a); }
};
struct Sin {
  template <typename T> static T apply(T a) { return std::sin(a); }
};
struct Cos {
  template <typename T> static T apply(T a) { return std::cos(a); }
};
struct Tanh {
  template <typename T> static T apply(T a) { return std::tanh(a); }
};

/// An operation with what its modifiers add.
template <typename Op, bool ftz, bool sat> struct Modified {
  template <typename... T> static auto apply(T... values) {
    return clampUnit<sat>(flush<ftz>(canonical(Op::apply(flush<ftz>(values)...))));
  }
};

template <Handler inner> void inRounding(Warp &warp, const Inst &inst, uint32_t mask) {
  RoundingScope scope(inst.rounding);
  inner(warp, inst, mask);
}

template <Handler plain> Handler withRounding(const Inst &inst) {
  return inst.rounding == Rounding::Nearest ? plain : &inRounding<plain>;
}

template <typename Op, bool ftz, bool sat, int operands, typename T> Handler modified(const Inst &inst) {
  using M = Modified<Op, ftz, sat>;
  if constexpr (operands == 1)
    return withRounding<&lanes1<M, T, T>>(inst);
  else if constexpr (operands == 2)
    return withRounding<&lanes2<M, T, T>>(inst);
  else
    return withRounding<&lanes3<M, T, T>>(inst);
}

void readRounding(const Modifiers &modifiers, Inst &inst) {
  if (modifiers.has(".rz"))
    inst.rounding = Rounding::Zero;
  else if (modifiers.has(".rm"))
    inst.rounding = Rounding::Down;
  else if (modifiers.has(".rp"))
    inst.rounding = Rounding::Up;
}

/// `.ftz` and `.sat` exist for f32 only, but for `rcp.approx.ftz.f64` and `rsqrt.approx.ftz.f64`.
template <typename Op, int operands> Handler arithmetic(const Modifiers &modifiers, Inst &inst) {
  readRounding(modifiers, inst);
  bool ftz = modifiers.has(".ftz"), sat = modifiers.has(".sat");
  if (modifiers.types[0] == PtxType::F64) {
    bool isAllowed = !sat && (!ftz || modifiers.has(".approx"));
    return isAllowed ? modified<Op, false, false, operands, double>(inst) : nullptr;
  }
  if (ftz)
    return sat ? modified<Op, true, true, operands, float>(inst) : modified<Op, true, false, operands, float>(inst);
  return sat ? modified<Op, false, true, operands, float>(inst) : modified<Op, false, false, operands, float>(inst);
}

/// One NaN gives the other operand, two NaNs the canonical one; -0 is below +0.
template <bool isMin, bool ftz, bool keepNaN> struct MinMax {
  template <typename T> static T apply(T a, T b) {
    a = flush<ftz>(a);
    b = flush<ftz>(b);
    auto bitsA = std::bit_cast<BitsOf<T>>(a), bitsB = std::bit_cast<BitsOf<T>>(b);
    T equal = std::bit_cast<T>(isMin ? bitsA | bitsB : bitsA & bitsB);
    T ordered = (isMin ? a < b : a > b) ? a : b;
    T result = a == b ? equal : ordered;
    bool nanA = std::isnan(a), nanB = std::isnan(b);
    result = nanA ? b : nanB ? a : result;
    bool isNaN = keepNaN ? nanA || nanB : nanA && nanB;
    return isNaN ? std::bit_cast<T>(canonicalBits<T>) : result;
  }
};

template <bool isMin> Handler minMax(const Modifiers &modifiers) {
  bool ftz = modifiers.has(".ftz"), keepNaN = modifiers.has(".NaN");
  if (modifiers.types[0] == PtxType::F64)
    return ftz || keepNaN ? nullptr : &lanes2<MinMax<isMin, false, false>, double, double>;
  if (ftz)
    return keepNaN ? &lanes2<MinMax<isMin, true, true>, float, float>
                   : &lanes2<MinMax<isMin, true, false>, float, float>;
  return keepNaN ? &lanes2<MinMax<isMin, false, true>, float, float>
                 : &lanes2<MinMax<isMin, false, false>, float, float>;
}

template <bool ftz> struct Abs {
  template <typename T> static T apply(T a) { return flush<ftz>(std::fabs(a)); }
};
template <bool ftz> struct Neg {
  template <typename T> static T apply(T a) { return flush<ftz>(-a); }
};

template <template <bool> typename Op> Handler signOperation(const Modifiers &modifiers) {
  bool ftz = modifiers.has(".ftz");
  if (modifiers.types[0] == PtxType::F64)
    return ftz ? nullptr : &lanes1<Op<false>, double, double>;
  return ftz ? &lanes1<Op<true>, float, float> : &lanes1<Op<false>, float, float>;
}

/// The sign of a with the magnitude of b.
struct Copysign {
  template <typename T> static T apply(T a, T b) {
    return (a & T(T(1) << (8 * sizeof(T) - 1))) | (b & (T(~T(0)) >> 1));
  }
};

struct IsFinite {
  template <typename T> static bool apply(T a, T) { return std::isfinite(a); }
};
struct IsInfinite {
  template <typename T> static bool apply(T a, T) { return std::isinf(a); }
};
struct IsNumber {
  template <typename T> static bool apply(T a, T) { return !std::isnan(a); }
};
struct IsNaN {
  template <typename T> static bool apply(T a, T) { return std::isnan(a); }
};
/// Zeros count as normal.
struct IsNormal {
  template <typename T> static bool apply(T a, T) { return a == 0 || std::isnormal(a); }
};
struct IsSubnormal {
  template <typename T> static bool apply(T a, T) { return std::fpclassify(a) == FP_SUBNORMAL; }
};

template <typename Op, typename T> void testLanes(Warp &warp, const Inst &inst, uint32_t mask) {
  const T *a = warp.lanes<T>(inst.op[1]);
  setPredicate(warp, inst.op[0], compareLanes<Op, T>(a, a), mask);
}

template <typename Op> Handler test(PtxType type) {
  return type == PtxType::F64 ? &testLanes<Op, double> : &testLanes<Op, float>;
}

} // namespace

Handler selectFloatAdd(const Modifiers &modifiers, Inst &inst) { return arithmetic<Add, 2>(modifiers, inst); }
Handler selectFloatSub(const Modifiers &modifiers, Inst &inst) { return arithmetic<Sub, 2>(modifiers, inst); }
Handler selectFloatMul(const Modifiers &modifiers, Inst &inst) { return arithmetic<Mul, 2>(modifiers, inst); }
Handler selectFloatDiv(const Modifiers &modifiers, Inst &inst) { return arithmetic<Div, 2>(modifiers, inst); }
Handler selectFma(const Modifiers &modifiers, Inst &inst) { return arithmetic<Fma, 3>(modifiers, inst); }
Handler selectSqrt(const Modifiers &modifiers, Inst &inst) { return arithmetic<Sqrt, 1>(modifiers, inst); }
Handler selectRcp(const Modifiers &modifiers, Inst &inst) { return arithmetic<Rcp, 1>(modifiers, inst); }
Handler selectRsqrt(const Modifiers &modifiers, Inst &inst) { return arithmetic<Rsqrt, 1>(modifiers, inst); }
Handler selectEx2(const Modifiers &modifiers, Inst &inst) { return arithmetic<Ex2, 1>(modifiers, inst); }
Handler selectLg2(const Modifiers &modifiers, Inst &inst) { return arithmetic<Lg2, 1>(modifiers, inst); }
Handler selectSin(const Modifiers &modifiers, Inst &inst) { return arithmetic<Sin, 1>(modifiers, inst); }
Handler selectCos(const Modifiers &modifiers, Inst &inst) { return arithmetic<Cos, 1>(modifiers, inst); }
Handler selectTanh(const Modifiers &modifiers, Inst &inst) { return arithmetic<Tanh, 1>(modifiers, inst); }
Handler selectFloatMin(const Modifiers &modifiers, Inst &) { return minMax<true>(modifiers); }
Handler selectFloatMax(const Modifiers &modifiers, Inst &) { return minMax<false>(modifiers); }
Handler selectFloatAbs(const Modifiers &modifiers, Inst &) { return signOperation<Abs>(modifiers); }
Handler selectFloatNeg(const Modifiers &modifiers, Inst &) { return signOperation<Neg>(modifiers); }

Handler selectCopysign(const Modifiers &modifiers, Inst &) {
  return modifiers.types[0] == PtxType::F64 ? &lanes2<Copysign, uint64_t, uint64_t>
                                            : &lanes2<Copysign, uint32_t, uint32_t>;
}

Handler selectTestp(const Modifiers &modifiers, Inst &) {
  PtxType type = modifiers.types[0];
  if (modifiers.has(".finite"))
    return test<IsFinite>(type);
  if (modifiers.has(".infinite"))
    return test<IsInfinite>(type);
  if (modifiers.has(".number"))
    return test<IsNumber>(type);
  if (modifiers.has(".notanumber"))
    return test<IsNaN>(type);
  return modifiers.has(".normal") ? test<IsNormal>(type) : test<IsSubnormal>(type);
}

} // namespace heddle::sim
