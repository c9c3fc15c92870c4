// A PTX module as parsed: names resolved to registers and labels, opcodes still text.
#ifndef HEDDLE_RUNTIME_SIM_PTX_H
#define HEDDLE_RUNTIME_SIM_PTX_H

#include "runtime/format/Status.h"
#include "runtime/sim/PtxType.h"
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::sim {

enum class PtxSpace : uint8_t { Generic, Global, Shared, Local, Const, Param };

/// A `.global`, `.const`, `.shared` or `.local` variable.
struct PtxVariable {
  std::string name;
  PtxSpace space = PtxSpace::Global;
  uint64_t align = 1;
  uint64_t bytes = 0;
  bool isDynamic = false;       ///< `.extern .shared x[]`: begins where the static shared memory ends.
  std::vector<uint8_t> initial; ///< Leading bytes; the rest is zero.
};

struct PtxParam {
  std::string name;
  uint64_t offset = 0; ///< In the parameter buffer.
  uint64_t bytes = 0;
};

struct PtxRegister {
  std::string name;
  PtxType type = PtxType::B32;
};

struct PtxOperand {
  enum class Kind : uint8_t {
    Register, ///< `reg`, possibly `negated` (predicates).
    Integer,  ///< `bits`, sign-extended.
    Float32,  ///< `bits`: 0fXXXXXXXX.
    Float64,  ///< `bits`: 0dXXXXXXXXXXXXXXXX.
    Name,     ///< `name`: a variable, label or special register.
    Address,  ///< `[base + bits]`; the base is `reg` if it is not -1, else `name`, else nothing.
    Vector,   ///< `{elements}`.
    Pair,     ///< `a|b`.
    Sink,     ///< `_`.
  };
  Kind kind = Kind::Sink;
  bool negated = false;
  int32_t reg = -1;
  uint64_t bits = 0;
  std::string name;
  std::vector<PtxOperand> elements;
};

/// One `.loc`: a source line, and where the function that holds it was inlined.
struct PtxLocation {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  int32_t inlinedAt = -1; ///< Index of a location, or -1.
};

struct PtxInst {
  std::string_view opcode; ///< With modifiers: "ld.global.f32".
  std::string_view text;   ///< The statement without its semicolon.
  int32_t guard = -1;      ///< Predicate register, or -1.
  bool guardNegated = false;
  uint32_t ptxLine = 0;
  int32_t location = -1; ///< Index into PtxModule::locations, or -1.
  std::vector<PtxOperand> operands;
};

struct PtxFunction {
  std::string name;
  std::vector<PtxParam> params;
  uint64_t paramBytes = 0;
  std::vector<PtxRegister> registers;
  std::vector<PtxVariable> variables; ///< `.shared` and `.local`.
  std::vector<PtxInst> insts;
  std::map<std::string, uint32_t, std::less<>> labels; ///< Name in the function, scopes made unique -> instruction.
  std::map<std::string, std::vector<std::string>, std::less<>> branchTargets; ///< `.branchtargets` lists by label.
};

struct PtxModule {
  std::string text; ///< What the string_views point into.
  std::string target;
  std::map<uint32_t, std::string> files;
  std::vector<PtxLocation> locations;
  std::vector<PtxVariable> variables;
  std::vector<PtxFunction> functions; ///< Kernels only.
};

/// Parses PTX. Errors name the PTX line. Never reads past the text, whatever it holds.
Result<std::unique_ptr<PtxModule>> parsePtx(std::string_view text);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_PTX_H
