// Reads tensors, sequences and optionals from protobuf's wire format.
#include "tools/io/TensorProto.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/format/InputFile.h"
#include "runtime/format/TensorFields.h"
#include "runtime/format/WireReader.h"
#include <algorithm>
#include <cstring>

namespace heddle {
namespace {

Status broken(const std::string &what) { return {Code::Malformed, what}; }

/// Appends the elements of a repeated number, packed or one by one.
template <typename T> Status appendNumbers(const WireField &field, WireType single, std::vector<T> &out) {
  const auto append = [&out](uint64_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof value);
    out.push_back(value);
  };
  if (field.type == single) {
    append(field.scalar);
    return Status::ok();
  }
  if (field.type != WireType::Bytes)
    return broken("field " + std::to_string(field.number) + " has the wrong wire type");
  WireReader packed(field.bytes);
  while (!packed.atEnd()) {
    uint64_t bits = 0;
    HEDDLE_RETURN_IF_ERROR(single == WireType::Varint ? packed.readVarint(bits) : packed.readFixed(bits, sizeof(T)));
    append(bits);
  }
  return Status::ok();
}

/// A TensorProto as it lies in the message; the elements are borrowed or, for typed fields, copied.
struct TensorMessage {
  std::vector<int64_t> dims, int64Data;
  std::vector<float> floatData;
  std::vector<double> doubleData;
  std::vector<int32_t> int32Data;
  std::vector<uint64_t> uint64Data;
  std::vector<std::string_view> strings;
  std::optional<std::span<const std::byte>> raw;
  int32_t dataType = 0;

  Status parse(std::span<const std::byte> message) {
    WireReader reader(message);
    WireField field;
    while (!reader.atEnd()) {
      HEDDLE_RETURN_IF_ERROR(reader.next(field));
      HEDDLE_RETURN_IF_ERROR(take(field));
    }
    return Status::ok();
  }

  /// True if a typed field other than `used` has elements, or any has if there is none to be used.
  bool hasOtherFields(std::optional<TensorField> used) const {
    const auto other = [&](TensorField field, bool filled) { return filled && used != field; };
    return other(TensorField::Float, !floatData.empty()) || other(TensorField::Int32, !int32Data.empty()) ||
           other(TensorField::Int64, !int64Data.empty()) || other(TensorField::Uint64, !uint64Data.empty()) ||
           other(TensorField::Double, !doubleData.empty()) || other(TensorField::String, !strings.empty());
  }

private:
  Status take(const WireField &field) {
    const bool isBytes = field.type == WireType::Bytes;
    switch (field.number) {
    case 1:
      return appendNumbers(field, WireType::Varint, dims);
    case 2:
      dataType = static_cast<int32_t>(field.scalar);
      return field.type == WireType::Varint ? Status::ok() : broken("data_type has the wrong wire type");
    case 3:
      return broken("segments are not allowed");
    case 4:
      return appendNumbers(field, WireType::Fixed32, floatData);
    case 5:
      return appendNumbers(field, WireType::Varint, int32Data);
    case 6:
      strings.push_back(field.text());
      return isBytes ? Status::ok() : broken("string_data has the wrong wire type");
    case 7:
      return appendNumbers(field, WireType::Varint, int64Data);
    case 9:
      if (raw || !isBytes)
        return broken(raw ? "raw_data appears twice" : "raw_data has the wrong wire type");
      raw = field.bytes;
      return Status::ok();
    case 10:
      return appendNumbers(field, WireType::Fixed64, doubleData);
    case 11:
      return appendNumbers(field, WireType::Varint, uint64Data);
    case 14:
      return field.scalar == 0 ? Status::ok() : Status(Code::Unsupported, "external data is not read from .pb files");
    default:
      return Status::ok();
    }
  }
};

class ValueParser {
public:
  explicit ValueParser(const ReadLimits &limits) : left(limits) {}

  Result<Tensor> tensor(std::span<const std::byte> message) {
    TensorMessage parsed;
    HEDDLE_RETURN_IF_ERROR(parsed.parse(message));
    const std::optional<DType> type = dtypeFromOnnx(parsed.dataType);
    if (!type)
      return Status(parsed.dataType > 0 && parsed.dataType <= 26 ? Code::Unsupported : Code::Malformed,
                    "data_type " + std::to_string(parsed.dataType) + " is not a supported element type");
    if (parsed.hasOtherFields(parsed.raw ? std::nullopt : std::optional(tensorFieldOf(*type))))
      return broken("elements lie in more than one field, or in the wrong one");
    return fill(*type, parsed);
  }

  Result<Sequence> sequence(std::span<const std::byte> message) {
    Sequence elements;
    WireReader reader(message);
    WireField field;
    while (!reader.atEnd()) {
      HEDDLE_RETURN_IF_ERROR(reader.next(field));
      if (field.number >= 4 && field.number <= 7)
        return Status(Code::Unsupported, "sequences of other values than tensors are not supported");
      if (field.number != 3)
        continue;
      if (field.type != WireType::Bytes)
        return broken("tensor_values has the wrong wire type");
      if (elements.size() == left.count)
        return Status(Code::OverLimit, "a sequence has more than " + std::to_string(left.count) + " tensors");
      Result<Tensor> element = tensor(field.bytes);
      if (!element)
        return element.status();
      elements.push_back(std::move(*element));
    }
    return elements;
  }

