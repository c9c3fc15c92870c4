// What the code generator needs to know of a CPU level.
#ifndef HEDDLE_CODEGEN_CPU_CPULEVEL_H
#define HEDDLE_CODEGEN_CPU_CPULEVEL_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heddle {

/// A row of `runtime/format/Target.h`, in the words of LLVM.
struct CpuLevel {
  std::string name;     ///< As on the command line: `x86-64-v4+vnni`.
  std::string cpu;      ///< LLVM's name of the base level.
  std::string features; ///< LLVM's feature string on top of it.
  int64_t vectorBytes;  ///< Of the widest registers.
};

/// The level of this name; nullopt if there is none.
std::optional<CpuLevel> cpuLevel(std::string_view name);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_CPULEVEL_H
