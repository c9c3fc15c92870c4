// Implements the handler of Ctrl-C.
#include "tools/common/Interrupt.h"

#include "runtime/format/OutputFile.h"
#include "runtime/format/Status.h"
#include <csignal>
#include <cstdlib>

namespace heddle {

static void interrupt(int) {
  removeUnfinishedFiles();
  std::_Exit(static_cast<int>(Code::Interrupted));
}

void leaveNothingAtInterrupt() { std::signal(SIGINT, interrupt); }

} // namespace heddle
