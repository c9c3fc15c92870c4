// Finds the verb, parses its flags, prints help and errors.
#include "tools/common/Interrupt.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static std::vector<const Verb *> allVerbs() { return {&runVerb(), &compileVerb(), &benchVerb(), &inspectVerb()}; }

static void printOverview() {
  std::printf("usage: heddle VERB ...\nCompiles ONNX models and runs them.\n\n");
  for (const Verb *verb : allVerbs())
    std::printf("  %-10.*s %.*s\n", int(verb->name.size()), verb->name.data(), int(verb->summary.size()),
                verb->summary.data());
  std::printf("\n`heddle VERB --help` lists the flags of a verb.\n");
}

static int report(const Status &status) {
  if (!status.isOk())
    std::fprintf(stderr, "heddle: error: %s\n", forTerminal(status.message()).c_str());
  return static_cast<int>(status.code());
}

int heddle::driverMain(std::span<char *const> words) {
  leaveNothingAtInterrupt();
  std::string_view first = words.size() > 1 ? words[1] : "";
  if (first == "--help" || first == "-h") {
    printOverview();
    return 0;
  }
  if (first == "--version") {
    std::printf("heddle %s\n", HEDDLE_VERSION);
    return 0;
  }
  std::vector<std::string_view> names;
  for (const Verb *verb : allVerbs()) {
    names.push_back(verb->name);
    if (verb->name != first)
      continue;
    std::vector<Flag> flags = verb->flags;
    flags.push_back({"--help", "", "this text"});
    Result<CommandLine> line = CommandLine::parse(words.subspan(2), flags);
    if (!line)
      return report(line.status());
    if (line->has("--help")) {
      std::fputs(helpText("heddle " + std::string(verb->usage), verb->summary, flags).c_str(), stdout);
      return 0;
    }
    return report(verb->run(*line));
  }
  std::string_view match = nearest(first, names);
  std::string hint = match.empty() ? "see 'heddle --help'" : "did you mean '" + std::string(match) + "'?";
  return report(Status(Code::Malformed,
                       first.empty() ? "no verb, " + hint : "unknown verb '" + std::string(first) + "', " + hint));
}
