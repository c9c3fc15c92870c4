// The error function of ScalarMath.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARERF_H
#define HEDDLE_RUNTIME_FORMAT_SCALARERF_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarExp.h"
#endif

namespace heddle::scalar {

/// erf(a) / a - 1 in s = a^2 for a <= 1: 29.7 and 68.7 bits.
template <class T> HEDDLE_FN T erfSeries(T s) {
  if constexpr (isSingle<T>)
    return horner(s, 0x1.4ae4dp-14, -0x1.a485fp-11, 0x1.5419f6p-8, -0x1.b7fbb4p-6, 0x1.ce2d2p-4, -0x1.81273ep-2,
                  0x1.06eba8p-3);
  else
    return horner(s, -0x1.29e14842f8767p-38, 0x1.7f171f011fd79p-34, -0x1.4e635b40a397fp-30, 0x1.fc43f063b4a42p-27,
                  -0x1.5f6d9cc1c31e4p-23, 0x1.b9e6518e6129p-20, -0x1.f4d2562a1b01p-17, 0x1.f9a326c2d9822p-14,
                  -0x1.c02db3fef01d6p-11, 0x1.565bcd0e65195p-8, -0x1.b82ce312889c2p-6, 0x1.ce2f21a042bdep-4,
                  -0x1.812746b0379e7p-2, 0x1.06eba8214db69p-3);
}

/// e^(a^2) * erfc(a) in t = (a - 2.3) / (a + 2), for a in [1, 4.1] (31.0 bits) and [1, 6.05] (66.2 bits).
template <class T> HEDDLE_FN T scaledErfc(T t) {
  if constexpr (isSingle<T>)
    return horner(t, -0x1.24396p-11, -0x1.b5e406p-11, 0x1.2ad42ap-8, 0x1.2b4b94p-8, -0x1.ffbb68p-5, 0x1.8f34dep-3,
                  -0x1.77e46ep-2, 0x1.d05de2p-3);
  else
    return horner(t, 0x1.a95933c020232p-25, 0x1.9081f2beb749cp-26, -0x1.79ef5e82fcc42p-23, -0x1.73415946e7094p-22,
                  0x1.0f4fe56e7f52ep-23, 0x1.c425701a6eb4dp-20, 0x1.2346e93bc8628p-19, -0x1.326faf0927a2fp-18,
                  -0x1.21936a6f45cc4p-16, 0x1.11e8bf18d95e5p-20, 0x1.951a4951331bdp-14, 0x1.7213f444608b7p-14,
                  -0x1.24b40166c4498p-11, -0x1.bef6bdc4002d6p-11, 0x1.2ab93940c2dep-8, 0x1.2b5eb32040148p-8,
                  -0x1.ffbb35784e2d2p-5, 0x1.8f34daf8eb187p-3, -0x1.77e46d695e528p-2, 0x1.d05de1513a9bdp-3);
}

template <class T> HEDDLE_FN T erf(T x) {
  T a = abs(x), one = constant(x, 1.0);
  T small = fma(a, erfSeries(a * a), a);
  // Beyond these bounds the result rounds to 1.
  T bounded = clampTo(a, 1.0, isSingle<T> ? 4.0 : 6.0);
  T t = (bounded - constant(x, 2.3)) / (bounded + constant(x, 2.0));
  T large = fma(-exp(-(bounded * bounded)), scaledErfc(t), one);
  return withSign(select(a < one, small, large), x);
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARERF_H
