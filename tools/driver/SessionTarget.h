// A session as something that can run, for the code that `heddle run` shares with `heddle-run`.
#ifndef HEDDLE_TOOLS_DRIVER_SESSIONTARGET_H
#define HEDDLE_TOOLS_DRIVER_SESSIONTARGET_H

#include "tools/common/RunModel.h"
#include "tools/driver/OpenSession.h"

namespace heddle {

/// The tensor's memory as the runtime sees it; read only.
View viewOf(const Tensor &tensor);
/// Views of all tensors of a run; no input may be fed by a state.
std::vector<View> viewsOf(const RunInputs &inputs);

/// Owns the session and the tensors that states carry from run to run.
class SessionTarget final : public RunTarget {
public:
  explicit SessionTarget(OpenSession open) : open(std::move(open)) {}

  const std::vector<Port> &inputs() const override { return open.program->inputs; }
  const std::vector<Port> &outputs() const override { return open.program->outputs; }
  std::vector<Expr> guards() const override { return guardsOf(*open.program); }
  Status bindState(size_t output, size_t input) override;
  Result<std::vector<Tensor>> run(std::span<const Tensor *const> given) override;

  Session &session() { return *open.session; }

private:
  /// The tensor of an input that a state feeds; before the first run every free size of it is 0.
  Result<RuntimeTensor> initialState(const Port &port) const;

  struct State {
    size_t output, input;
    RuntimeTensor value;
  };
  OpenSession open;
  std::vector<State> states;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_SESSIONTARGET_H
