// The primitive operations that ScalarMath is written in, for float and double.
//
// Compiles as host C++ and as CUDA device code (NVRTC, clang). No fused operation may be formed here or in the headers
// above but where fma is written: compile with -ffp-contract=off (clang) or -fmad=false (NVRTC).
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARMATHPRIMITIVES_H
#define HEDDLE_RUNTIME_FORMAT_SCALARMATHPRIMITIVES_H

#ifndef HEDDLE_FN
#if defined(__CUDACC__)
#define HEDDLE_FN __device__ inline
#elif defined(__CUDA__)
#define HEDDLE_FN __attribute__((device)) inline
#else
#define HEDDLE_FN inline
#endif
#endif

namespace heddle::scalar {

/// Bit patterns of float and double: unsigned, so that arithmetic wraps.
using Bits32 = unsigned int;
using Bits64 = unsigned long long;

/// The format of a float value type: the type of its bit patterns, its width, and the width of its stored fraction.
template <class T> struct FloatTraits;

template <> struct FloatTraits<float> {
  using Bits = Bits32;
  static constexpr int width = 32;
  static constexpr int fractionBits = 23;
  static constexpr int bias = 127;
};

template <> struct FloatTraits<double> {
  using Bits = Bits64;
  static constexpr int width = 64;
  static constexpr int fractionBits = 52;
  static constexpr int bias = 1023;
};

template <class T> inline constexpr bool isSingle = FloatTraits<T>::width == 32;

// A constant of the same type as the first argument, whose value does not matter.
HEDDLE_FN float constant(float, double value) { return static_cast<float>(value); }
HEDDLE_FN double constant(double, double value) { return value; }
HEDDLE_FN Bits32 constant(Bits32, Bits64 value) { return static_cast<Bits32>(value); }
HEDDLE_FN Bits64 constant(Bits64, Bits64 value) { return value; }

HEDDLE_FN float select(bool condition, float ifTrue, float ifFalse) { return condition ? ifTrue : ifFalse; }
HEDDLE_FN double select(bool condition, double ifTrue, double ifFalse) { return condition ? ifTrue : ifFalse; }
HEDDLE_FN Bits32 select(bool condition, Bits32 ifTrue, Bits32 ifFalse) { return condition ? ifTrue : ifFalse; }
HEDDLE_FN Bits64 select(bool condition, Bits64 ifTrue, Bits64 ifFalse) { return condition ? ifTrue : ifFalse; }

// Conditions.
HEDDLE_FN bool both(bool a, bool b) { return a && b; }
HEDDLE_FN bool either(bool a, bool b) { return a || b; }
HEDDLE_FN bool inverse(bool a) { return !a; }

/// `usual`, but where `condition` holds the value of `slow()`: an expensive path that few arguments take.
template <class T, class Slow> HEDDLE_FN T rarely(bool condition, T usual, Slow slow) {
  return condition ? slow() : usual;
}

// Shifts by a constant.
HEDDLE_FN Bits32 shiftLeft(Bits32 bits, int count) { return bits << count; }
HEDDLE_FN Bits64 shiftLeft(Bits64 bits, int count) { return bits << count; }
HEDDLE_FN Bits32 shiftRight(Bits32 bits, int count) { return bits >> count; }
HEDDLE_FN Bits64 shiftRight(Bits64 bits, int count) { return bits >> count; }
HEDDLE_FN Bits32 shiftRightSigned(Bits32 bits, int count) {
  return static_cast<Bits32>(static_cast<int>(bits) >> count);
}
HEDDLE_FN Bits64 shiftRightSigned(Bits64 bits, int count) {
  return static_cast<Bits64>(static_cast<long long>(bits) >> count);
}
HEDDLE_FN bool signedLess(Bits32 a, Bits32 b) { return static_cast<int>(a) < static_cast<int>(b); }
HEDDLE_FN bool signedLess(Bits64 a, Bits64 b) { return static_cast<long long>(a) < static_cast<long long>(b); }

// The signed integer as a float of the same width.
HEDDLE_FN float toFloat(Bits32 bits) { return static_cast<float>(static_cast<int>(bits)); }
HEDDLE_FN double toFloat(Bits64 bits) { return static_cast<double>(static_cast<long long>(bits)); }

// Truncation to a signed integer; the value must be in range.
HEDDLE_FN Bits32 toInt32(float value) { return static_cast<Bits32>(static_cast<int>(value)); }
HEDDLE_FN Bits32 toInt32(double value) { return static_cast<Bits32>(static_cast<int>(value)); }
HEDDLE_FN Bits64 toInt64(float value) { return static_cast<Bits64>(static_cast<long long>(value)); }
HEDDLE_FN Bits64 toInt64(double value) { return static_cast<Bits64>(static_cast<long long>(value)); }

HEDDLE_FN double widen(float value) { return value; }
HEDDLE_FN float narrow(double value) { return static_cast<float>(value); }

// Arithmetic of the integer element types. The divisor of `quotient` and `remainder` is neither 0 nor -1.
#define HEDDLE_INTEGER_PRIMITIVES(T, UNSIGNED)                                                                         \
  HEDDLE_FN T quotient(T a, T b) { return static_cast<T>(a / b); }                                                     \
  HEDDLE_FN T remainder(T a, T b) { return static_cast<T>(a % b); }                                                    \
  HEDDLE_FN T addWrapping(T a, T b) { return static_cast<T>(static_cast<UNSIGNED>(a) + static_cast<UNSIGNED>(b)); }    \
  HEDDLE_FN T negateWrapping(T a) { return static_cast<T>(static_cast<UNSIGNED>(0) - static_cast<UNSIGNED>(a)); }
#define HEDDLE_INTEGER_CONSTANTS(T)                                                                                    \
  HEDDLE_FN T constant(T, Bits64 value) { return static_cast<T>(value); }                                              \
  HEDDLE_FN T select(bool condition, T ifTrue, T ifFalse) { return condition ? ifTrue : ifFalse; }

HEDDLE_INTEGER_PRIMITIVES(signed char, unsigned)
HEDDLE_INTEGER_PRIMITIVES(unsigned char, unsigned)
HEDDLE_INTEGER_PRIMITIVES(short, unsigned)
HEDDLE_INTEGER_PRIMITIVES(unsigned short, unsigned)
HEDDLE_INTEGER_PRIMITIVES(int, unsigned)
HEDDLE_INTEGER_PRIMITIVES(unsigned, unsigned)
HEDDLE_INTEGER_PRIMITIVES(long, unsigned long)
HEDDLE_INTEGER_PRIMITIVES(unsigned long, unsigned long)
HEDDLE_INTEGER_PRIMITIVES(long long, unsigned long long)
HEDDLE_INTEGER_PRIMITIVES(unsigned long long, unsigned long long)
HEDDLE_INTEGER_CONSTANTS(signed char)
HEDDLE_INTEGER_CONSTANTS(unsigned char)
HEDDLE_INTEGER_CONSTANTS(short)
HEDDLE_INTEGER_CONSTANTS(unsigned short)
HEDDLE_INTEGER_CONSTANTS(int)
HEDDLE_INTEGER_CONSTANTS(long)
HEDDLE_INTEGER_CONSTANTS(unsigned long)
HEDDLE_INTEGER_CONSTANTS(long long)
#undef HEDDLE_INTEGER_PRIMITIVES
#undef HEDDLE_INTEGER_CONSTANTS

#if defined(__clang__)

HEDDLE_FN Bits32 bitsOf(float value) { return __builtin_bit_cast(Bits32, value); }
HEDDLE_FN Bits64 bitsOf(double value) { return __builtin_bit_cast(Bits64, value); }
HEDDLE_FN float fromBits(Bits32 bits) { return __builtin_bit_cast(float, bits); }
HEDDLE_FN double fromBits(Bits64 bits) { return __builtin_bit_cast(double, bits); }
// These builtins are instructions, never calls, whatever -fmath-errno says.
HEDDLE_FN float fma(float a, float b, float c) { return __builtin_elementwise_fma(a, b, c); }
HEDDLE_FN double fma(double a, double b, double c) { return __builtin_elementwise_fma(a, b, c); }
HEDDLE_FN float sqrt(float value) { return __builtin_elementwise_sqrt(value); }
HEDDLE_FN double sqrt(double value) { return __builtin_elementwise_sqrt(value); }
HEDDLE_FN float abs(float value) { return __builtin_elementwise_abs(value); }
HEDDLE_FN double abs(double value) { return __builtin_elementwise_abs(value); }
HEDDLE_FN float roundEven(float value) { return __builtin_elementwise_roundeven(value); }
HEDDLE_FN double roundEven(double value) { return __builtin_elementwise_roundeven(value); }
HEDDLE_FN float trunc(float value) { return __builtin_elementwise_trunc(value); }
HEDDLE_FN double trunc(double value) { return __builtin_elementwise_trunc(value); }

#else

HEDDLE_FN Bits32 bitsOf(float value) { return __float_as_uint(value); }
HEDDLE_FN Bits64 bitsOf(double value) { return static_cast<Bits64>(__double_as_longlong(value)); }
HEDDLE_FN float fromBits(Bits32 bits) { return __uint_as_float(bits); }
HEDDLE_FN double fromBits(Bits64 bits) { return __longlong_as_double(static_cast<long long>(bits)); }
HEDDLE_FN float fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
HEDDLE_FN double fma(double a, double b, double c) { return __fma_rn(a, b, c); }
HEDDLE_FN float sqrt(float value) { return __fsqrt_rn(value); }
HEDDLE_FN double sqrt(double value) { return __dsqrt_rn(value); }
HEDDLE_FN float abs(float value) { return ::fabsf(value); }
HEDDLE_FN double abs(double value) { return ::fabs(value); }
HEDDLE_FN float roundEven(float value) { return ::rintf(value); }
HEDDLE_FN double roundEven(double value) { return ::rint(value); }
HEDDLE_FN float trunc(float value) { return ::truncf(value); }
HEDDLE_FN double trunc(double value) { return ::trunc(value); }

#endif

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARMATHPRIMITIVES_H
