// Implements concrete tensors: elements from attributes and weights, and back.
#include "ir/reference/TensorValue.h"
#include "ir/Shapes.h"
#include "runtime/format/WeightTransform.h"

using namespace mlir;
using namespace heddle;

TensorValue TensorValue::of(DType type, std::vector<int64_t> shape, std::vector<std::byte> bytes) {
  auto storage = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  TensorValue value{type, std::move(shape), *storage, storage};
  assert(static_cast<int64_t>(storage->size()) == value.elementCount() * byteWidth(type) &&
         "the bytes fit type and shape");
  return value;
}

int64_t TensorValue::elementCount() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

Result<int64_t> heddle::checkedCount(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(count, size, &count) || count > (int64_t(1) << 40))
      return Status(Code::OverLimit, "a tensor has a size of " + std::to_string(size) + ", which is out of range");
  return count;
}

/// The bits of one element as they lie in memory.
static uint64_t bitsOf(const APInt &value, bool isSigned) {
  return isSigned ? static_cast<uint64_t>(value.getSExtValue()) : value.getZExtValue();
}

static std::vector<std::byte> bytesOf(DenseElementsAttr elements, int64_t width) {
  Type type = elements.getElementType();
  int64_t count = elements.getNumElements();
  std::vector<std::byte> bytes(static_cast<size_t>(count * width));
  if (type.getIntOrFloatBitWidth() >= 8) {
    ArrayRef<char> raw = elements.getRawData();
    for (int64_t i = 0; elements.isSplat() && i < count; ++i)
      std::memcpy(bytes.data() + i * width, raw.data(), width);
    if (!elements.isSplat() && count > 0)
      std::memcpy(bytes.data(), raw.data(), bytes.size());
    return bytes;
  }
  int64_t position = 0;
  if (isa<FloatType>(type)) {
    for (const APFloat &value : elements.getValues<APFloat>())
      bytes[position++] = static_cast<std::byte>(bitsOf(value.bitcastToAPInt(), false));
    return bytes;
  }
  bool isSigned = !type.isInteger(1) && !type.isUnsignedInteger();
  for (const APInt &value : elements.getValues<APInt>())
    bytes[position++] = static_cast<std::byte>(bitsOf(value, isSigned));
  return bytes;
}

static Result<TensorValue> valueOfWeight(WeightAttr weight, const WeightStore &weights) {
  std::optional<WeightStore::Entry> entry = weights.find(weight.getDigest());
  if (!entry)
    return Status(Code::Malformed, "the bytes of weight '" + weight.getDigest().str() + "' are not there");
  Result<WeightTransform> transform = parseTransform(weight.getTransform());
  if (!transform)
    return transform.status();
  if (transform->empty())
    return TensorValue{entry->type, entry->shape, entry->bytes, entry->owner};
  WeightLookup lookup = [&weights](std::string_view digest) -> std::optional<DenseTensor> {
    std::optional<WeightStore::Entry> other = weights.find(digest);
    return other ? std::optional(DenseTensor{{other->type, other->shape}, other->bytes}) : std::nullopt;
  };
  DenseType source{entry->type, entry->shape};
  Result<DenseType> type = transformedType(source, *transform, lookup);
  if (!type)
    return type.status();
  Result<int64_t> size = denseBytes(*type);
  if (!size)
    return size.status();
  std::vector<std::byte> bytes(static_cast<size_t>(*size));
  HEDDLE_RETURN_IF_ERROR(applyTransform({source, entry->bytes}, *transform, lookup, bytes));
  return TensorValue::of(type->type, type->shape, std::move(bytes));
}

Result<TensorValue> heddle::valueOf(Attribute constant, const WeightStore &weights) {
  if (auto weight = dyn_cast<WeightAttr>(constant))
    return valueOfWeight(weight, weights);
  auto elements = dyn_cast<DenseElementsAttr>(constant);
  std::optional<DType> type = elements ? dtypeOf(elements.getElementType()) : std::nullopt;
  if (!type)
    return Status(Code::Unsupported, "a constant is neither dense elements nor a weight");
  ArrayRef<int64_t> shape = elements.getType().getShape();
  return TensorValue::of(*type, {shape.begin(), shape.end()}, bytesOf(elements, byteWidth(*type)));
}

static bool isUniform(const TensorValue &value) {
  size_t width = byteWidth(value.type);
  return value.bytes.size() > width &&
         std::memcmp(value.bytes.data(), value.bytes.data() + width, value.bytes.size() - width) == 0;
}

DenseElementsAttr heddle::denseOf(const TensorValue &value, RankedTensorType type) {
  Type element = type.getElementType();
  int64_t width = byteWidth(value.type), count = isUniform(value) ? 1 : value.elementCount();
  if (element.getIntOrFloatBitWidth() >= 8)
    return DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef(reinterpret_cast<const char *>(value.bytes.data()), static_cast<size_t>(count * width)));
  SmallVector<Attribute> elements;
  for (int64_t i = 0; i < count; ++i) {
    APInt bits(element.getIntOrFloatBitWidth(), static_cast<uint64_t>(value.bytes[i]), /*isSigned=*/false,
               /*implicitTrunc=*/true);
    if (auto floating = dyn_cast<FloatType>(element))
      elements.push_back(FloatAttr::get(element, APFloat(floating.getFloatSemantics(), bits)));
    else
      elements.push_back(IntegerAttr::get(element, bits));
  }
  return DenseElementsAttr::get(type, elements);
}
