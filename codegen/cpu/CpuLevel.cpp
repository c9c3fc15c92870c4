// CPU levels as LLVM sees them.
#include "codegen/cpu/CpuLevel.h"
#include "runtime/format/Target.h"

using namespace heddle;

std::optional<CpuLevel> heddle::cpuLevel(std::string_view name) {
  Result<const CpuTarget *> target = parseCpuTarget(name);
  if (!target)
    return std::nullopt;
  const CpuTarget &row = **target;
  return CpuLevel{std::string(row.name), std::string(row.llvmCpu), std::string(row.features), row.vectorBytes};
}
