// Implements where the executor finds operands and puts results.
#include "runtime/Executor.h"

#include "runtime/Inputs.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/host/StridedCopy.h"

namespace heddle {

Status Executor::value(ExprId id, int64_t &result) const {
  if (!context.values.isKnown(id))
    return context.values.whyUnknown(id);
  result = context.values[id];
  return Status::ok();
}

Status Executor::dims(const std::vector<ExprId> &ids, std::vector<int64_t> &result) const {
  result.resize(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    HEDDLE_RETURN_IF_ERROR(value(ids[i], result[i]));
  return Status::ok();
}

bool Executor::areKnown(const std::vector<ExprId> &ids) const {
  for (ExprId id : ids)
    if (!context.values.isKnown(id))
      return false;
  return true;
}

Result<int64_t> Executor::bytesOf(const TensorRef &ref) {
  const Place &place = placeOf(ref);
  switch (place.kind) {
  case PlaceKind::Input:
    return denseBytes(inputs[size_t(place.index)].type, inputs[size_t(place.index)].shape);
  case PlaceKind::Output:
    return denseBytes(outputs[size_t(place.index)].view().type, outputs[size_t(place.index)].view().shape);
  case PlaceKind::Weight:
    return denseBytes(loaded.program->weights[size_t(place.index)].type,
                      loaded.program->weights[size_t(place.index)].shape);
  case PlaceKind::Runtime: {
    const RuntimeTensor &owned = context.runtimeTensors[size_t(ref.place)];
    return owned.isDefined() ? denseBytes(owned.view().type, owned.view().shape) : Result<int64_t>(0);
  }
  case PlaceKind::Arena:
    return context.values[executable.placeBytes[size_t(ref.place)]];
  }
  return 0;
}

Status Executor::checkPart(const TensorRef &ref, int64_t offset) {
  std::vector<int64_t> shape, strides;
  HEDDLE_RETURN_IF_ERROR(dims(ref.shape, shape));
  HEDDLE_RETURN_IF_ERROR(dims(ref.strides, strides));
  Result<int64_t> bytes = bytesOf(ref);
  if (!bytes)
    return bytes.status();
  std::optional<int64_t> extent = ref.strides.empty() ? checkedElementCount(shape) : checkedExtent(shape, strides);
  if (extent && liesWithin(offset, *extent, byteWidth(ref.type), *bytes))
    return Status::ok();
  return Status(Code::BadArtifact, "an operand lies outside of place " + std::to_string(ref.place) + " of " +
                                       std::to_string(*bytes) + " bytes: it is " + describeTensor(ref.type, shape) +
                                       " from byte " + std::to_string(offset) + " on");
}

Status Executor::address(const TensorRef &ref, std::byte *&result) {
  size_t index = size_t(ref.place);
  if (!context.addresses[index] && placeOf(ref).kind == PlaceKind::Output)
    HEDDLE_RETURN_IF_ERROR(placeOutput(size_t(placeOf(ref).index)));
  if (placeOf(ref).kind == PlaceKind::Output)
    context.addresses[index] = outputAddresses[size_t(placeOf(ref).index)];
  int64_t offset = 0;
  HEDDLE_RETURN_IF_ERROR(value(ref.byteOffset, offset));
  if (ref.isPart)
    HEDDLE_RETURN_IF_ERROR(checkPart(ref, offset));
  // An input without elements may have no address.
  result = context.addresses[index] ? context.addresses[index] + offset : nullptr;
  return Status::ok();
}

Status Executor::view(const TensorRef &ref, View &result) {
  result = View{nullptr, ref.type, {}, {}};
  if (!ref.isPresent())
    return Status::ok();
  std::byte *data = nullptr;
  HEDDLE_RETURN_IF_ERROR(address(ref, data));
  const RuntimeTensor &owned = context.runtimeTensors[size_t(ref.place)];
  if (placeOf(ref).kind == PlaceKind::Runtime && !areKnown(ref.shape)) {
    if (!owned.isDefined())
      return Status(Code::Malformed, "a value is read that no step on this path has written");
    result = owned.view();
    return Status::ok();
  }
  result.data = data;
  HEDDLE_RETURN_IF_ERROR(dims(ref.shape, result.shape));
  HEDDLE_RETURN_IF_ERROR(dims(ref.strides, result.strides));
  if (ref.strides.empty())
    result.strides = rowMajorStrides(result.shape);
  return Status::ok();
}

Status Executor::wholeView(const TensorRef &ref, View &result) {
  const bool isOwned = ref.isPresent() && placeOf(ref).kind == PlaceKind::Runtime;
  if (!isOwned || !context.runtimeTensors[size_t(ref.place)].isDefined())
    return view(ref, result);
  result = context.runtimeTensors[size_t(ref.place)].view();
  return Status::ok();
}

Status Executor::place(const TensorRef &ref, const std::vector<int64_t> &shape, View &result) {
  PlaceKind kind = placeOf(ref).kind;
  if (kind == PlaceKind::Runtime) {
    Result<RuntimeTensor> tensor = RuntimeTensor::allocate(ref.type, shape);
    if (!tensor)
      return tensor.status();
    context.runtimeTensors[size_t(ref.place)] = *tensor;
    context.addresses[size_t(ref.place)] = static_cast<std::byte *>(tensor->view().data);
    result = tensor->view();
    return share(result, true, "a tensor of a size known only at run time");
  }
  if (kind == PlaceKind::Output && !areKnown(ref.shape)) {
    HEDDLE_RETURN_IF_ERROR(placeOutput(size_t(placeOf(ref).index), shape));
    result = outputs[size_t(placeOf(ref).index)].view();
    return Status::ok();
  }
  HEDDLE_RETURN_IF_ERROR(view(ref, result));
  if (result.shape != shape)
    return Status(Code::Malformed, "a result is " + describeTensor(ref.type, shape) + ", but its planned shape is " +
                                       describeTensor(ref.type, result.shape));
  return Status::ok();
}

Status Executor::placeOutput(size_t index) {
  const Port &port = loaded.program->outputs[index];
  std::vector<int64_t> shape;
  for (const Expr &dim : port.shape) {
    Result<int64_t> size = dim.evaluate(context.values.symbols());
    if (!size)
      return Status(size.status().code(), "output '" + port.name + "': " + size.status().message());
    shape.push_back(*size);
  }
  return placeOutput(index, shape);
}

Status Executor::placeOutput(size_t index, const std::vector<int64_t> &shape) {
  const Port &port = loaded.program->outputs[index];
  RuntimeTensor &output = outputs[index];
  if (!output.isDefined()) {
    Result<RuntimeTensor> tensor = RuntimeTensor::allocate(port.type, shape);
    if (!tensor)
      return Status(tensor.status().code(), "output '" + port.name + "': " + tensor.status().message());
    output = *tensor;
  }
  if (output.view().shape != shape)
    return Status(Code::Malformed, "output '" + port.name + "': the buffer is " +
                                       describeTensor(port.type, output.view().shape) + ", the result is " +
                                       describeTensor(port.type, shape));
  outputAddresses[index] = static_cast<std::byte *>(output.view().data);
  return share(output.view(), true, "output '" + port.name + "'");
}

Status Executor::copy(const TensorRef &from, const TensorRef &to, bool isWhole) {
  View source, target;
  HEDDLE_RETURN_IF_ERROR(isWhole ? wholeView(from, source) : view(from, source));
  HEDDLE_RETURN_IF_ERROR(place(to, source.shape, target));
  if (source.data != target.data)
    copyElements(source, target);
  return Status::ok();
}

Status Executor::readScalar(const TensorRef &ref, int64_t &result) {
  View scalar;
  HEDDLE_RETURN_IF_ERROR(view(ref, scalar));
  std::optional<int64_t> element = readInteger(scalar, 0);
  if (!element)
    return Status(Code::Malformed,
                  "a control value is " + describeTensor(scalar.type, scalar.shape) + ", expected one integer or bool");
  result = *element;
  return Status::ok();
}

} // namespace heddle
