// The scalar types of PTX.
#include "runtime/sim/PtxType.h"
#include <array>

namespace heddle::sim {
namespace {

struct TypeInfo {
  std::string_view name;
  unsigned bytes;
  char kind;
};

constexpr std::array infos = {
#define HEDDLE_PTX_TYPE_INFO(ID, NAME, BYTES, CLASS) TypeInfo{NAME, BYTES, CLASS},
    HEDDLE_PTX_TYPES(HEDDLE_PTX_TYPE_INFO)
#undef HEDDLE_PTX_TYPE_INFO
};

} // namespace

unsigned byteWidth(PtxType type) { return infos[static_cast<size_t>(type)].bytes; }

std::string_view nameOf(PtxType type) { return infos[static_cast<size_t>(type)].name; }

char classOf(PtxType type) { return infos[static_cast<size_t>(type)].kind; }

std::optional<PtxType> ptxTypeFromName(std::string_view name) {
  for (size_t i = 0; i < infos.size(); ++i)
    if (infos[i].name == name)
      return static_cast<PtxType>(i);
  return std::nullopt;
}

} // namespace heddle::sim
