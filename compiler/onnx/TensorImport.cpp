// Turns tensors of the model into constants: dense attributes, or references to weights.
#include "compiler/onnx/Importer.h"
#include "compiler/onnx/NodePath.h"
#include "ir/WeightStore.h"
#include "runtime/format/TensorFields.h"
#include <cstring>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// One byte at least per element: pairs of 4-bit elements are taken apart.
TensorData unpacked(TensorData data, int64_t count, const std::string &where) {
  if (!data.packed)
    return data;
  std::shared_ptr<std::byte[]> bytes(new std::byte[count ? count : 1]);
  std::span<std::byte> out(bytes.get(), count);
  Status status = unpackRaw(data.type, count, data.bytes, out);
  if (!status)
    throw ImportError(status.code(), where + ": " + status.message());
  data.bytes = out;
  data.storage = bytes;
  data.packed = false;
  return data;
}

bool isSplat(std::span<const std::byte> bytes, size_t width) {
  return bytes.size() > width && std::memcmp(bytes.data(), bytes.data() + width, bytes.size() - width) == 0;
}

/// Bytes that lie inside the protobuf message die with it.
void copyInto(WeightStore::Entry &entry) {
  auto bytes = std::make_shared<std::vector<std::byte>>(entry.bytes.begin(), entry.bytes.end());
  entry.bytes = *bytes;
  entry.owner = std::move(bytes);
}

/// The elements as attributes, by the bits in memory.
DenseElementsAttr denseOf(RankedTensorType type, std::span<const std::byte> bytes, size_t width) {
  Type element = type.getElementType();
  SmallVector<Attribute> elements;
  for (size_t offset = 0; offset < bytes.size(); offset += width) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + offset, width);
    APInt value(element.getIntOrFloatBitWidth(), bits, /*isSigned=*/false, /*implicitTrunc=*/true);
    if (auto floating = dyn_cast<FloatType>(element))
      elements.push_back(FloatAttr::get(element, APFloat(floating.getFloatSemantics(), value)));
    else
      elements.push_back(IntegerAttr::get(element, value));
  }
  return DenseElementsAttr::get(type, elements);
}

} // namespace

Tensor &Importer::importTensor(const onnx::TensorProto &proto, const std::string &where) {
  Result<TensorData> loaded = loadedModel.tensor(proto);
  if (!loaded)
    throw ImportError(loaded.status().code(), loaded.status().message());
  Tensor tensor;
  tensor.element = elementType(&context, loaded->type);
  if (!tensor.element)
    unsupported("tensor '" + printable(proto.name()) + "' has element type " + std::string(nameOf(loaded->type)));
  tensor.shape.assign(loaded->shape.begin(), loaded->shape.end());
  TensorData data = unpacked(std::move(*loaded), literalCount(tensor.shape).value_or(0), where);
  size_t width = byteWidth(data.type);
  bool splat = isSplat(data.bytes, width);
  if (splat || data.bytes.size() <= size_t(maxInlineBytes)) {
    DenseElementsAttr dense = denseOf(tensor.type(), splat ? data.bytes.first(width) : data.bytes, width);
    tensor.constant = dense;
    tensor.contents = contentsOf(dense);
    return newTensor(std::move(tensor));
  }
  WeightStore::Entry entry;
  entry.type = data.type;
  entry.shape = data.shape;
  entry.bytes = data.bytes;
  entry.name = proto.name();
  if (data.storage)
    entry.owner = data.storage;
  else if (data.range)
    entry.owner = loadedModel.files[data.range->file].content;
  else
    copyInto(entry);
  std::string key = context.getLoadedDialect<HeddleDialect>()->weights().add(std::move(entry));
  tensor.constant = WeightAttr::get(&context, key, "", tensor.type());
  return newTensor(std::move(tensor));
}
