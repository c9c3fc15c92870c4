// Compares what a device has computed with what it should have.
#ifndef HEDDLE_TOOLS_DRIVER_COMPAREVIEWS_H
#define HEDDLE_TOOLS_DRIVER_COMPAREVIEWS_H

#include "compiler/Options.h"
#include "tools/common/RunData.h"

namespace heddle {

/// How far two tensors are apart.
struct Agreement {
  bool agrees = true;
  double largestDifference = 0; ///< Of finite elements.
  double largestValue = 0;      ///< Of what was expected, finite elements only.
  std::string message;          ///< What differs, if something does.
};

/// Floats may differ by `absolute + relative * largest expected element`; infinities and NaNs stay where they are,
/// other types are equal. Strides as they come. Not for strings.
Agreement compareViews(const View &got, const View &want, const Tolerance &tolerance);

/// A row-major copy.
SharedTensor denseCopy(const View &view);

/// "2x3xf32"
std::string describe(const View &view);

/// Whether a tensor of floats holds a NaN or an infinity.
struct NotFinite {
  bool nan = false, infinity = false;
};
NotFinite findNotFinite(const View &view);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_COMPAREVIEWS_H
