// An artifact that runs through the C interface.
#ifndef HEDDLE_TOOLS_HEDDLE_RUN_ARTIFACTTARGET_H
#define HEDDLE_TOOLS_HEDDLE_RUN_ARTIFACTTARGET_H

#include "runtime/api/heddle.h"
#include "tools/common/RunModel.h"
#include <memory>

namespace heddle {

/// Owns the model and one context.
class ArtifactTarget final : public RunTarget {
public:
  static Result<std::unique_ptr<ArtifactTarget>> open(const std::string &path, const heddle_options &options);
  ~ArtifactTarget() override;

  const std::vector<Port> &inputs() const override { return inputPorts; }
  const std::vector<Port> &outputs() const override { return outputPorts; }
  /// The C interface does not tell them.
  std::vector<Expr> guards() const override { return {}; }
  Status bindState(size_t output, size_t input) override;
  Result<std::vector<Tensor>> run(std::span<const Tensor *const> given) override;

  heddle_context *handle() { return context; }

private:
  ArtifactTarget() = default;
  Status readPorts();
  Status bind(size_t input, const Tensor &tensor);
  Result<Tensor> takeOutput(size_t index);

  heddle_model *model = nullptr;
  heddle_context *context = nullptr;
  std::vector<Port> inputPorts, outputPorts;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_HEDDLE_RUN_ARTIFACTTARGET_H
