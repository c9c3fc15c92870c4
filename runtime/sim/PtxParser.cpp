// Parses the module level of PTX: directives, variables, kernels and their parameters.
#include "runtime/sim/PtxParser.h"
#include <charconv>

namespace heddle::sim {
namespace {

/// More than any kernel declares; keeps a damaged text from asking for gigabytes.
constexpr uint64_t maxVariableBytes = 1ull << 30;

bool alignUp(uint64_t &offset, uint64_t align) {
  offset = (offset + align - 1) / align * align;
  return offset <= maxVariableBytes;
}

std::optional<PtxSpace> spaceOfDirective(std::string_view word) {
  if (word == ".global")
    return PtxSpace::Global;
  if (word == ".const")
    return PtxSpace::Const;
  if (word == ".shared")
    return PtxSpace::Shared;
  if (word == ".local")
    return PtxSpace::Local;
  return std::nullopt;
}

bool isLinkage(std::string_view word) {
  return word == ".extern" || word == ".visible" || word == ".weak" || word == ".common";
}

} // namespace

bool parsePtxInteger(std::string_view text, uint64_t &value) {
  if (text.ends_with('U'))
    text.remove_suffix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X"))
    base = 16;
  else if (text.starts_with("0b") || text.starts_with("0B"))
    base = 2;
  else if (text.size() > 1 && text[0] == '0')
    base = 8;
  if (base == 16 || base == 2)
    text.remove_prefix(2);
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return code == std::errc() && end == text.data() + text.size();
}

bool PtxParser::fail(const PtxToken &at, const std::string &what) {
  if (message.empty())
    message = "ptx line " + std::to_string(at.line) + ": " + what;
  return false;
}

bool PtxParser::accept(char punct) {
  if (!lexer.peek().is(punct))
    return false;
  lexer.next();
  return true;
}

bool PtxParser::expect(char punct) {
  if (accept(punct))
    return true;
  std::string got = lexer.peek().kind == PtxToken::Kind::End ? "the end" : "'" + std::string(lexer.peek().text) + "'";
  return fail(lexer.peek(), "expected '" + std::string(1, punct) + "', got " + got);
}

bool PtxParser::parseInteger(uint64_t &value) {
  bool negative = accept('-');
  PtxToken token = lexer.next();
  if (token.kind != PtxToken::Kind::Word || !parsePtxInteger(token.text, value))
    return fail(token, "expected an integer, got '" + std::string(token.text) + "'");
  if (negative)
    value = -value;
  return true;
}

bool PtxParser::skipStatement() {
  while (lexer.peek().kind != PtxToken::Kind::End && !lexer.peek().is(';'))
    lexer.next();
  return expect(';');
}

bool PtxParser::skipBraces() {
  if (!expect('{'))
    return false;
  for (int depth = 1; depth > 0;) {
    PtxToken token = lexer.next();
    if (token.kind == PtxToken::Kind::End)
      return fail(token, "expected '}', got the end");
    if (token.is('{'))
      ++depth;
    if (token.is('}'))
      --depth;
  }
  return true;
}

bool PtxParser::parseModule() {
  while (lexer.peek().kind != PtxToken::Kind::End)
    if (!parseDirective())
      return false;
  return true;
}

bool PtxParser::parseDirective() {
  const PtxToken &token = lexer.peek();
  if (token.is(".version") || token.is(".address_size")) {
    bool isAddressSize = lexer.next().text == ".address_size";
    PtxToken value = lexer.next();
    if (isAddressSize && value.text != "64")
      return fail(value, "address size is '" + std::string(value.text) + "', expected 64");
    return true;
  }
  if (token.is(".target")) {
    lexer.next();
    module.target = lexer.next().text;
    while (accept(','))
      lexer.next();
    return true;
  }
  if (token.is(".file"))
    return parseFile();
  if (token.is(".section")) {
    lexer.next();
    lexer.next();
    return skipBraces();
  }
  if (token.kind != PtxToken::Kind::Word)
    return fail(token, "expected a directive, got '" + std::string(token.text) + "'");
  return parseVariableDirective(module.variables);
}

bool PtxParser::parseFile() {
  lexer.next();
  uint64_t number = 0;
  if (!parseInteger(number))
    return false;
  PtxToken name = lexer.next();
  if (name.kind != PtxToken::Kind::String)
    return fail(name, "expected a file name");
  module.files[static_cast<uint32_t>(number)] = name.text.substr(name.text.find_last_of('/') + 1);
  uint64_t ignored = 0; // Time stamp and size, which NVRTC omits.
  while (accept(','))
    if (!parseInteger(ignored))
      return false;
  return true;
}

bool PtxParser::parseVariableDirective(std::vector<PtxVariable> &variables) {
  bool isExtern = false;
  while (isLinkage(lexer.peek().text))
    isExtern |= lexer.next().text == ".extern";
  PtxToken word = lexer.next();
  if (word.is(".entry") || word.is(".func")) {
    if (function)
      return fail(word, "a function inside a function");
    return parseFunction(word.text == ".entry");
  }
  if (std::optional<PtxSpace> space = spaceOfDirective(word.text))
    return parseVariable(*space, isExtern, variables);
  return fail(word, "unknown directive '" + std::string(word.text) + "'");
}

bool PtxParser::parseDeclaredType(uint64_t &align, unsigned &vector, PtxType &type) {
  align = 0;
  vector = 1;
  for (;;) {
    PtxToken word = lexer.next();
    if (word.is(".align")) {
      PtxToken at = lexer.peek();
      if (!parseInteger(align))
        return false;
      if (align == 0 || align > 1024 || (align & (align - 1)) != 0)
        return fail(at, "alignment is " + std::to_string(align) + ", expected a power of two up to 1024");
    } else if (word.is(".v2") || word.is(".v4")) {
      vector = word.text == ".v2" ? 2 : 4;
    } else if (word.is(".ptr") || word.is(".attribute")) {
      return fail(word, "unsupported attribute '" + std::string(word.text) + "'");
    } else {
      std::optional<PtxType> found;
      if (word.text.starts_with('.'))
        found = ptxTypeFromName(word.text.substr(1));
      if (!found)
        return fail(word, "expected a type, got '" + std::string(word.text) + "'");
      type = *found;
      align = align ? align : byteWidth(type) * vector;
      return true;
    }
  }
}

bool PtxParser::parseArraySize(uint64_t &count, bool &isUnsized) {
  while (accept('[')) {
    if (accept(']')) {
      isUnsized = true;
      continue;
    }
    PtxToken at = lexer.peek();
    uint64_t size = 0;
    if (!parseInteger(size) || !expect(']'))
      return false;
    if (size > maxVariableBytes || count * size > maxVariableBytes)
      return fail(at, "array size is " + std::to_string(size) + ", expected at most " +
                          std::to_string(maxVariableBytes) + " bytes in all");
    count *= size;
  }
  return true;
}

bool PtxParser::parseVariable(PtxSpace space, bool isExtern, std::vector<PtxVariable> &variables) {
  PtxVariable variable;
  unsigned vector = 1;
  PtxType type = PtxType::B8;
  if (!parseDeclaredType(variable.align, vector, type))
    return false;
  do {
    PtxToken name = lexer.next();
    if (name.kind != PtxToken::Kind::Word)
      return fail(name, "expected a variable name");
    variable.name = name.text;
    variable.space = space;
    uint64_t count = vector;
    bool isUnsized = false;
    if (!parseArraySize(count, isUnsized))
      return false;
    variable.initial.clear();
    if (accept('=') && !parseInitializer(variable, byteWidth(type)))
      return false;
    variable.isDynamic = isUnsized && isExtern && space == PtxSpace::Shared;
    if (isUnsized && !variable.isDynamic && variable.initial.empty())
      return fail(name, "variable '" + variable.name + "' has no size");
    variable.bytes = isUnsized ? variable.initial.size() : count * byteWidth(type);
    if (variable.isDynamic)
      variable.bytes = 0;
    if (variable.bytes > maxVariableBytes || variable.initial.size() > variable.bytes)
      return fail(name, "variable '" + variable.name + "' does not fit its initializer or the size limit");
    variables.push_back(variable);
  } while (accept(','));
  return expect(';');
}

bool PtxParser::parseInitializer(PtxVariable &variable, unsigned elementBytes) {
  bool isList = accept('{');
  do {
    if (lexer.peek().is('{'))
      return fail(lexer.peek(), "nested initializers are not supported");
    PtxToken at = lexer.peek();
    PtxOperand value;
    if (!parseSingleOperand(value))
      return false;
    if (value.kind == PtxOperand::Kind::Name)
      return fail(at, "addresses in initializers are not supported");
    for (unsigned i = 0; i < elementBytes; ++i)
      variable.initial.push_back(static_cast<uint8_t>(value.bits >> (8 * i)));
  } while (isList && accept(','));
  return !isList || expect('}');
}

/// `.ptr .global .align 8`: what a pointer parameter points to, a promise of the compiler's that changes nothing.
bool PtxParser::skipPointerAttributes() {
  while (lexer.peek().text.starts_with('.')) {
    PtxToken word = lexer.next();
    uint64_t ignored = 0;
    if (word.is(".align") && !parseInteger(ignored))
      return false;
  }
  return true;
}

bool PtxParser::parseParams(PtxFunction &kernel) {
  while (!lexer.peek().is(')')) {
    PtxToken word = lexer.next();
    if (!word.is(".param"))
      return fail(word, "expected '.param', got '" + std::string(word.text) + "'");
    uint64_t align = 1;
    unsigned vector = 1;
    PtxType type = PtxType::B8;
    if (!parseDeclaredType(align, vector, type))
      return false;
    if (lexer.peek().is(".ptr") && !skipPointerAttributes())
      return false;
    PtxToken name = lexer.next();
    uint64_t count = vector;
    bool isUnsized = false;
    if (!parseArraySize(count, isUnsized))
      return false;
    PtxParam param;
    param.name = name.text;
    param.bytes = count * byteWidth(type);
    if (isUnsized || !alignUp(kernel.paramBytes, align) || param.bytes > 32764)
      return fail(name, "parameter '" + param.name + "' has no size, or is over 32764 bytes");
    param.offset = kernel.paramBytes;
    kernel.paramBytes += param.bytes;
    kernel.params.push_back(param);
    if (!lexer.peek().is(')') && !expect(','))
      return false;
  }
  return expect(')');
}

bool PtxParser::parseFunction(bool isKernel) {
  if (!isKernel) { // Kernels here inline everything; a call of such a function is reported where it stands.
    while (!lexer.peek().is('{') && !lexer.peek().is(';') && lexer.peek().kind != PtxToken::Kind::End)
      lexer.next();
    return lexer.peek().is('{') ? skipBraces() : expect(';');
  }
  PtxFunction kernel;
  PtxToken name = lexer.next();
  if (name.kind != PtxToken::Kind::Word)
    return fail(name, "expected a kernel name");
  kernel.name = name.text;
  if (accept('(') && !parseParams(kernel))
    return false;
  while (lexer.peek().kind == PtxToken::Kind::Word) { // Performance directives: .maxntid 256, 1, 1 and the like.
    lexer.next();
    uint64_t ignored = 0;
    while (lexer.peek().kind == PtxToken::Kind::Word && !lexer.peek().text.starts_with('.'))
      if (!parseInteger(ignored) || (accept(',') && lexer.peek().kind != PtxToken::Kind::Word))
        return fail(lexer.peek(), "expected an integer");
  }
  if (accept(';'))
    return true;
  if (!parseBody(kernel))
    return false;
  module.functions.push_back(std::move(kernel));
  return true;
}

Result<std::unique_ptr<PtxModule>> parsePtx(std::string_view text) {
  auto module = std::make_unique<PtxModule>();
  module->text = text;
  PtxParser parser(*module);
  if (!parser.parseModule())
    return Status(Code::Malformed, parser.error());
  return module;
}

} // namespace heddle::sim
