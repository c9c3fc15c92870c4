// The input tensors of one run: given on the command line, read from files, or drawn.
#ifndef HEDDLE_TOOLS_COMMON_RUNINPUTS_H
#define HEDDLE_TOOLS_COMMON_RUNINPUTS_H

#include "runtime/format/Plan.h"
#include "tools/io/Tensor.h"
#include <span>

namespace heddle {

/// One tensor per input port, and the memory of those that this run does not share with others.
struct RunInputs {
  /// Takes what `always` and `given` name and draws the rest; sizes chosen for free symbols are noted on stderr.
  /// \param always tensors that every run gets; they go before `given` and outlive the result. Their elements are
  ///        reinterpreted where a port has another type of the same width.
  /// \param given tensors of this run alone.
  /// \param isState per port: a state feeds it, so that it needs no tensor; those of `given` are ignored.
  /// Code::Malformed names a tensor that is no input, with its nearest match.
  static Result<RunInputs> make(const std::vector<Port> &ports, std::span<NamedTensor> always,
                                std::vector<NamedTensor> given, const std::vector<bool> &isState, uint64_t seed);

  std::vector<const Tensor *> tensors; ///< Per port; null where a state feeds it.
  std::vector<Tensor> owned;           ///< Per port; those given with `always` are empty.
};

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_RUNINPUTS_H
