// `heddle run`: runs a model or artifact on given, stored or random inputs.
#include "tools/driver/CommonFlags.h"
#include "tools/driver/SessionTarget.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static Status run(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  if (!options)
    return options.status();
  Result<RunRequest> request = RunRequest::parse(line);
  if (!request)
    return request.status();
  Result<OpenSession> open = openSession(*path, *options, *request);
  if (!open)
    return open.status();
  SessionTarget target(std::move(*open));
  Status status = runModel(target, std::move(*request));
  for (const std::string &finding : target.session().takeFindings())
    std::fprintf(stderr, "finding: %s\n", finding.c_str());
  return status;
}

const Verb &heddle::runVerb() {
  static const Verb verb = {"run", "run MODEL.onnx|ART.hdl",
                            "Runs a model or artifact; draws inputs that are not given.", withCompileFlags(runFlags()),
                            run};
  return verb;
}
