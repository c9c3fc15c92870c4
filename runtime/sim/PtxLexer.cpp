// Splits PTX text into tokens.
#include "runtime/sim/PtxLexer.h"
#include <algorithm>

namespace heddle::sim {
namespace {

bool isWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '%' || c == '.';
}

/// Length of the word at the start of `text`. `::` belongs to a word (`.L2::128B`), a single `:` ends it.
size_t wordLength(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (isWordChar(text[i]))
      ++i;
    else if (i > 0 && text.substr(i, 2) == "::")
      i += 2;
    else
      break;
  }
  return i;
}

} // namespace

bool PtxLexer::skipBlanks() {
  while (!rest.empty()) {
    if (rest[0] == '\n') {
      ++line;
      rest.remove_prefix(1);
    } else if (rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r') {
      rest.remove_prefix(1);
    } else if (rest.starts_with("//")) {
      rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
    } else if (rest.starts_with("/*")) {
      size_t end = rest.find("*/", 2);
      if (end == std::string_view::npos)
        return false;
      line += static_cast<uint32_t>(std::count(rest.begin(), rest.begin() + end, '\n'));
      rest.remove_prefix(end + 2);
    } else {
      return true;
    }
  }
  return true;
}

void PtxLexer::take(PtxToken::Kind kind, size_t length) {
  token = {kind, rest.substr(0, length), line};
  rest.remove_prefix(length);
}

void PtxLexer::advance() {
  if (!skipBlanks())
    return take(PtxToken::Kind::Bad, rest.size());
  if (rest.empty())
    return take(PtxToken::Kind::End, 0);
  if (rest[0] == '"') {
    size_t end = rest.find_first_of("\"\n", 1);
    if (end == std::string_view::npos || rest[end] == '\n')
      return take(PtxToken::Kind::Bad, 1);
    token = {PtxToken::Kind::String, rest.substr(1, end - 1), line};
    rest.remove_prefix(end + 1);
    return;
  }
  if (size_t length = wordLength(rest))
    return take(PtxToken::Kind::Word, length);
  constexpr std::string_view punctuation = ",;:{}[]()@!|+-=<>";
  bool known = punctuation.find(rest[0]) != std::string_view::npos;
  take(known ? PtxToken::Kind::Punct : PtxToken::Kind::Bad, 1);
}

} // namespace heddle::sim
