// Integer arithmetic.
#include "runtime/sim/Lanes.h"
#include <algorithm>
#include <limits>

namespace heddle::sim {
namespace {

template <typename T> using Unsigned = std::make_unsigned_t<T>;
template <typename T> struct WiderType {};
template <> struct WiderType<uint16_t> {
  using type = uint32_t;
};
template <> struct WiderType<int16_t> {
  using type = int32_t;
};
template <> struct WiderType<uint32_t> {
  using type = uint64_t;
};
template <> struct WiderType<int32_t> {
  using type = int64_t;
};
template <> struct WiderType<uint64_t> {
  using type = unsigned __int128;
};
template <> struct WiderType<int64_t> {
  using type = __int128;
};
template <typename T> using Wider = typename WiderType<T>::type;

struct Add {
  template <typename T> static T apply(T a, T b) { return static_cast<T>(Unsigned<T>(a) + Unsigned<T>(b)); }
};
struct Sub {
  template <typename T> static T apply(T a, T b) { return static_cast<T>(Unsigned<T>(a) - Unsigned<T>(b)); }
};
struct AddSaturated {
  static int32_t apply(int32_t a, int32_t b) {
    return static_cast<int32_t>(std::clamp<int64_t>(int64_t(a) + b, INT32_MIN, INT32_MAX));
  }
};
struct SubSaturated {
  static int32_t apply(int32_t a, int32_t b) {
    return static_cast<int32_t>(std::clamp<int64_t>(int64_t(a) - b, INT32_MIN, INT32_MAX));
  }
};
struct MulLo {
  template <typename T> static T apply(T a, T b) {
    return static_cast<T>(Unsigned<Wider<T>>(a) * Unsigned<Wider<T>>(b));
  }
};
template <> int64_t MulLo::apply(int64_t a, int64_t b) { return static_cast<int64_t>(uint64_t(a) * uint64_t(b)); }
template <> uint64_t MulLo::apply(uint64_t a, uint64_t b) { return a * b; }
struct MulHi {
  template <typename T> static T apply(T a, T b) {
    return static_cast<T>((static_cast<Wider<T>>(a) * static_cast<Wider<T>>(b)) >> (8 * sizeof(T)));
  }
};
struct MulWide {
  template <typename T> static Wider<T> apply(T a, T b) { return static_cast<Wider<T>>(a) * static_cast<Wider<T>>(b); }
};
struct MadLo {
  template <typename T> static T apply(T a, T b, T c) { return Add::apply<T>(MulLo::apply<T>(a, b), c); }
};
struct MadHi {
  template <typename T> static T apply(T a, T b, T c) { return Add::apply<T>(MulHi::apply<T>(a, b), c); }
};
struct MadWide {
  template <typename T> static Wider<T> apply(T a, T b, Wider<T> c) {
    return Add::apply<Wider<T>>(MulWide::apply<T>(a, b), c);
  }
};
/// Division by zero is undefined in PTX; the hardware gives all ones, and so does this.
struct Div {
  template <typename T> static T apply(T a, T b) {
    if (b == 0)
      return static_cast<T>(-1);
    if (std::is_signed_v<T> && b == static_cast<T>(-1))
      return Sub::apply<T>(0, a);
    return static_cast<T>(a / b);
  }
};
struct Rem {
  template <typename T> static T apply(T a, T b) {
    if (b == 0)
      return static_cast<T>(-1);
    if (std::is_signed_v<T> && b == static_cast<T>(-1))
      return 0;
    return static_cast<T>(a % b);
  }
};
struct Min {
  template <typename T> static T apply(T a, T b) { return a < b ? a : b; }
};
struct Max {
  template <typename T> static T apply(T a, T b) { return a > b ? a : b; }
};
struct Neg {
  template <typename T> static T apply(T a) { return Sub::apply<T>(0, a); }
};
struct Abs {
  template <typename T> static T apply(T a) { return a < 0 ? Sub::apply<T>(0, a) : a; }
};
struct Sad {
  template <typename T> static T apply(T a, T b, T c) {
    return Add::apply<T>(c, a < b ? Sub::apply<T>(b, a) : Sub::apply<T>(a, b));
  }
};

template <typename A, typename B> struct Dp4a {
  static uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    for (unsigned i = 0; i < 32; i += 8)
      c += static_cast<uint32_t>(int32_t(static_cast<A>(a >> i)) * int32_t(static_cast<B>(b >> i)));
    return c;
  }
};

template <typename Op> Handler binary(PtxType type) {
  return forIntegerType(type, []<typename T>(T) -> Handler { return &lanes2<Op, T, T>; });
}

template <typename Op> Handler select2(const Modifiers &modifiers, Inst &) { return binary<Op>(modifiers.types[0]); }

} // namespace

