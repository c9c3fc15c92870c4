// Implements the executor's loops: carried values in two slots, results stacked over the iterations.
#include "runtime/Executor.h"

#include "runtime/host/StridedCopy.h"

#include <limits>

namespace heddle {

/// The elements stacked so far, in memory that doubles.
struct Executor::Stack {
  RuntimeTensor memory; ///< `[capacity, shape...]`, undefined before the first element.
  std::vector<int64_t> elementShape;
  int64_t count = 0;
  int64_t capacity = 0;

  /// `[size, shape...]`
  std::vector<int64_t> shapeOf(int64_t size) const {
    std::vector<int64_t> shape{size};
    shape.insert(shape.end(), elementShape.begin(), elementShape.end());
    return shape;
  }
  /// Elements [first, first + size).
  View slice(int64_t first, int64_t size) const {
    View view = memory.view();
    view.shape = shapeOf(size);
    int64_t width = view.type == DType::String ? int64_t(sizeof(std::string)) : byteWidth(view.type);
    view.data = static_cast<std::byte *>(view.data) + first * view.strides[0] * width;
    return view;
  }
};

Status Executor::step(const ExecLoop &loop) {
  int64_t trips = 0;
  bool condition = true;
  HEDDLE_RETURN_IF_ERROR(enterLoop(loop, trips, condition));
  std::vector<Stack> stacks(loop.stacked.size());
  for (int64_t iteration = 0; iteration < trips && condition; ++iteration)
    HEDDLE_RETURN_IF_ERROR(runIteration(loop, iteration, condition, stacks));
  for (const ExecLoop::Carried &carried : loop.carried)
    if (carried.result.isPresent())
      HEDDLE_RETURN_IF_ERROR(copy(carried.in, carried.result, /*isWhole=*/true));
  for (size_t i = 0; i < stacks.size(); ++i) {
    // Without an iteration the element's shape is what the plan knows of it; unknown dimensions are 0.
    if (stacks[i].count == 0)
      for (ExprId dim : loop.stacked[i].element.shape)
        stacks[i].elementShape.push_back(context.values.isKnown(dim) ? context.values[dim] : 0);
    HEDDLE_RETURN_IF_ERROR(finishStack(stacks[i], loop.stacked[i].result));
  }
  return Status::ok();
}

Status Executor::enterLoop(const ExecLoop &loop, int64_t &trips, bool &condition) {
  trips = std::numeric_limits<int64_t>::max();
  if (loop.tripCount.isPresent())
    HEDDLE_RETURN_IF_ERROR(readScalar(loop.tripCount, trips));
  int64_t first = 1;
  if (loop.condition.isPresent())
    HEDDLE_RETURN_IF_ERROR(readScalar(loop.condition, first));
  condition = first != 0;
  for (const ExecLoop::Carried &carried : loop.carried)
    HEDDLE_RETURN_IF_ERROR(copy(carried.init, carried.in));
  return Status::ok();
}

Status Executor::runIteration(const ExecLoop &loop, int64_t iteration, bool &condition, std::vector<Stack> &stacks) {
  if (loop.iteration.isPresent()) {
    View counter;
    HEDDLE_RETURN_IF_ERROR(view(loop.iteration, counter));
    *static_cast<int64_t *>(counter.data) = iteration;
  }
  HEDDLE_RETURN_IF_ERROR(runRegion(loop.body));
  int64_t next = 1;
  if (loop.nextCondition.isPresent())
    HEDDLE_RETURN_IF_ERROR(readScalar(loop.nextCondition, next));
  condition = next != 0;
  for (size_t i = 0; i < stacks.size(); ++i)
    HEDDLE_RETURN_IF_ERROR(atNode(append(stacks[i], loop.stacked[i].element), *loop.origin));
  for (const ExecLoop::Carried &carried : loop.carried)
    swapPlaces(size_t(carried.in.place), size_t(carried.out.place));
  return Status::ok();
}

Status Executor::append(Stack &stack, const TensorRef &element) {
  View source;
  HEDDLE_RETURN_IF_ERROR(view(element, source));
  if (stack.count == 0)
    stack.elementShape = source.shape;
  if (source.shape != stack.elementShape)
    return Status(Code::Malformed,
                  "a loop stacks values of different shapes: " + describeTensor(source.type, stack.elementShape) +
                      " first, then " + describeTensor(source.type, source.shape));
  if (stack.count == stack.capacity) {
    int64_t capacity = stack.capacity == 0 ? 4 : stack.capacity * 2;
    Result<RuntimeTensor> larger = RuntimeTensor::allocate(source.type, stack.shapeOf(capacity));
    if (!larger)
      return larger.status();
    Stack previous = stack;
    stack.memory = *larger;
    stack.capacity = capacity;
    if (previous.count != 0)
      copyElements(previous.slice(0, previous.count), stack.slice(0, previous.count));
  }
  source.shape.insert(source.shape.begin(), 1);
  source.strides.insert(source.strides.begin(), 0);
  copyElements(source, stack.slice(stack.count, 1));
  ++stack.count;
  return Status::ok();
}

Status Executor::finishStack(const Stack &stack, const TensorRef &result) {
  if (!result.isPresent())
    return Status::ok();
  View target;
  HEDDLE_RETURN_IF_ERROR(place(result, stack.shapeOf(stack.count), target));
  if (stack.count != 0)
    copyElements(stack.slice(0, stack.count), target);
  return Status::ok();
}

void Executor::swapPlaces(size_t a, size_t b) {
  std::swap(context.addresses[a], context.addresses[b]);
  std::swap(context.runtimeTensors[a], context.runtimeTensors[b]);
}

} // namespace heddle
