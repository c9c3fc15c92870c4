// A model that the evaluator runs: what `heddle verify` compares with.
#ifndef HEDDLE_COMPILER_REFERENCEMODEL_H
#define HEDDLE_COMPILER_REFERENCEMODEL_H

#include "compiler/Options.h"

namespace heddle {

/// A launch or host call that the evaluator has run.
struct ReferenceStep {
  std::string name;                ///< Of the kernel or host function.
  std::string origin;              ///< ONNX node names, joined by ", ".
  std::vector<std::string> values; ///< Per result the ONNX value, or the node where it has no value of its own.
  std::vector<SharedTensor> results;
};

/// The IR of a model at the end of a stage up to kernels, with its weights. For one thread.
class ReferenceModel {
public:
  using StepObserver = std::function<void(ReferenceStep step)>;
  /// Gets each value inside a kernel with the ONNX nodes that made it.
  using ValueObserver = std::function<void(const std::string &origin, const SharedTensor &value)>;

  virtual ~ReferenceModel() = default;

  /// The outputs for dense inputs, one per input port of the model. \param observe called for each step, in order; may
  /// be null. Steps are there from stage kernels on. Code::Unsupported names what the evaluator cannot run.
  virtual Result<std::vector<SharedTensor>> run(std::span<const View> inputs, const StepObserver &observe) = 0;
  /// The results of one kernel for dense inputs. \param sizes values of the kernel's symbols. \param observe may be
  /// null.
  virtual Result<std::vector<SharedTensor>> runKernel(const std::string &kernel, std::span<const int64_t> sizes,
                                                      std::span<const View> inputs, const ValueObserver &observe) = 0;
  /// Names of the outputs, in order.
  virtual std::vector<std::string> outputNames() = 0;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_REFERENCEMODEL_H
