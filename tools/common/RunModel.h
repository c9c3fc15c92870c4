// The work of `heddle run` and `heddle-run`: inputs from files or drawn, runs, comparisons, reports.
#ifndef HEDDLE_TOOLS_COMMON_RUNMODEL_H
#define HEDDLE_TOOLS_COMMON_RUNMODEL_H

#include "runtime/format/Plan.h"
#include "tools/common/CommandLine.h"
#include "tools/common/RunData.h"

namespace heddle {

/// A model that can run: an artifact through the C interface, or a session.
class RunTarget {
public:
  virtual ~RunTarget() = default;
  virtual const std::vector<Port> &inputs() const = 0;
  virtual const std::vector<Port> &outputs() const = 0;
  /// What it assumes of its inputs' sizes, as far as that is known.
  virtual std::vector<Expr> guards() const = 0;
  /// Makes an output of each run the input of the next (see heddle_bind_state).
  virtual Status bindState(size_t output, size_t input) = 0;
  /// One run. \param given one per input port; null where a state feeds it. \returns one tensor per output port.
  virtual Result<std::vector<Tensor>> run(std::span<const Tensor *const> given) = 0;
};

/// What the flags ask for.
struct RunRequest {
  std::vector<NamedTensor> inputs;      ///< --input
  std::vector<std::string> inputFiles;  ///< --inputs: one run each, in order; states go on from run to run.
  std::vector<std::string> outputFiles; ///< --outputs: none, or one per run.
  std::vector<std::string> testFolders; ///< --test-dir
  std::vector<std::string> states;      ///< --state
  Tolerance tolerance;
  uint64_t seed = 0;
  int64_t memoryLimit = 0; ///< Bytes of arena per run; 0: no limit.
  std::string jsonFile;

  static Result<RunRequest> parse(const CommandLine &line);
};

/// True for a file or folder that can be reached; never fails, whatever the path.
bool isThere(const std::string &path);

/// The tensors of a .npz file, or of a folder of .npy files, by name.
Result<std::vector<NamedTensor>> readTensors(const std::string &path);

/// The flags that RunRequest::parse reads.
const std::vector<Flag> &runFlags();

/// Runs and reports: outputs to stdout, sizes chosen for free symbols to stderr. Code::Mismatch if a test folder's
/// outputs differ; all folders are run first.
Status runModel(RunTarget &target, RunRequest request);

/// The pairs of ports that `present*=past*` names: the stars stand for the same text. Code::Malformed if it names none,
/// or an output without its input.
Result<std::vector<std::pair<size_t, size_t>>> matchStates(const std::string &pattern, const std::vector<Port> &outputs,
                                                           const std::vector<Port> &inputs);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_RUNMODEL_H
