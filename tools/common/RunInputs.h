// The input tensors of one run: given on the command line, read from files, or drawn.
#ifndef HEDDLE_TOOLS_COMMON_RUNINPUTS_H
#define HEDDLE_TOOLS_COMMON_RUNINPUTS_H

#include "runtime/format/Plan.h"
#include "tools/common/FreeSizes.h"
#include "tools/io/Tensor.h"
#include <functional>
#include <span>

namespace heddle {

/// How inputs that are not given are drawn.
struct DrawOptions {
  uint64_t seed = 0;
  /// What the model assumes of its inputs' sizes (Variant::guards), as far as it is known.
  std::vector<Expr> guards;
  /// Sizes that have been noted on stderr; they are not noted again.
  SymbolValues *noted = nullptr;
};

/// One tensor per input port, and the memory of those that this run does not share with others.
struct RunInputs {
  /// Takes what `always` and `given` name and draws the rest; sizes chosen for free symbols are noted on stderr.
  /// \param ports outlive the last call of tryRun.
  /// \param always tensors that every run gets; they go before `given` and outlive the result. Their elements are
  ///        reinterpreted where a port has another type of the same width.
  /// \param given tensors of this run alone.
  /// \param isState per port: a state feeds it, so that it needs no tensor; one that is given goes before it.
  /// Code::Malformed names a tensor that is no input, with its nearest match.
  static Result<RunInputs> make(const std::vector<Port> &ports, std::span<NamedTensor> always,
                                std::vector<NamedTensor> given, const std::vector<bool> &isState,
                                const DrawOptions &options);

  /// Runs with these inputs. Where sizes have been chosen that the model refuses (Code::Malformed), draws inputs of
  /// other sizes until it takes them, and notes those sizes; if it takes none, the first refusal is the result and the
  /// inputs are undefined.
  Status tryRun(const std::function<Status(const RunInputs &)> &run);

  std::vector<const Tensor *> tensors; ///< Per port; null where a state feeds it.
  std::vector<Tensor> owned;           ///< Per port; those given with `always` are empty.

private:
  Status drawMissing(const std::vector<bool> &isState, const DrawOptions &options);
  Status drawAt(const SymbolValues &sizes);

  const std::vector<Port> *ports = nullptr;
  std::vector<size_t> drawn; ///< Ports whose tensors are drawn.
  uint64_t seed = 0;
  std::optional<FreeSizes> freeSizes; ///< Of the drawn ports.
  SymbolValues sizes;                 ///< That `tensors` have.
};

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_RUNINPUTS_H
