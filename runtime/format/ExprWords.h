// What the printer and the parser of expressions agree on: which symbols need no quotes.
#ifndef HEDDLE_RUNTIME_FORMAT_EXPRWORDS_H
#define HEDDLE_RUNTIME_FORMAT_EXPRWORDS_H

#include <algorithm>
#include <string_view>

namespace heddle {

constexpr std::string_view exprWords[] = {"floordiv", "ceildiv", "mod", "min", "max", "and", "or", "not"};

inline bool isSymbolStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool isDigit(char c) { return c >= '0' && c <= '9'; }
inline bool isSymbolPart(char c) { return isSymbolStart(c) || isDigit(c) || c == '.'; }

/// May the symbol be written without quotes?
inline bool isPlainSymbol(std::string_view name) {
  return !name.empty() && isSymbolStart(name.front()) && std::all_of(name.begin(), name.end(), isSymbolPart) &&
         std::find(std::begin(exprWords), std::end(exprWords), name) == std::end(exprWords);
}

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_EXPRWORDS_H
