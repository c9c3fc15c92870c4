// A Program as text for people: what `--emit=plan` and `inspect` print.
#ifndef HEDDLE_RUNTIME_FORMAT_PLANTEXT_H
#define HEDDLE_RUNTIME_FORMAT_PLANTEXT_H

#include "runtime/format/Plan.h"
#include <optional>
#include <span>

namespace heddle {

/// Every table and step of the program, without the bytes of code and weights. Names are quoted, with control
/// characters escaped, so that the text is safe on a terminal whatever the model's names hold.
std::string planText(const Program &program);

/// What a Fail says when a run reaches it: `MESSAGE: n is 3, m is 4`. \param values one per size, if it is known.
std::string reachedFailText(const std::string &message, std::span<const Expr> sizes,
                            std::span<const std::optional<int64_t>> values);

/// `text` in double quotes; backslash, quote and control characters as `\` escapes.
std::string quote(std::string_view text);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_PLANTEXT_H
