// The scalar types of PTX.
#ifndef HEDDLE_RUNTIME_SIM_PTXTYPE_H
#define HEDDLE_RUNTIME_SIM_PTXTYPE_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle::sim {

/// (enumerator, PTX name, bytes, class: b bits, u unsigned, s signed, f float, x two packed floats)
#define HEDDLE_PTX_TYPES(X)                                                                                            \
  X(Pred, "pred", 4, 'p')                                                                                              \
  X(B8, "b8", 1, 'b')                                                                                                  \
  X(B16, "b16", 2, 'b')                                                                                                \
  X(B32, "b32", 4, 'b')                                                                                                \
  X(B64, "b64", 8, 'b')                                                                                                \
  X(U8, "u8", 1, 'u')                                                                                                  \
  X(U16, "u16", 2, 'u')                                                                                                \
  X(U32, "u32", 4, 'u')                                                                                                \
  X(U64, "u64", 8, 'u')                                                                                                \
  X(S8, "s8", 1, 's')                                                                                                  \
  X(S16, "s16", 2, 's')                                                                                                \
  X(S32, "s32", 4, 's')                                                                                                \
  X(S64, "s64", 8, 's')                                                                                                \
  X(F16, "f16", 2, 'f')                                                                                                \
  X(BF16, "bf16", 2, 'f')                                                                                              \
  X(F32, "f32", 4, 'f')                                                                                                \
  X(F64, "f64", 8, 'f')                                                                                                \
  X(F16x2, "f16x2", 4, 'x')                                                                                            \
  X(BF16x2, "bf16x2", 4, 'x')

enum class PtxType : uint8_t {
#define HEDDLE_PTX_TYPE_ENUMERATOR(ID, NAME, BYTES, CLASS) ID,
  HEDDLE_PTX_TYPES(HEDDLE_PTX_TYPE_ENUMERATOR)
#undef HEDDLE_PTX_TYPE_ENUMERATOR
};

/// Bytes of one lane's value. A predicate has none of its own: one 32-bit word holds all lanes.
unsigned byteWidth(PtxType type);
std::string_view nameOf(PtxType type);
/// 'b', 'u', 's', 'f', 'x' (packed floats) or 'p' (predicate).
char classOf(PtxType type);
/// The type of a name without its dot; nullopt if there is none.
std::optional<PtxType> ptxTypeFromName(std::string_view name);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_PTXTYPE_H
