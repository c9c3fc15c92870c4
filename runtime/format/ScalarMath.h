// The one definition of Heddle's scalar functions and conversions, for every device.
//
// What is here: exp exp2 expm1 sinh cosh tanh (ScalarExp), log log1p asinh acosh atanh pow (ScalarLog), sin cos tan
// asin acos atan (ScalarTrig), erf (ScalarErf), fmod and integer division (ScalarRemainder), small floats and
// conversions to integers (ScalarConvert), minimum maximum (ScalarBasics). Each is a template over its value type,
// instantiated with
//
//   - float and double, through ScalarMathPrimitives: evaluator and host functions;
//   - the same as CUDA device code, for NVRTC, nvcc and clang: there the includes vanish, and whoever embeds these
//   files
//     joins their texts in the order Primitives, Basics, Exp, Log, Trig, Erf, Remainder, Convert;
//   - value types that record operations, such as vectors of MLIR values: the CPU code generator.
//
// All of them round alike, bit for bit, for the same operations run in the same order: no library call, no fused
// operation but fma, no reassociation. f32 functions are within 2 ulp, f64's too (checked against 80-bit libm).
//
// Contract of a recording value type. In its own namespace, where argument-dependent lookup finds them, it provides for
// each float type F (32 or 64 bits wide), its bit pattern I of the same width and a condition B:
//
//   FloatTraits<F>                      specialized: Bits = I, width, fractionBits, bias
//   constant(F, double) -> F            constant(I, unsigned long long) -> I   (the first argument gives the type only)
//   F + - * / F, -F                     each rounded once
//   F < <= > >= == != F -> B            ordered, but != unordered
//   I + - & | ^ I, I == != I -> B, signedLess(I, I) -> B
//   shiftLeft shiftRight shiftRightSigned(I, int count)
//   both either(B, B), inverse(B)
//   select(B, F, F), select(B, I, I)
//   fma(F, F, F), sqrt abs roundEven trunc(F)
//   bitsOf(F) -> I, fromBits(I) -> F
//   toFloat(I) -> F                     signed
//   toInt32(F), toInt64(F)              truncates; the argument is in range
//   widen(F32) -> F64, narrow(F64) -> F32
//   rarely(B, F usual, slow) -> F       `slow` is a callable that builds the other value: a select, or a branch taken
//                                       where any lane needs it
//   quotient remainder addWrapping negateWrapping, constant, select, == < >
//                                       on integer elements, where ScalarRemainder's integer functions are used
//
// There is no branch on values: `if constexpr`, and plain `if` on parameters that are not values.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARMATH_H
#define HEDDLE_RUNTIME_FORMAT_SCALARMATH_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarBasics.h"
#include "runtime/format/ScalarConvert.h"
#include "runtime/format/ScalarErf.h"
#include "runtime/format/ScalarExp.h"
#include "runtime/format/ScalarLog.h"
#include "runtime/format/ScalarMathPrimitives.h"
#include "runtime/format/ScalarRemainder.h"
#include "runtime/format/ScalarTrig.h"
#endif

#endif // HEDDLE_RUNTIME_FORMAT_SCALARMATH_H
