// Parses kernel bodies: register and variable declarations, labels, line information, instructions.
#include "runtime/sim/PtxParser.h"
#include <algorithm>
#include <charconv>

namespace heddle::sim {
namespace {

constexpr size_t maxRegisters = 1u << 18;
constexpr size_t maxScopeDepth = 64;
constexpr size_t maxOperands = 512;

bool parseHexFloat(std::string_view text, uint64_t &bits) {
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  return code == std::errc() && end == text.data() + text.size();
}

/// The text between two tokens that both lie in the module's text.
std::string_view span(std::string_view first, std::string_view last) { return {first.begin(), last.end()}; }

} // namespace

bool PtxParser::parseBody(PtxFunction &kernel) {
  function = &kernel;
  scopes.assign(1, Scope());
  instScopes.clear();
  scope = 0;
  location = -1;
  if (!expect('{'))
    return false;
  for (size_t depth = 1; depth > 0;) {
    if (accept('{')) {
      if (++depth > maxScopeDepth)
        return fail(lexer.peek(), "scopes nested deeper than " + std::to_string(maxScopeDepth));
      scopes.push_back(Scope{scope, {}, {}});
      scope = static_cast<int32_t>(scopes.size()) - 1;
    } else if (accept('}')) {
      --depth;
      scope = scopes[scope].parent;
    } else if (!parseStatement()) {
      return false;
    }
  }
  resolveLabels();
  function = nullptr;
  return true;
}

bool PtxParser::parseStatement() {
  const PtxToken &token = lexer.peek();
  if (token.is('@') || (token.kind == PtxToken::Kind::Word && !token.text.starts_with('.'))) {
    PtxToken first = lexer.next();
    if (first.kind == PtxToken::Kind::Word && accept(':'))
      return parseLabel(first);
    return parseInst(first);
  }
  if (token.is(';')) {
    lexer.next();
    return true;
  }
  if (token.kind == PtxToken::Kind::Word)
    return parseBodyDirective();
  std::string got = token.kind == PtxToken::Kind::End ? "the end" : "'" + std::string(token.text) + "'";
  return fail(token, "expected a statement, got " + got);
}

bool PtxParser::parseBodyDirective() {
  const PtxToken &token = lexer.peek();
  if (token.is(".reg"))
    return parseRegisters();
  if (token.is(".loc"))
    return parseLocation();
  if (token.is(".pragma"))
    return skipStatement();
  return parseVariableDirective(function->variables);
}

bool PtxParser::declareRegister(std::string name, PtxType type) {
  if (function->registers.size() >= maxRegisters)
    return fail(lexer.peek(), "more than " + std::to_string(maxRegisters) + " registers");
  scopes[scope].registers[name] = static_cast<int32_t>(function->registers.size());
  function->registers.push_back({std::move(name), type});
  return true;
}

bool PtxParser::parseRegisters() {
  lexer.next();
  uint64_t align = 0;
  unsigned vector = 1;
  PtxType type = PtxType::B32;
  if (!parseDeclaredType(align, vector, type))
    return false;
  if (vector != 1)
    return fail(lexer.peek(), "vector registers are not supported");
  do {
    PtxToken name = lexer.next();
    if (name.kind != PtxToken::Kind::Word)
      return fail(name, "expected a register name");
    if (!accept('<')) {
      if (!declareRegister(std::string(name.text), type))
        return false;
      continue;
    }
    uint64_t count = 0;
    if (!parseInteger(count) || !expect('>'))
      return false;
    for (uint64_t i = 0; i < count; ++i)
      if (!declareRegister(std::string(name.text) + std::to_string(i), type))
        return false;
  } while (accept(','));
  return expect(';');
}

bool PtxParser::parseLocation() {
  lexer.next();
  uint64_t file = 0, line = 0, column = 0;
  if (!parseInteger(file) || !parseInteger(line) || !parseInteger(column))
    return false;
  PtxLocation result{static_cast<uint32_t>(file), static_cast<uint32_t>(line), static_cast<uint32_t>(column), -1};
  if (accept(',')) {
    // function_name LABEL [+ offset], inlined_at FILE LINE COLUMN: names the caller's own earlier `.loc`.
    while (!lexer.peek().is(',') && lexer.peek().kind != PtxToken::Kind::End)
      lexer.next();
    if (!expect(','))
      return false;
    PtxToken word = lexer.next();
    uint64_t callFile = 0, callLine = 0, callColumn = 0;
    if (!word.is("inlined_at") || !parseInteger(callFile) || !parseInteger(callLine) || !parseInteger(callColumn))
      return fail(word, "expected 'inlined_at' and three integers");
    auto isCall = [&](const PtxLocation &at) {
      return at.file == callFile && at.line == callLine && at.column == callColumn;
    };
    auto call = std::find_if(module.locations.rbegin(), module.locations.rend(), isCall);
    if (call == module.locations.rend()) {
      module.locations.push_back(
          {static_cast<uint32_t>(callFile), static_cast<uint32_t>(callLine), static_cast<uint32_t>(callColumn), -1});
      call = module.locations.rbegin();
    }
    result.inlinedAt = static_cast<int32_t>(module.locations.rend() - call) - 1;
  }
  if (line == 0) // The compiler's own code: it keeps the line above.
    return true;
  location = static_cast<int32_t>(module.locations.size());
  module.locations.push_back(result);
  return true;
}

bool PtxParser::parseLabel(const PtxToken &name) {
  if (lexer.peek().is(".branchtargets"))
    return parseBranchTargets(std::string(name.text));
  auto index = static_cast<uint32_t>(function->insts.size());
  if (!scopes[scope].labels.emplace(name.text, index).second)
    return fail(name, "label '" + std::string(name.text) + "' is defined twice");
  return true;
}

bool PtxParser::parseBranchTargets(const std::string &label) {
  lexer.next();
  std::vector<std::string> &targets = function->branchTargets[label];
  do
    targets.emplace_back(lexer.next().text);
  while (accept(','));
  return expect(';');
}

bool PtxParser::parseGuard(PtxInst &inst) {
  inst.guardNegated = accept('!');
  PtxToken name = lexer.next();
  inst.guard = findRegister(name.text);
  if (inst.guard < 0 || function->registers[inst.guard].type != PtxType::Pred)
    return fail(name, "guard '" + std::string(name.text) + "' is no predicate register");
  return true;
}

bool PtxParser::parseInst(const PtxToken &first) {
  PtxInst inst;
  inst.ptxLine = first.line;
  inst.location = location;
  PtxToken opcode = first;
  if (first.is('@')) {
    if (!parseGuard(inst))
      return false;
    opcode = lexer.next();
  }
  if (opcode.kind != PtxToken::Kind::Word)
    return fail(opcode, "expected an opcode, got '" + std::string(opcode.text) + "'");
  inst.opcode = opcode.text;
  while (!lexer.peek().is(';')) {
    if (inst.operands.size() >= maxOperands)
      return fail(lexer.peek(), "more than " + std::to_string(maxOperands) + " operands");
    if (!parseOperand(inst.operands.emplace_back()))
      return false;
    if (!lexer.peek().is(';') && !expect(','))
      return false;
  }
  std::string_view text = span(first.text, lexer.peek().text);
  inst.text = text.substr(0, text.find_last_not_of("; \t\r\n") + 1);
  function->insts.push_back(std::move(inst));
  instScopes.push_back(scope);
  return expect(';');
}

bool PtxParser::parseOperand(PtxOperand &operand) {
  if (lexer.peek().is('['))
    return parseAddress(operand);
  if (lexer.peek().is('{'))
    return parseVector(operand);
  if (!parseSingleOperand(operand))
    return false;
  if (!accept('|'))
    return true;
  PtxOperand pair;
  pair.kind = PtxOperand::Kind::Pair;
  pair.elements.push_back(std::move(operand));
  if (!parseSingleOperand(pair.elements.emplace_back()))
    return false;
  operand = std::move(pair);
  return true;
}

bool PtxParser::parseAddress(PtxOperand &operand) {
  lexer.next();
  if (!parseSingleOperand(operand))
    return false;
  bool isBase = operand.kind == PtxOperand::Kind::Register || operand.kind == PtxOperand::Kind::Name ||
                operand.kind == PtxOperand::Kind::Integer;
  if (!isBase || operand.negated)
    return fail(lexer.peek(), "expected a register, a variable or an integer as the address");
  operand.kind = PtxOperand::Kind::Address;
  uint64_t offset = 0;
  if (accept('+')) {
    if (!parseInteger(offset))
      return false;
  } else if (lexer.peek().is('-')) {
    if (!parseInteger(offset))
      return false;
  }
  operand.bits += offset;
  return expect(']');
}

bool PtxParser::parseVector(PtxOperand &operand) {
  lexer.next();
  operand.kind = PtxOperand::Kind::Vector;
  do {
    if (operand.elements.size() >= maxOperands)
      return fail(lexer.peek(), "a vector of more than " + std::to_string(maxOperands) + " elements");
    if (!parseSingleOperand(operand.elements.emplace_back()))
      return false;
  } while (accept(','));
  return expect('}');
}

bool PtxParser::parseSingleOperand(PtxOperand &operand) {
  operand.negated = accept('!');
  bool minus = accept('-');
  PtxToken word = lexer.next();
  if (word.kind != PtxToken::Kind::Word)
    return fail(word, "expected an operand, got '" + std::string(word.text) + "'");
  if (!parseWordOperand(word, operand))
    return false;
  if (minus && operand.kind != PtxOperand::Kind::Integer)
    return fail(word, "'-' before '" + std::string(word.text) + "'");
  if (minus)
    operand.bits = -operand.bits;
  return true;
}

bool PtxParser::parseWordOperand(const PtxToken &word, PtxOperand &operand) {
  std::string_view text = word.text;
  if (text == "_") {
    operand.kind = PtxOperand::Kind::Sink;
    return true;
  }
  if (text[0] < '0' || text[0] > '9') {
    operand.reg = function ? findRegister(text) : -1;
    operand.kind = operand.reg >= 0 ? PtxOperand::Kind::Register : PtxOperand::Kind::Name;
    if (operand.reg < 0)
      operand.name = text;
    return true;
  }
  std::string_view prefix = text.substr(0, 2);
  bool isFloat32 = (prefix == "0f" || prefix == "0F") && text.size() == 10;
  bool isFloat64 = (prefix == "0d" || prefix == "0D") && text.size() == 18;
  if ((isFloat32 || isFloat64) && parseHexFloat(text.substr(2), operand.bits)) {
    operand.kind = isFloat32 ? PtxOperand::Kind::Float32 : PtxOperand::Kind::Float64;
    return true;
  }
  operand.kind = PtxOperand::Kind::Integer;
  return parsePtxInteger(text, operand.bits) || fail(word, "malformed number '" + std::string(text) + "'");
}

int32_t PtxParser::findRegister(std::string_view name) const {
  for (int32_t at = scope; at >= 0; at = scopes[at].parent)
    if (auto found = scopes[at].registers.find(std::string(name)); found != scopes[at].registers.end())
      return found->second;
  return -1;
}

/// Gives labels of inner scopes unique names, and operands that refer to them the same.
void PtxParser::resolveLabels() {
  auto uniqueName = [](const std::string &name, int32_t at) {
    return at == 0 ? name : name + "@" + std::to_string(at);
  };
  for (size_t at = 0; at < scopes.size(); ++at)
    for (const auto &[name, index] : scopes[at].labels)
      function->labels[uniqueName(name, static_cast<int32_t>(at))] = index;
  auto scopeOf = [&](const std::string &label, int32_t at) {
    while (at >= 0 && !scopes[at].labels.contains(label))
      at = scopes[at].parent;
    return at;
  };
  for (size_t i = 0; i < function->insts.size(); ++i)
    for (PtxOperand &operand : function->insts[i].operands) {
      if (operand.kind != PtxOperand::Kind::Name)
        continue;
      if (int32_t at = scopeOf(operand.name, instScopes[i]); at >= 0)
        operand.name = uniqueName(operand.name, at);
    }
}

} // namespace heddle::sim
