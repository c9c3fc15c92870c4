// What a user can ask of the compiler.
#ifndef HEDDLE_COMPILER_OPTIONS_H
#define HEDDLE_COMPILER_OPTIONS_H

#include "runtime/format/Plan.h"
#include "runtime/format/Status.h"
#include "runtime/format/View.h"
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace heddle {

/// The stages of compilation, in order. Each is named after what it produces.
enum class Stage { Import, Graph, Kernels, Plan, Code, Artifact };

/// The name of a stage on the command line.
std::string_view nameOf(Stage stage);
/// The stage of a name; nullopt if there is none.
std::optional<Stage> stageFromName(std::string_view name);

/// The names of all passes that stages run, each once, in the order of their first run.
std::vector<std::string> pipelinePasses();
/// The passes that may be left out: without them the program is slower, not wrong.
std::span<const std::string_view> optionalPasses();

/// A dense row-major tensor, and what keeps its memory alive.
struct SharedTensor {
  View view;
  std::shared_ptr<const void> owner;
};

/// What `--verify-each` needs: the evaluator runs the IR before and after every pass that changed it.
struct PassCheckRequest {
  /// One tensor per input of the model, of its type and shape; called at most once.
  std::function<Result<std::vector<SharedTensor>>(const std::vector<Port> &inputs)> makeInputs;
  /// Gets one line per pass that changed something: that its results are the same, or why it was not checked.
  std::function<void(const std::string &line)> report;
};

/// One pass that has run.
struct PassRun {
  Stage stage = Stage::Graph;
  std::string_view pass; ///< Such as "cse".
  std::chrono::nanoseconds elapsed = {};
  // Empty unless the observer wants them:
  std::string before, after; ///< The IR around it without locations, to be compared.
  std::string dump;          ///< The IR behind it as `--until` prints it.
};

/// Told about the passes of a compilation, by the thread that compiles.
class PassObserver {
public:
  virtual ~PassObserver() = default;
  virtual bool wantsText(std::string_view pass) const = 0;
  virtual bool wantsDecisions() const = 0;
  virtual void passEnded(const PassRun &run) = 0;
  /// A remark of a pass, in one line: what it did or refused, and where.
  virtual void decided(Stage stage, const std::string &remark) = 0;
};

struct CompileOptions {
  /// "cpu", or "cuda" (which the simulator runs too).
  std::string device = "cpu";
  /// CPU level that code is made for.
  std::string cpuLevel = "x86-64-v3";
  /// GPU architectures such as "sm_90a"; the first is the one that sessions of this process use.
  std::vector<std::string> smVersions = {"sm_80"};
  /// Sizes of inputs by name.
  std::map<std::string, Shape, std::less<>> inputShapes;
  /// Elements of small integer inputs that may be assumed (and guarded).
  std::map<std::string, std::vector<int64_t>, std::less<>> assumedContents;
  /// Passes to leave out, of `optionalPasses()`.
  std::vector<std::string> disabledPasses;
  /// Folder for one numbered file per pass that changed something; empty for none.
  std::string dumpPhases;
  /// Folder of compiled kernels; empty for the user's.
  std::string cacheFolder;
  /// Check each pass against the evaluator; a difference is Code::Mismatch. Null: no check.
  std::shared_ptr<const PassCheckRequest> verifyEach;
  /// Null: nobody is told.
  std::shared_ptr<PassObserver> observer;
  /// Threads that compile kernels.
  unsigned threads = 1;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_OPTIONS_H
