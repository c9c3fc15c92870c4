// Implements running scalar bodies over strips.
#include "ir/reference/ScalarBody.h"
#include "ir/Shapes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "runtime/format/ElementConvert.h"

using namespace mlir;
using namespace heddle;

std::byte *ScalarBody::addStrip(Value value, int64_t capacity) {
  indexOf[value] = strips.size();
  strips.push_back(std::make_unique<std::byte[]>(capacity * sizeof(int64_t)));
  return strips.back().get();
}

void ScalarBody::fillStrip(Value value, Attribute scalar, int64_t capacity) {
  std::byte *target = addStrip(value, capacity);
  int64_t width = byteWidth(*stripTypeOf(value.getType()));
  APInt bits = isa<FloatAttr>(scalar) ? cast<FloatAttr>(scalar).getValue().bitcastToAPInt()
                                      : cast<IntegerAttr>(scalar).getValue();
  uint64_t raw = bits.getZExtValue();
  for (int64_t i = 0; i < capacity; ++i)
    std::memcpy(target + i * width, &raw, width);
}

Status ScalarBody::addExtract(ExtractOp op, Step step, TensorLookup lookup) {
  const TensorValue *tensor = lookup(op.getX());
  std::optional<DType> result = stripTypeOf(op.getY().getType());
  if (!tensor || !result)
    return Status(Code::Unsupported, "heddle.extract reads a tensor without a value");
  Extract extract{*tensor, SmallVector<bool>(tensor->shape.size(), false), *result};
  for (int64_t dim : op.getChecked())
    extract.isChecked[dim] = true;
  step.extract = std::move(extract);
  steps.push_back(std::move(step));
  return Status::ok();
}

Status ScalarBody::addOp(Operation &op, int64_t capacity, TensorLookup lookup) {
  std::string name = op.getName().getStringRef().str();
  if (op.getNumResults() != 1 || !stripTypeOf(op.getResult(0).getType()))
    return Status(Code::Unsupported, name + " does not yield one scalar that a strip holds");
  Value value = op.getResult(0);
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    fillStrip(value, constant.getValue(), capacity);
    return Status::ok();
  }
  std::byte *result = addStrip(value, capacity);
  if (auto coordinate = dyn_cast<CoordinateOp>(op)) {
    coordinateStrips.push_back({static_cast<int64_t>(coordinate.getDim()), reinterpret_cast<int64_t *>(result)});
    return Status::ok();
  }
  Step step;
  step.result = result;
  auto extract = dyn_cast<ExtractOp>(op);
  for (Value operand : extract ? extract.getCoordinates() : op.getOperands())
    step.operands.push_back(strip(operand));
  if (extract)
    return addExtract(extract, std::move(step), lookup);
  std::optional<StripOp> function = stripOpOf(op);
  if (!function)
    return Status(Code::Unsupported, name + " has no strip function for its types");
  step.op = *function;
  steps.push_back(std::move(step));
  return Status::ok();
}

Result<ScalarBody> ScalarBody::prepare(Block &body, int64_t capacity, TensorLookup lookup) {
  ScalarBody prepared;
  for (BlockArgument argument : body.getArguments()) {
    if (!stripTypeOf(argument.getType()))
      return Status(Code::Unsupported, "a body has an argument that no strip holds");
    prepared.addStrip(argument, capacity);
  }
  for (Operation &op : body)
    if (!isa<YieldOp>(op))
      HEDDLE_RETURN_IF_ERROR(prepared.addOp(op, capacity, lookup));
  return prepared;
}

/// Reads single elements: coordinates that are checked count from the end if negative, and all must lie in the tensor.
Status ScalarBody::runExtract(const Step &step, int64_t count) {
  const Extract &extract = *step.extract;
  const TensorValue &tensor = extract.tensor;
  int64_t width = byteWidth(tensor.type);
  std::vector<std::byte> found(static_cast<size_t>(count * width));
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = 0;
    for (size_t dim = 0; dim < tensor.shape.size(); ++dim) {
      int64_t given = reinterpret_cast<const int64_t *>(step.operands[dim])[i], size = tensor.shape[dim];
      int64_t at = extract.isChecked[dim] && given < 0 ? given + size : given;
      if (at < 0 || at >= size)
        return Status(Code::Malformed, "index " + std::to_string(given) + " is out of bounds for dimension " +
                                           std::to_string(dim) + " of size " + std::to_string(size));
      position = position * size + at;
    }
    std::memcpy(found.data() + i * width, tensor.element(position), width);
  }
  bool isNarrowFloat = isFloat(tensor.type) && tensor.type != extract.result;
  if (isNarrowFloat)
    convertElements(tensor.type, found.data(), extract.result, step.result, count);
  else
    std::memcpy(step.result, found.data(), found.size());
  return Status::ok();
}

Status ScalarBody::run(int64_t count) {
  for (const Step &step : steps) {
    if (step.extract)
      HEDDLE_RETURN_IF_ERROR(runExtract(step, count));
    else
      step.op.function({step.operands.data(), step.result, count, step.op.from, step.op.to});
  }
  return Status::ok();
}
