// Where a strip of an iteration space reads an operand.
#ifndef HEDDLE_IR_REFERENCE_STRIPADDRESS_H
#define HEDDLE_IR_REFERENCE_STRIPADDRESS_H

#include "ir/reference/TensorValue.h"
#include "mlir/IR/AffineMap.h"

namespace heddle {

/// A row-major walk over consecutive points of some dimensions of an iteration space.
struct PointRange {
  llvm::ArrayRef<int64_t> sizes; ///< Of the dimensions that are walked.
  unsigned firstDim;             ///< Their place among all dimensions.
  int64_t begin, count;          ///< Linear positions.

  /// Writes the coordinates of the first position into `point`, which holds all dimensions.
  void moveToFirst(std::vector<int64_t> &point) const {
    int64_t rest = begin;
    for (size_t dim = sizes.size(); dim-- > 0; rest /= sizes[dim])
      point[firstDim + dim] = rest % sizes[dim];
  }
  /// Calls `visit(index)` for each position, with its coordinates in `point`.
  template <typename Visit> void forEach(std::vector<int64_t> &point, Visit visit) const {
    if (count == 0)
      return;
    moveToFirst(point);
    for (int64_t index = 0; index < count; ++index) {
      visit(index);
      for (size_t dim = sizes.size(); dim-- > 0;) {
        if (++point[firstDim + dim] < sizes[dim])
          break;
        point[firstDim + dim] = 0;
      }
    }
  }
};

/// Reads the elements of one operand into strips. Offsets are computed once for a strip where the map is a sum of a
/// part over the parallel dimensions and one over the reduction dimensions, else for every step of the outer walk.
class StripAddress {
public:
  StripAddress(const TensorValue &tensor, mlir::AffineMap map, unsigned parallelDims);

  /// Starts a strip; the dimensions of `point` outside the range are those of the outer walk.
  void startStrip(const PointRange &range, std::vector<int64_t> point);
  /// Writes the strip's elements in the type `target`. `point` holds the outer position and the strip's first one.
  /// Fails if an element lies outside the tensor.
  Status load(const std::vector<int64_t> &point, DType target, std::byte *strip);

private:
  int64_t offsetAt(llvm::ArrayRef<int64_t> point) const;
  template <typename T> void gather(int64_t shift, std::byte *target) const;
  void copyElements(int64_t shift, std::byte *target) const;

  TensorValue tensor;
  mlir::AffineMap map;
  std::vector<int64_t> strides;
  std::vector<int64_t> coefficients; ///< One per dimension if the map is linear, and a constant last; else empty.
  bool isSeparable;
  PointRange range;
  std::vector<int64_t> offsets; ///< Of the strip's elements.
  int64_t lowest = 0, highest = 0;
  bool isContiguous = false;
  std::vector<std::byte> buffer;
};

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_STRIPADDRESS_H
