// Opens what the running verbs take: a model to compile, or an artifact.
#ifndef HEDDLE_TOOLS_DRIVER_OPENSESSION_H
#define HEDDLE_TOOLS_DRIVER_OPENSESSION_H

#include "compiler/Options.h"
#include "runtime/Session.h"
#include "tools/common/RunInputs.h"
#include "tools/common/RunModel.h"

namespace heddle {

class Compiler;

/// What a verb that runs a model is told: the model, how to compile it, and what to run it on.
struct ModelCommand {
  static Result<ModelCommand> parse(const CommandLine &line);

  std::string path;
  CompileOptions options;
  RunRequest run;
};

/// A session on a model or artifact, its ports, and the arithmetic of its kernels.
struct OpenSession {
  std::shared_ptr<const Program> program;
  std::unique_ptr<Session> session;
  CompileOptions options; ///< What the model was compiled with, assumed elements of inputs included.
  /// As CompiledModel::flops; empty for an artifact.
  std::map<std::string, Expr> flops;
};

/// Compiles `path` (or opens it, if it is an artifact) for the options' device.
/// Where elements of inputs decide ranks, those that the request gives for its first run are assumed and guarded.
Result<OpenSession> openSession(const std::string &path, const CompileOptions &options, const RunRequest &request);

/// The weights of a model compiled in this process, for its sessions.
std::shared_ptr<WeightSource> weightsOf(std::shared_ptr<const Compiler> compiler);

/// Tensors that the request's files and folders give for its first run, by name. `names` are those of all inputs in
/// order.
Result<std::vector<NamedTensor>> firstInputs(const RunRequest &request, const std::vector<std::string> &names);

/// The inputs of the first run; what the request does not give is drawn, with sizes that agree with `guards`. They
/// refer to tensors of the request.
Result<RunInputs> inputsOfFirstRun(RunRequest &request, const std::vector<Port> &ports, std::vector<Expr> guards);

/// What the first variant assumes of its inputs' sizes; empty if there is none.
std::vector<Expr> guardsOf(const Program &program);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_OPENSESSION_H
