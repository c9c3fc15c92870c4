// Evaluates plans: steps over places, each place with the value that was written to it last.
#ifndef HEDDLE_IR_REFERENCE_PLANEVALUATOR_H
#define HEDDLE_IR_REFERENCE_PLANEVALUATOR_H

#include "ir/PlanOrder.h"
#include "ir/reference/Evaluator.h"

namespace heddle {

/// Runs the steps of a plan in order, kernels by the evaluator. A place is whole: bytes that places share are seen only
/// by lifetimes, so a read before a write, or outside a place's interval, is an error.
class PlanEvaluator {
public:
  PlanEvaluator(PlanOp plan, const WeightStore &weights, Evaluator::Observer observer = nullptr)
      : plan(plan), order(plan), weights(weights), observer(std::move(observer)) {}

  /// The outputs by index, for inputs by index. `observer` sees each kernel and host function that has run.
  Result<std::vector<TensorValue>> evaluate(llvm::ArrayRef<TensorValue> inputs);

private:
  Status bindInputs(llvm::ArrayRef<TensorValue> inputs);
  Status runBlock(mlir::Block &block);
  Status runStep(mlir::Operation *op);
  Status step(RunOp run);
  Status step(HostRunOp run);
  Status step(DefineSymbolOp define);
  Status step(RepeatOp repeat);
  Status finishLoop(RepeatOp repeat, llvm::ArrayRef<std::vector<TensorValue>> stacks);

  /// Elements of a place: the first, and the distances along each dimension.
  struct Part {
    int64_t first = 0;
    std::vector<int64_t> strides;
  };
  Result<std::optional<Part>> partOf(mlir::Value value, const std::vector<int64_t> &shape, int64_t count) const;
  Status writePart(PlaceOp place, mlir::Value target, const TensorValue &value);
  Status checkInterval(mlir::Operation *step, PlaceOp place) const;
  Result<TensorValue> read(mlir::Operation *step, mlir::Value value);
  Result<std::vector<TensorValue>> read(mlir::Operation *step, mlir::ValueRange values);
  Status write(mlir::Operation *step, mlir::Value target, TensorValue value);
  Status write(mlir::Operation *step, mlir::ValueRange targets, llvm::ArrayRef<TensorValue> values);

  PlanOp plan;
  PlanOrder order;
  const WeightStore &weights;
  Evaluator::Observer observer;
  SymbolValues symbols;
  llvm::DenseMap<mlir::Operation *, TensorValue> places;
};

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_PLANEVALUATOR_H
