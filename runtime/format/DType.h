// Element types of tensors: names, widths in memory, and classification.
#ifndef HEDDLE_RUNTIME_FORMAT_DTYPE_H
#define HEDDLE_RUNTIME_FORMAT_DTYPE_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle {

/// (name of the enumerator, printed name, bytes per element in memory, ONNX TensorProto.DataType)
/// Every element takes at least one byte in memory: bool is 0 or 1, sub-byte types are unpacked.
#define HEDDLE_DTYPES(X)                                                                                               \
  X(F64, "f64", 8, 11)                                                                                                 \
  X(F32, "f32", 4, 1)                                                                                                  \
  X(F16, "f16", 2, 10)                                                                                                 \
  X(BF16, "bf16", 2, 16)                                                                                               \
  X(F8E4M3FN, "f8e4m3fn", 1, 17)                                                                                       \
  X(F8E4M3FNUZ, "f8e4m3fnuz", 1, 18)                                                                                   \
  X(F8E5M2, "f8e5m2", 1, 19)                                                                                           \
  X(F8E5M2FNUZ, "f8e5m2fnuz", 1, 20)                                                                                   \
  X(F8E8M0, "f8e8m0", 1, 24)                                                                                           \
  X(I64, "i64", 8, 7)                                                                                                  \
  X(I32, "i32", 4, 6)                                                                                                  \
  X(I16, "i16", 2, 5)                                                                                                  \
  X(I8, "i8", 1, 3)                                                                                                    \
  X(U64, "u64", 8, 13)                                                                                                 \
  X(U32, "u32", 4, 12)                                                                                                 \
  X(U16, "u16", 2, 4)                                                                                                  \
  X(U8, "u8", 1, 2)                                                                                                    \
  X(Bool, "bool", 1, 9)                                                                                                \
  X(I4, "i4", 1, 22)                                                                                                   \
  X(U4, "u4", 1, 21)                                                                                                   \
  X(F4E2M1, "f4e2m1", 1, 23)                                                                                           \
  X(String, "string", 0, 8)

enum class DType : uint8_t {
#define HEDDLE_DTYPE_ENUMERATOR(ID, NAME, BYTES, ONNX) ID,
  HEDDLE_DTYPES(HEDDLE_DTYPE_ENUMERATOR)
#undef HEDDLE_DTYPE_ENUMERATOR
};

/// Bytes of one element in memory; 0 for strings, which own their storage.
int64_t byteWidth(DType type);
/// The printed name, such as "f32".
std::string_view nameOf(DType type);
/// The type of a printed name; nullopt if there is none.
std::optional<DType> dtypeFromName(std::string_view name);
/// The type of ONNX's TensorProto.DataType number; nullopt if unknown or complex.
std::optional<DType> dtypeFromOnnx(int32_t number);
int32_t onnxNumberOf(DType type);

/// f64, f32, f16, bf16 and the 8- and 4-bit floats.
bool isFloat(DType type);
/// Signed integers of 4 to 64 bits.
bool isSignedInteger(DType type);
/// Unsigned integers of 4 to 64 bits, without bool.
bool isUnsignedInteger(DType type);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_DTYPE_H