  Result<Optional> optional(std::span<const std::byte> message) {
    Optional value;
    WireReader reader(message);
    WireField field;
    while (!reader.atEnd()) {
      HEDDLE_RETURN_IF_ERROR(reader.next(field));
      if (field.number == 4 || field.number == 6 || field.number == 7)
        return Status(Code::Unsupported, "optionals of other values than tensors and sequences are not supported");
      if (field.number != 3 && field.number != 5)
        continue;
      if (field.type != WireType::Bytes || !std::holds_alternative<std::monostate>(value))
        return broken("an optional has more than one value, or a broken one");
      HEDDLE_RETURN_IF_ERROR(field.number == 3 ? assign(tensor(field.bytes), value)
                                               : assign(sequence(field.bytes), value));
    }
    return value;
  }

private:
  template <typename T> static Status assign(Result<T> content, Optional &value) {
    if (!content)
      return content.status();
    value = std::move(*content);
    return Status::ok();
  }

  /// Checks the element count before any memory of that size is asked for.
  Result<Tensor> fill(DType type, const TensorMessage &parsed) {
    const std::optional<int64_t> elements = checkedElementCount(parsed.dims);
    if (!elements)
      return broken("shape " + describe(type, parsed.dims) + " has a negative dimension or is too large");
    if (type == DType::String && parsed.raw)
      return broken("strings may not lie in raw_data");
    if (parsed.raw && rawLength(type, *elements) != static_cast<int64_t>(parsed.raw->size()))
      return broken("raw_data has " + std::to_string(parsed.raw->size()) + " bytes, which do not fit " +
                    describe(type, parsed.dims));
    if (!parsed.raw && fieldSize(type, parsed) != static_cast<uint64_t>(fieldLength(type, *elements)))
      return broken(std::to_string(fieldSize(type, parsed)) + " values do not fit " + describe(type, parsed.dims));
    Result<Tensor> tensor = Tensor::allocate(type, parsed.dims, left);
    if (!tensor)
      return tensor;
    left.totalBytes -= std::min<uint64_t>(left.totalBytes, tensor->bytes().size());
    left.tensorBytes = std::min(left.tensorBytes, left.totalBytes);
    if (type == DType::String)
      std::copy(parsed.strings.begin(), parsed.strings.end(), tensor->strings().begin());
    else if (parsed.raw)
      HEDDLE_RETURN_IF_ERROR(unpackRaw(type, *elements, *parsed.raw, tensor->bytes()));
    else
      HEDDLE_RETURN_IF_ERROR(unpackFields(
          type, *elements, {parsed.floatData, parsed.int32Data, parsed.int64Data, parsed.uint64Data, parsed.doubleData},
          tensor->bytes()));
    return tensor;
  }

  static size_t fieldSize(DType type, const TensorMessage &parsed) {
    switch (tensorFieldOf(type)) {
    case TensorField::Float:
      return parsed.floatData.size();
    case TensorField::Int32:
      return parsed.int32Data.size();
    case TensorField::Int64:
      return parsed.int64Data.size();
    case TensorField::Uint64:
      return parsed.uint64Data.size();
    case TensorField::Double:
      return parsed.doubleData.size();
    case TensorField::String:
      return parsed.strings.size();
    }
    return 0;
  }

  ReadLimits left;
};

template <typename T> Result<Value> asValue(Result<T> content) {
  if (!content)
    return content.status();
  return Value(std::move(*content));
}

} // namespace

Result<Value> parseValue(std::span<const std::byte> message, ValueKind kind, const ReadLimits &limits) {
  ValueParser parser(limits);
  switch (kind) {
  case ValueKind::Tensor:
    return asValue(parser.tensor(message));
  case ValueKind::Sequence:
    return asValue(parser.sequence(message));
  case ValueKind::Optional:
    break;
  }
  return asValue(parser.optional(message));
}

Result<Value> readValueFile(const std::string &path, ValueKind kind, const ReadLimits &limits) {
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return file.status();
  if (file->size() > limits.totalBytes)
    return Status(Code::OverLimit, "'" + path + "': " + std::to_string(file->size()) + " bytes, the limit is " +
                                       std::to_string(limits.totalBytes));
  Result<std::shared_ptr<const FileBytes>> content = file->load();
  if (!content)
    return content.status();
  Result<Value> value = parseValue((*content)->bytes(), kind, limits);
  if (!value)
    return Status(value.status().code(), "'" + path + "': " + value.status().message());
  return value;
}

Result<Tensor> readTensorFile(const std::string &path, const ReadLimits &limits) {
  Result<Value> value = readValueFile(path, ValueKind::Tensor, limits);
  if (!value)
    return value.status();
  return std::get<Tensor>(std::move(*value));
}

std::string nameInMessage(std::span<const std::byte> message, ValueKind kind) {
  const uint32_t nameField = kind == ValueKind::Tensor ? 8 : 1;
  WireReader reader(message);
  WireField field;
  while (!reader.atEnd() && reader.next(field).isOk())
    if (field.number == nameField && field.type == WireType::Bytes)
      return std::string(field.text());
  return {};
}

} // namespace heddle
