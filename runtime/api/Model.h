// What the handles of the C interface point to.
#ifndef HEDDLE_RUNTIME_API_MODEL_H
#define HEDDLE_RUNTIME_API_MODEL_H

#include "runtime/Session.h"
#include "runtime/api/heddle.h"

namespace heddle::api {

/// A port with its texts in the form that C callers read. Points into itself: never copied.
struct PortText {
  explicit PortText(const Port &port);
  PortText(const PortText &) = delete;
  PortText(PortText &&) = default;

  std::string name;
  heddle_type type;
  std::vector<std::unique_ptr<std::string>> exprs;
  std::vector<heddle_dim> dims;
};

/// A strided view of a caller's tensor; Code::Malformed names what is wrong with it.
Result<View> viewOf(const heddle_tensor *tensor, const std::string &what);

/// The device of a name such as "cpu" or "sim:sm_90a".
Result<std::shared_ptr<Device>> makeDevice(const std::string &name, int threads);

} // namespace heddle::api

struct heddle_model {
  std::unique_ptr<heddle::Session> session;
  std::vector<heddle::api::PortText> inputs, outputs;
};

struct heddle_context {
  explicit heddle_context(heddle_model *model);

  /// A pair of heddle_bind_state, by index of port.
  struct State {
    size_t output = 0;
    size_t input = 0;
    heddle::RuntimeTensor value; ///< Undefined before the first run.
  };

  /// The views of all inputs, states included. Code::Malformed names an input that is not bound.
  heddle::Result<std::vector<heddle::View>> gatherInputs();
  /// Makes results of the last run the states of the next.
  void keepStates();

  heddle_model *model;
  std::vector<heddle::RuntimeTensor> inputs;       ///< Per input port; undefined if not bound.
  std::vector<heddle::RuntimeTensor> boundOutputs; ///< Per output port; undefined if not bound.
  std::vector<State> states;
  std::vector<heddle::RuntimeTensor> results;           ///< Of the last run.
  std::vector<std::vector<const char *>> resultStrings; ///< Per output port, as heddle_get_output hands them out.
  std::vector<std::string> findings;
  std::atomic<bool> cancelled{false};

private:
  heddle::Status startState(State &state, const heddle::SymbolValues &symbols) const;
  /// Symbols that the bound inputs determine.
  heddle::SymbolValues boundSymbols() const;
};

#endif // HEDDLE_RUNTIME_API_MODEL_H
