// Splits PTX text into tokens.
#ifndef HEDDLE_RUNTIME_SIM_PTXLEXER_H
#define HEDDLE_RUNTIME_SIM_PTXLEXER_H

#include <cstdint>
#include <string_view>

namespace heddle::sim {

struct PtxToken {
  enum class Kind : uint8_t {
    Word,   ///< Name, number, opcode with modifiers, or directive.
    String, ///< Without its quotes.
    Punct,  ///< One character.
    End,
    Bad, ///< A character that PTX does not use, or a string or comment that does not end.
  };
  Kind kind = Kind::End;
  std::string_view text;
  uint32_t line = 1;

  bool is(char c) const { return kind == Kind::Punct && text[0] == c; }
  bool is(std::string_view word) const { return kind == Kind::Word && text == word; }
};

/// Hands out one token after the other; `peek` is the next one.
class PtxLexer {
public:
  explicit PtxLexer(std::string_view text) : rest(text) { advance(); }

  const PtxToken &peek() const { return token; }
  PtxToken next() {
    PtxToken result = token;
    advance();
    return result;
  }

private:
  void advance();
  /// Skips blanks and comments; false if a comment does not end.
  bool skipBlanks();
  void take(PtxToken::Kind kind, size_t length);

  std::string_view rest;
  uint32_t line = 1;
  PtxToken token;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_PTXLEXER_H
