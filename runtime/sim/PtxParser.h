// The recursive-descent parser of PTX modules; the public entry is parsePtx in Ptx.h.
#ifndef HEDDLE_RUNTIME_SIM_PTXPARSER_H
#define HEDDLE_RUNTIME_SIM_PTXPARSER_H

#include "runtime/sim/Ptx.h"
#include "runtime/sim/PtxLexer.h"
#include <memory>
#include <unordered_map>

namespace heddle::sim {

/// Every parse function returns false once an error has been recorded, and leaves the rest of the text unread.
class PtxParser {
public:
  explicit PtxParser(PtxModule &module) : module(module), lexer(module.text) {}
  bool parseModule();
  /// "line 12: message".
  const std::string &error() const { return message; }

private:
  // PtxParser.cpp: the module.
  bool parseDirective();
  bool parseFile();
  bool skipStatement();
  bool skipBraces();
  bool parseVariableDirective(std::vector<PtxVariable> &variables);
  bool parseVariable(PtxSpace space, bool isExtern, std::vector<PtxVariable> &variables);
  bool parseInitializer(PtxVariable &variable, unsigned elementBytes);
  bool parseDeclaredType(uint64_t &align, unsigned &vector, PtxType &type);
  bool parseArraySize(uint64_t &count, bool &isUnsized);
  bool parseFunction(bool isKernel);
  bool skipPointerAttributes();
  bool parseParams(PtxFunction &function);

  // PtxBody.cpp: a function's statements.
  bool parseBody(PtxFunction &function);
  bool parseStatement();
  bool parseBodyDirective();
  bool parseRegisters();
  bool declareRegister(std::string name, PtxType type);
  bool parseLocation();
  bool parseLabel(const PtxToken &name);
  bool parseBranchTargets(const std::string &label);
  bool parseInst(const PtxToken &first);
  bool parseGuard(PtxInst &inst);
  bool parseOperand(PtxOperand &operand);
  bool parseSingleOperand(PtxOperand &operand);
  bool parseAddress(PtxOperand &operand);
  bool parseVector(PtxOperand &operand);
  bool parseWordOperand(const PtxToken &word, PtxOperand &operand);
  void resolveLabels();
  int32_t findRegister(std::string_view name) const;

  bool parseInteger(uint64_t &value);
  bool expect(char punct);
  bool accept(char punct);
  bool fail(const PtxToken &at, const std::string &what);

  PtxModule &module;
  PtxLexer lexer;
  std::string message;

  /// A `{ }` in a body: names declared in it hide the outer ones.
  struct Scope {
    int32_t parent = -1;
    std::unordered_map<std::string, int32_t> registers;
    std::unordered_map<std::string, uint32_t> labels;
  };
  PtxFunction *function = nullptr;
  std::vector<Scope> scopes;
  std::vector<int32_t> instScopes; ///< Scope of each instruction of `function`.
  int32_t scope = 0;
  int32_t location = -1;
};

/// The value of a PTX integer literal (decimal, 0x, 0b, octal, optional U); false if `text` is none.
bool parsePtxInteger(std::string_view text, uint64_t &value);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_PTXPARSER_H
