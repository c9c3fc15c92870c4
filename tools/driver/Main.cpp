// Finds the verb, parses its flags, prints help and errors.
#include "runtime/format/OutputFile.h"
#include "tools/common/Interrupt.h"
#include "tools/driver/Verbs.h"
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/time.h>
#include <unistd.h>

using namespace heddle;

static std::vector<const Verb *> allVerbs() {
  return {&runVerb(), &compileVerb(), &benchVerb(), &verifyVerb(), &inspectVerb(), &opsVerb(), &cacheVerb()};
}

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

/// What is printed when the time is over; made beforehand, because a handler must not allocate.
static std::string timeoutMessage;

static void timeOut(int) {
  removeUnfinishedFiles();
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, timeoutMessage.data(), timeoutMessage.size());
  std::_Exit(static_cast<int>(Code::OverLimit));
}

/// Ends the program when the time of `--timeout` is over.
static Status startTimer(const CommandLine &line) {
  if (!line.has("--timeout"))
    return Status::ok();
  Result<double> seconds = line.real("--timeout", 0);
  if (!seconds)
    return seconds.status();
  if (!(*seconds > 0 && *seconds <= 1e9))
    return Status(Code::Malformed, "flag '--timeout' got '" + line.get("--timeout") + "', expected seconds above 0");
  timeoutMessage = "heddle: error: not done after " + line.get("--timeout") + " seconds, the limit of '--timeout'\n";
  std::signal(SIGALRM, timeOut);
  double whole = std::floor(*seconds);
  itimerval timer = {{0, 0}, {static_cast<time_t>(whole), static_cast<suseconds_t>((*seconds - whole) * 1e6)}};
  if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0)
    timer.it_value.tv_usec = 1;
  setitimer(ITIMER_REAL, &timer, nullptr);
  return Status::ok();
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
    if (Status status = startTimer(*line); !status)
      return report(status);
    return report(verb->run(*line));
  }
  std::string_view match = nearest(first, names);
  std::string hint = match.empty() ? "see 'heddle --help'" : "did you mean '" + std::string(match) + "'?";
  return report(Status(Code::Malformed,
                       first.empty() ? "no verb, " + hint : "unknown verb '" + std::string(first) + "', " + hint));
}
