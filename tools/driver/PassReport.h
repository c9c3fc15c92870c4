// What the user asked to see of passes: times and decisions, the IR behind a pass, what a pass changed.
#ifndef HEDDLE_TOOLS_DRIVER_PASSREPORT_H
#define HEDDLE_TOOLS_DRIVER_PASSREPORT_H

#include "compiler/Options.h"
#include "tools/common/CommandLine.h"

namespace heddle {

/// The observer that `-v`, `--dump-after` and `--diff-after` ask for; null if none of them is given. Code::Malformed
/// for a pass that no stage runs, with its nearest match.
Result<std::shared_ptr<PassObserver>> makePassReport(const CommandLine &line);

/// What `--verify-each` asks for: inputs from the flags of a run where they are given, drawn otherwise.
Result<std::shared_ptr<const PassCheckRequest>> makePassCheckRequest(const CommandLine &line);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_PASSREPORT_H
