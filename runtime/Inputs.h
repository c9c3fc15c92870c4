// Checks a run's inputs against the model's ports and derives the values of symbols.
#ifndef HEDDLE_RUNTIME_INPUTS_H
#define HEDDLE_RUNTIME_INPUTS_H

#include "runtime/format/Plan.h"
#include <span>

namespace heddle {

/// The symbols that `inputs` bind: the first dimension that is a lone symbol gives its value. Every other dimension is
/// checked; a failure (Code::Malformed) names the input, the dimension, the symbol and both values.
Result<SymbolValues> bindInputs(const std::vector<Port> &ports, std::span<const View> inputs);

/// The same from shapes alone.
Result<SymbolValues> bindShapes(const std::vector<Port> &ports, std::span<const std::vector<int64_t>> shapes);

/// Adds the named reads that `guard` mentions, such as `in3[0]` (element 0 of input 3, an integer or bool) and
/// `rank(in2)`. A read that the inputs cannot satisfy stays out, so that evaluating the guard fails.
void addNamedReads(const Expr &guard, std::span<const View> inputs, SymbolValues &values);

/// Element `index`, in row-major order, of an integer or bool tensor; nullopt if it is none or has fewer elements.
std::optional<int64_t> readInteger(const View &view, int64_t index);

} // namespace heddle

#endif // HEDDLE_RUNTIME_INPUTS_H
