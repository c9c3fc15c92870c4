// The table of CPU levels.
#include "codegen/cpu/CpuLevel.h"

using namespace heddle;

std::optional<CpuLevel> heddle::cpuLevel(std::string_view name) {
  static const CpuLevel levels[] = {
      {"x86-64-v3", "x86-64-v3", "", 32},
      {"x86-64-v4", "x86-64-v4", "", 64},
      {"x86-64-v4+vnni", "x86-64-v4", "+avx512vnni", 64},
      {"x86-64-v4+vnni+bf16", "x86-64-v4", "+avx512vnni,+avx512bf16", 64},
  };
  for (const CpuLevel &level : levels)
    if (level.name == name)
      return level;
  return std::nullopt;
}
