// `heddle run`: runs a model or artifact on given, stored or random inputs.
#include "tools/driver/CommonFlags.h"
#include "tools/driver/SessionTarget.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static Status run(const CommandLine &line) {
  Result<ModelCommand> command = ModelCommand::parse(line);
  if (!command)
    return command.status();
  Result<OpenSession> open = openSession(command->path, command->options, command->run);
  if (!open)
    return open.status();
  SessionTarget target(std::move(*open));
  Status status = runModel(target, std::move(command->run));
  for (const std::string &finding : target.session().takeFindings())
    std::fprintf(stderr, "finding: %s\n", forTerminal(finding).c_str());
  return status;
}

const Verb &heddle::runVerb() {
  static const Verb verb = {"run", "run MODEL.onnx|ART.hdl",
                            "Runs a model or artifact; draws inputs that are not given.", withCompileFlags(runFlags()),
                            run};
  return verb;
}
