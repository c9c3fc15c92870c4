// Conversion of arrays between element types, with the meaning of ONNX's Cast.
#ifndef HEDDLE_RUNTIME_FORMAT_ELEMENTCONVERT_H
#define HEDDLE_RUNTIME_FORMAT_ELEMENTCONVERT_H

#include "runtime/format/DType.h"
#include "runtime/format/ScalarConvert.h"
#include <cstddef>

namespace heddle {

/// The choices that ONNX's Cast leaves to its attributes.
struct CastOptions {
  bool saturate = true;                                       ///< To 8-bit floats only.
  scalar::PowerRounding rounding = scalar::PowerRounding::Up; ///< To f8e8m0 only.
};

/// Converts `count` dense elements; source and target do not overlap and need no alignment. Neither type is a string.
///
/// Between floats: one rounding to nearest, ties to even. Float to integer: truncation, saturated, NaN gives 0. Between
/// integers: the low bits. To bool: not 0 (NaN is true); from bool: 0 or 1. To 4-bit types from a float: rounded to
/// nearest for f4e2m1, truncated and saturated for integers.
void convertElements(DType from, const std::byte *source, DType to, std::byte *target, int64_t count,
                     const CastOptions &options = {});

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_ELEMENTCONVERT_H
