// A scalar body made ready to run over strips of elements.
#ifndef HEDDLE_IR_REFERENCE_SCALARBODY_H
#define HEDDLE_IR_REFERENCE_SCALARBODY_H

#include "ir/reference/StripFunctions.h"
#include "ir/reference/TensorValue.h"
#include "runtime/format/Expr.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle {

/// Gives the concrete value of a tensor that a body reads at computed coordinates; null if it has none.
using TensorLookup = llvm::function_ref<const TensorValue *(mlir::Value)>;

/// The ops of a body in order, each scalar with a strip of its own. Loads and coordinates are written by the caller.
class ScalarBody {
public:
  /// Prepares strips of up to `capacity` elements. Fails with Code::Unsupported for an op without a strip function.
  static Result<ScalarBody> prepare(mlir::Block &body, int64_t capacity, TensorLookup lookup);

  /// Runs all ops on the first `count` elements of the strips. Fails with Code::Malformed where a coordinate is out of
  /// bounds.
  Status run(int64_t count);

  std::byte *strip(mlir::Value value) { return strips[indexOf.lookup(value)].get(); }

  struct Coordinate {
    int64_t dim;
    int64_t *strip;
  };
  /// The strips that hold positions in the iteration space.
  llvm::ArrayRef<Coordinate> coordinates() const { return coordinateStrips; }

private:
  struct Extract {
    TensorValue tensor;
    llvm::SmallVector<bool> isChecked;
    DType result;
  };
  struct Step {
    StripOp op;
    llvm::SmallVector<const std::byte *, 3> operands;
    std::byte *result;
    std::optional<Extract> extract;
  };

  std::byte *addStrip(mlir::Value value, int64_t capacity);
  Status addOp(mlir::Operation &op, int64_t capacity, TensorLookup lookup);
  Status addExtract(ExtractOp op, Step step, TensorLookup lookup);
  void fillStrip(mlir::Value value, mlir::Attribute scalar, int64_t capacity);
  static Status runExtract(const Step &step, int64_t count);

  llvm::DenseMap<mlir::Value, unsigned> indexOf;
  std::vector<std::unique_ptr<std::byte[]>> strips;
  std::vector<Step> steps;
  llvm::SmallVector<Coordinate> coordinateStrips;
};

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_SCALARBODY_H
