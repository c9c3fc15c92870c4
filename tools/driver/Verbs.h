// The verbs of `heddle`, one file each.
#ifndef HEDDLE_TOOLS_DRIVER_VERBS_H
#define HEDDLE_TOOLS_DRIVER_VERBS_H

#include "tools/common/CommandLine.h"

namespace heddle {

/// One verb: its flags, and the function that carries it out. Data go to stdout; the Status ends the program.
struct Verb {
  std::string_view name;
  std::string_view usage;   ///< Without "heddle".
  std::string_view summary; ///< One sentence.
  std::vector<Flag> flags;
  Status (*run)(const CommandLine &line);
};

const Verb &runVerb();
const Verb &compileVerb();
const Verb &benchVerb();
const Verb &verifyVerb();
const Verb &cacheVerb();
const Verb &inspectVerb();
const Verb &opsVerb();

/// Prints what an artifact holds: ports, sections, variants and their guards.
Status printArtifact(const std::string &path);

/// Runs `heddle` with these words; returns the exit code. Messages go to stderr.
int driverMain(std::span<char *const> words);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_VERBS_H
