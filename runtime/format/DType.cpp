// Tables behind the element types, all generated from HEDDLE_DTYPES.
#include "runtime/format/DType.h"

#include <cassert>

namespace heddle {

namespace {

struct Row {
  DType type;
  std::string_view name;
  int64_t bytes;
  int32_t onnx;
};

constexpr Row rows[] = {
#define HEDDLE_DTYPE_ROW(ID, NAME, BYTES, ONNX) {DType::ID, NAME, BYTES, ONNX},
    HEDDLE_DTYPES(HEDDLE_DTYPE_ROW)
#undef HEDDLE_DTYPE_ROW
};

const Row &rowOf(DType type) {
  auto index = static_cast<size_t>(type);
  assert(index < std::size(rows) && "not an element type");
  return rows[index];
}

} // namespace

int64_t byteWidth(DType type) { return rowOf(type).bytes; }
std::string_view nameOf(DType type) { return rowOf(type).name; }
int32_t onnxNumberOf(DType type) { return rowOf(type).onnx; }

std::optional<DType> dtypeFromName(std::string_view name) {
  for (const Row &row : rows)
    if (row.name == name)
      return row.type;
  return std::nullopt;
}

std::optional<DType> dtypeFromOnnx(int32_t number) {
  for (const Row &row : rows)
    if (row.onnx == number)
      return row.type;
  return std::nullopt;
}

bool isFloat(DType type) {
  switch (type) {
  case DType::F64:
  case DType::F32:
  case DType::F16:
  case DType::BF16:
  case DType::F8E4M3FN:
  case DType::F8E4M3FNUZ:
  case DType::F8E5M2:
  case DType::F8E5M2FNUZ:
  case DType::F8E8M0:
  case DType::F4E2M1:
    return true;
  default:
    return false;
  }
}

bool isSignedInteger(DType type) {
  return type == DType::I64 || type == DType::I32 || type == DType::I16 || type == DType::I8 || type == DType::I4;
}

bool isUnsignedInteger(DType type) {
  return type == DType::U64 || type == DType::U32 || type == DType::U16 || type == DType::U8 || type == DType::U4;
}

} // namespace heddle
