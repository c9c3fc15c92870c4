// Constants seen through the movement that a weight transform can record.
#ifndef HEDDLE_PASSES_WEIGHTVALUE_H
#define HEDDLE_PASSES_WEIGHTVALUE_H

#include "ir/HeddleOps.h"
#include "ir/WeightStore.h"
#include "runtime/format/WeightTransform.h"

namespace heddle {

/// A tensor whose elements are those of a constant after recorded steps.
struct WeightValue {
  ConstantOp source;
  WeightTransform steps; ///< Those of the constant itself, then those of the ops behind it.

  /// The constant that further steps make of it, with the shape and element type `type`. Inline elements move to the
  /// WeightStore, a splat as the single element that it is.
  ConstantOp build(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<weight::Step> more,
                   mlir::RankedTensorType type) const;
};

/// The attribute of a constant with these elements: they themselves if they take at most `maxInlineBytes` or are all
/// equal, else a reference to the store, which gets `entry`.
mlir::TypedAttr constantAttr(mlir::DenseElementsAttr dense, WeightStore::Entry entry, WeightStore &weights);

/// The value as a weight: a constant, or one behind transposes, reshapes and slices of literal sizes. Nullopt for
/// everything else, and for transforms that would become longer than their text form may be.
std::optional<WeightValue> weightValueOf(mlir::Value value);

} // namespace heddle

#endif // HEDDLE_PASSES_WEIGHTVALUE_H
