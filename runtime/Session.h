// A compiled model ready to run on one device.
#ifndef HEDDLE_RUNTIME_SESSION_H
#define HEDDLE_RUNTIME_SESSION_H

#include "runtime/Device.h"
#include "runtime/RunObserver.h"
#include "runtime/RuntimeTensor.h"
#include "runtime/Weights.h"
#include "runtime/format/Specializer.h"
#include <limits>

namespace heddle {

struct SessionOptions {
  /// Bytes that the arena of one run may take; more is Code::OverLimit before anything runs.
  int64_t memoryLimit = std::numeric_limits<int64_t>::max();
  /// Fill the arena with signalling NaNs before each run, so that a read of something unwritten shows. For tests.
  bool poisonArena = false;
  /// Variants that a compiler added and that are kept; the one used longest ago goes first.
  size_t addedVariants = 32;
};

/// What a Session needs to exist. Weights and device may serve many Sessions.
struct SessionParts {
  std::shared_ptr<const Program> program;
  std::shared_ptr<WeightSource> weights;
  std::shared_ptr<Device> device;
  std::shared_ptr<Specializer> specializer; ///< Null where no compiler is linked.
};

/// Runs a program. `run` is safe from many threads at once: each run takes a context (arena and scratch tables) from a
/// pool that grows to the number of runs at the same time. Equal inputs give equal bits, whatever the threads.
class Session {
public:
  /// Code::Unsupported if the program has no variant for the device and there is no specializer; Code::BadArtifact if
  /// its plan breaks a rule (verifyProgram).
  static Result<std::unique_ptr<Session>> create(SessionParts parts, SessionOptions options = {});
  ~Session();

  /// Runs the model once.
  /// \param inputs one per input port; strides as they come. Copied first where they are not dense.
  /// \param outputs one per output port, or empty. Those that are defined must have the result's shape and are filled,
  ///        strides as they come; no memory of theirs may overlap an input. The others become tensors of their own.
  /// \param hooks what interrupts or watches the run.
  /// Errors: Code::Malformed for inputs that do not fit and data that breaks the model's rules; Code::Mismatch if the
  /// device's own checks found something (the message has the first finding, `takeFindings` all).
  /// After an error the session can still be used; the contents of outputs are undefined.
  Status run(std::span<const View> inputs, std::vector<RuntimeTensor> &outputs, const RunHooks &hooks = {});

  /// Shapes of the outputs for these shapes of inputs; -1 where a dimension depends on data.
  Result<std::vector<std::vector<int64_t>>> outputShapes(std::span<const std::vector<int64_t>> inputShapes) const;

  /// The program with all variants added so far.
  std::shared_ptr<const Program> program() const;
  /// Bytes of arena that runs hold at the moment, all contexts together.
  int64_t arenaBytes() const;
  std::vector<std::string> takeFindings();

private:
  struct State;
  explicit Session(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_SESSION_H
