// Arithmetic with constants, as one factor and one term per channel.
#ifndef HEDDLE_PASSES_CHANNELAFFINE_H
#define HEDDLE_PASSES_CHANNELAFFINE_H

#include "ir/HeddleOps.h"

namespace heddle {

/// `scale[c] * x + shift[c]` for each channel c. Composed in f64, so that what is stored is rounded once.
struct ChannelAffine {
  std::vector<double> scale, shift;
  bool isScaled = false;     ///< An op multiplies or divides.
  bool isPerChannel = false; ///< An op multiplies or divides by a constant of more than one element.

  /// The identity.
  explicit ChannelAffine(int64_t channels) : scale(size_t(channels), 1.0), shift(size_t(channels), 0.0) {}

  int64_t channels() const { return int64_t(scale.size()); }
  /// `outer(this(x))`, where both have the same channels.
  ChannelAffine then(const ChannelAffine &outer) const;
  /// False if every factor is 1.
  bool hasScale() const;
  /// False if every term is 0.
  bool hasShift() const;
  /// True if every factor is 0 or between 2^-60 and 2^60, so that weights times factors neither overflow nor vanish,
  /// and every term is finite in f32.
  bool isModerate() const;
  /// The largest absolute value of a term.
  double largestShift() const;
};

/// Neighbouring dimensions `[first, end)` whose elements are channels: one of an image, or all those of an image that
/// a reshape joins to a row.
struct ChannelDims {
  int64_t first = 0, end = 0;
};

/// What an addition, subtraction, product or quotient does to its operand `x`, if its other operand is a constant of
/// f32 that differs along `dims` only and the result has the type of `x`; nullopt for everything else. Small trees of
/// constants, movement and elementwise ops are constants too. The sizes of `dims` must be literal (asserted).
std::optional<ChannelAffine> channelAffineOf(mlir::Operation *op, mlir::Value x, ChannelDims dims,
                                             const WeightStore &weights);

} // namespace heddle

#endif // HEDDLE_PASSES_CHANNELAFFINE_H
