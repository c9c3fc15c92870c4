// `heddle compile`: a model becomes an artifact, or the IR of a stage is printed.
#include "compiler/Compiler.h"
#include "compiler/ModelWeights.h"
#include "runtime/format/Artifact.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static Status printStage(const Compiler &compiler, const CompileOptions &options, const std::string &name) {
  std::optional<Stage> stage = stageFromName(name);
  if (!stage)
    return Status(Code::Malformed, "flag '--until' got '" + name + "', expected import, graph, kernels, plan, code or artifact");
  Result<std::string> text = compiler.print(options, *stage);
  if (!text)
    return text.status();
  std::fputs(text->c_str(), stdout);
  return Status::ok();
}

static Status compile(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  if (!options)
    return options.status();
  if (!line.has("-o") && !line.has("--until"))
    return Status(Code::Malformed, "nothing to do: give -o ARTIFACT or --until STAGE");
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(*path);
  if (!compiler)
    return compiler.status();
  if (line.has("--until"))
    return printStage(**compiler, *options, line.get("--until"));
  Result<CompiledModel> compiled = (*compiler)->compile(*options);
  if (!compiled)
    return compiled.status();
  return writeArtifact(line.get("-o"), *compiled->program, artifactWeights(*compiled));
}

const Verb &heddle::compileVerb() {
  static const Verb verb = {"compile", "compile MODEL.onnx -o ART.hdl | --until STAGE",
                            "Compiles a model to an artifact, or prints the IR of a stage.",
                            withCompileFlags({{"-o", "FILE", "the artifact to write"},
                                              {"--until", "STAGE", "print the IR of import, graph, kernels, plan or code"}}),
                            compile};
  return verb;
}
