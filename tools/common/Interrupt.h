// What Ctrl-C does to the programs.
#ifndef HEDDLE_TOOLS_COMMON_INTERRUPT_H
#define HEDDLE_TOOLS_COMMON_INTERRUPT_H

namespace heddle {

/// From now on Ctrl-C ends the process at once with exit code 130, and no file stays behind half-written.
void leaveNothingAtInterrupt();

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_INTERRUPT_H