Handler selectIntegerAdd(const Modifiers &modifiers, Inst &) {
  if (modifiers.has(".sat"))
    return modifiers.types[0] == PtxType::S32 ? &lanes2<AddSaturated, int32_t, int32_t> : nullptr;
  return binary<Add>(modifiers.types[0]);
}

Handler selectIntegerSub(const Modifiers &modifiers, Inst &) {
  if (modifiers.has(".sat"))
    return modifiers.types[0] == PtxType::S32 ? &lanes2<SubSaturated, int32_t, int32_t> : nullptr;
  return binary<Sub>(modifiers.types[0]);
}

Handler selectIntegerDiv(const Modifiers &modifiers, Inst &inst) { return select2<Div>(modifiers, inst); }
Handler selectIntegerRem(const Modifiers &modifiers, Inst &inst) { return select2<Rem>(modifiers, inst); }
Handler selectIntegerMin(const Modifiers &modifiers, Inst &inst) { return select2<Min>(modifiers, inst); }
Handler selectIntegerMax(const Modifiers &modifiers, Inst &inst) { return select2<Max>(modifiers, inst); }

Handler selectIntegerMul(const Modifiers &modifiers, Inst &) {
  PtxType type = modifiers.types[0];
  if (modifiers.has(".lo"))
    return binary<MulLo>(type);
  if (modifiers.has(".hi"))
    return binary<MulHi>(type);
  return forIntegerType(type, []<typename T>(T) -> Handler {
    if constexpr (sizeof(T) == 8)
      return nullptr;
    else
      return &lanes2<MulWide, Wider<T>, T>;
  });
}

Handler selectIntegerMad(const Modifiers &modifiers, Inst &) {
  bool isLow = modifiers.has(".lo"), isHigh = modifiers.has(".hi");
  return forIntegerType(modifiers.types[0], [=]<typename T>(T) -> Handler {
    if (isLow)
      return &lanes3<MadLo, T, T>;
    if (isHigh)
      return &lanes3<MadHi, T, T>;
    if constexpr (sizeof(T) == 8)
      return nullptr;
    else
      return &lanes3<MadWide, Wider<T>, T, T, Wider<T>>;
  });
}

Handler selectIntegerAbs(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes1<Abs, T, T>; });
}

Handler selectIntegerNeg(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes1<Neg, T, T>; });
}

Handler selectSad(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes3<Sad, T, T>; });
}

Handler selectDp4a(const Modifiers &modifiers, Inst &) {
  bool signedA = modifiers.types[0] == PtxType::S32, signedB = modifiers.types[1] == PtxType::S32;
  if (signedA)
    return signedB ? &lanes3<Dp4a<int8_t, int8_t>, uint32_t, uint32_t>
                   : &lanes3<Dp4a<int8_t, uint8_t>, uint32_t, uint32_t>;
  return signedB ? &lanes3<Dp4a<uint8_t, int8_t>, uint32_t, uint32_t>
                 : &lanes3<Dp4a<uint8_t, uint8_t>, uint32_t, uint32_t>;
}

} // namespace heddle::sim
