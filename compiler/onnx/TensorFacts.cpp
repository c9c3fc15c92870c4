// Implements the rules that a TensorProto obeys by itself.
#include "compiler/onnx/TensorFacts.h"
#include "runtime/format/CheckedMath.h"
#include <numeric>
#include <onnx/onnx_pb.h>

namespace heddle {
namespace {

using onnx::TensorProto;

Status broken(const std::string &what) { return {Code::Malformed, what}; }

std::string shapeText(const std::vector<int64_t> &dims) {
  std::string text = "[";
  for (size_t dim = 0; dim < dims.size() && dim < 8; ++dim)
    text += (dim ? "," : "") + std::to_string(dims[dim]);
  return text + (dims.size() > 8 ? ",...]" : "]");
}

ElementField fieldOfType(int64_t dataType) {
  switch (dataType) {
  case TensorProto::FLOAT:
  case TensorProto::COMPLEX64:
    return ElementField::Float;
  case TensorProto::DOUBLE:
  case TensorProto::COMPLEX128:
    return ElementField::Double;
  case TensorProto::INT64:
    return ElementField::Int64;
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return ElementField::Uint64;
  case TensorProto::STRING:
    return ElementField::String;
  default:
    return ElementField::Int32;
  }
}

bool isComplex(int64_t dataType) { return dataType == TensorProto::COMPLEX64 || dataType == TensorProto::COMPLEX128; }

/// Values in the typed field of `elements` elements; nullopt on overflow.
std::optional<uint64_t> typedCount(int64_t dataType, uint64_t elements, unsigned bits) {
  if (isComplex(dataType))
    return checkedMul<uint64_t>(elements, 2);
  const uint64_t perValue = bits == 4 ? 2 : bits == 2 ? 4 : 1;
  return elements / perValue + (elements % perValue != 0);
}

Status checkTypedFields(const TensorFacts &facts, uint64_t elements, unsigned bits) {
  const auto used = static_cast<size_t>(fieldOfType(facts.dataType));
  for (size_t field = 0; field < elementFieldCount; ++field)
    if (field != used && facts.counts[field] != 0)
      return broken("elements of type " + std::to_string(facts.dataType) + " lie in the wrong field");
  const std::optional<uint64_t> expected = typedCount(facts.dataType, elements, bits);
  if (!expected || facts.counts[used] != *expected)
    return broken("has " + std::to_string(facts.counts[used]) + " values, expected " +
                  (expected ? std::to_string(*expected) : "fewer than 2^64") + " for shape " + shapeText(facts.dims));
  return Status::ok();
}

} // namespace

std::optional<unsigned> elementBits(int64_t dataType) {
  switch (dataType) {
  case TensorProto::COMPLEX128:
    return 128;
  case TensorProto::DOUBLE:
  case TensorProto::INT64:
  case TensorProto::UINT64:
  case TensorProto::COMPLEX64:
    return 64;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
  case TensorProto::UINT32:
    return 32;
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return 16;
  case TensorProto::INT8:
  case TensorProto::UINT8:
  case TensorProto::BOOL:
  case TensorProto::FLOAT8E4M3FN:
  case TensorProto::FLOAT8E4M3FNUZ:
  case TensorProto::FLOAT8E5M2:
  case TensorProto::FLOAT8E5M2FNUZ:
  case TensorProto::FLOAT8E8M0:
    return 8;
  case TensorProto::INT4:
  case TensorProto::UINT4:
  case TensorProto::FLOAT4E2M1:
    return 4;
  case TensorProto::INT2:
  case TensorProto::UINT2:
    return 2;
  case TensorProto::STRING:
    return 0;
  default:
    return std::nullopt;
  }
}

Result<uint64_t> checkedTensorBytes(const TensorFacts &facts) {
  if (facts.hasSegment)
    return broken("has a segment, which is not allowed");
  const std::optional<unsigned> bits = elementBits(facts.dataType);
  if (!bits)
    return broken("element type " + std::to_string(facts.dataType) + " is unknown");
  for (int64_t size : facts.dims)
    if (size < 0)
      return broken("shape " + shapeText(facts.dims) + " has a negative dimension");
  const std::optional<int64_t> elements = checkedElementCount(facts.dims);
  const std::optional<int64_t> totalBits =
      elements ? checkedMul<int64_t>(*elements, std::max(*bits, 1u)) : std::nullopt;
  if (!totalBits)
    return broken("shape " + shapeText(facts.dims) + " has too many elements");
  const uint64_t bytes = *bits == 0 ? facts.stringBytes : static_cast<uint64_t>(*totalBits / 8 + (*totalBits % 8 != 0));
  const bool hasTyped = std::accumulate(facts.counts.begin(), facts.counts.end(), uint64_t(0)) != 0;
  if (facts.isExternal) {
    if (hasTyped || facts.rawBytes != 0 || *bits == 0)
      return broken(*bits == 0 ? "strings may not be external" : "is external but has elements in the model too");
    return bytes;
  }
  if (facts.rawBytes != 0 && hasTyped)
    return broken("has both raw_data and a typed field");
  if (facts.rawBytes != 0 && *bits == 0)
    return broken("strings may not lie in raw_data");
  if (facts.rawBytes != 0 && facts.rawBytes != bytes)
    return broken("raw_data has " + std::to_string(facts.rawBytes) + " bytes, expected " + std::to_string(bytes) +
                  " for shape " + shapeText(facts.dims));
  if (facts.rawBytes == 0)
    HEDDLE_RETURN_IF_ERROR(checkTypedFields(facts, static_cast<uint64_t>(*elements), *bits));
  return bytes;
}

} // namespace heddle
