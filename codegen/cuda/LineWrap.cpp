// Implements breaking long lines.
#include "codegen/cuda/LineWrap.h"
#include <optional>
#include <tuple>

using llvm::StringRef;

namespace {

constexpr int assignment = 2, choice = 3; ///< Precedences.
constexpr size_t continuation = 4;        ///< Columns that lines after the first are indented by.

/// A place where a line may end.
struct Break {
  int depth;      ///< Of brackets around it.
  int precedence; ///< Of the operator, weakest first.
  size_t end;     ///< Length of the line that ends here.
};

} // namespace

/// How weakly the operator binds before or after which a line may be broken at `at`; nullopt if there is none.
static std::optional<int> precedenceAt(StringRef text, size_t at) {
  StringRef after = text.drop_front(at), before = text.take_front(at);
  if (before.ends_with("; "))
    return 0;
  if (before.ends_with(", "))
    return 1;
  if (before.ends_with(" = "))
    return assignment;
  if (after.starts_with("? ") || after.starts_with(": "))
    return choice;
  if (before.ends_with(" || "))
    return 4;
  if (before.ends_with(" && "))
    return 5;
  bool isSum = before.ends_with(" + ") || before.ends_with(" - ");
  return isSum ? std::optional(6) : std::nullopt;
}

/// The best place to end a line of at most `limit` columns; nullopt if there is none.
static std::optional<Break> findBreak(StringRef text, size_t limit) {
  std::optional<Break> best;
  int depth = 0;
  for (size_t at = 0; at < text.size() && at <= limit; ++at) {
    if (StringRef("([{").contains(text[at]))
      ++depth;
    else if (StringRef(")]}").contains(text[at]))
      --depth;
    std::optional<int> precedence = at > 0 ? precedenceAt(text, at) : std::nullopt;
    bool leavesMuch = precedence == assignment && text.size() - at + continuation > limit;
    if (!precedence || leavesMuch)
      continue;
    bool isWeaker = !best || std::tie(depth, *precedence) < std::tie(best->depth, best->precedence);
    // Lines are filled, but for a choice, whose branches stay together.
    bool isLater = best && depth == best->depth && *precedence == best->precedence && *precedence != choice;
    if (isWeaker || isLater)
      best = Break{depth, *precedence, at};
  }
  return best;
}

std::vector<std::string> heddle::cuda::wrapStatement(StringRef statement, size_t indent) {
  std::vector<std::string> lines;
  while (indent + statement.size() > maxLineLength) {
    std::optional<Break> place = findBreak(statement, maxLineLength - indent);
    if (!place)
      break;
    lines.push_back(std::string(indent, ' ') + statement.take_front(place->end).rtrim().str());
    statement = statement.drop_front(place->end);
    if (lines.size() == 1)
      indent += continuation;
  }
  lines.push_back(std::string(indent, ' ') + statement.str());
  return lines;
}

std::string heddle::cuda::wrapComment(StringRef comment, size_t indent) {
  std::string lines, line;
  while (!comment.empty()) {
    auto [word, rest] = comment.split(' ');
    bool fits = line.size() + 1 + word.size() <= maxLineLength;
    if (!fits && !line.empty()) {
      lines += line + "\n";
      line = "//" + std::string(indent - 1, ' ');
    }
    line += (line.empty() ? "" : " ") + word.str();
    comment = rest;
  }
  return lines + line + "\n";
}
