// Flags that several verbs take, and what they mean for the compiler.
#ifndef HEDDLE_TOOLS_DRIVER_COMMONFLAGS_H
#define HEDDLE_TOOLS_DRIVER_COMMONFLAGS_H

#include "compiler/Options.h"
#include "tools/common/CommandLine.h"

namespace heddle {

/// Device, levels, shapes, threads, passes.
const std::vector<Flag> &compileFlags();
/// The compiler's options from these flags.
Result<CompileOptions> compileOptions(const CommandLine &line);
/// `flags` and the common ones.
std::vector<Flag> withCompileFlags(std::vector<Flag> flags);
/// The only positional argument; Code::Malformed if there is not exactly one.
Result<std::string> onlyModel(const CommandLine &line);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_COMMONFLAGS_H
