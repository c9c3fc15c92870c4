// Which ONNX ops compile: found by importing and compiling models of one node each.
#ifndef HEDDLE_COMPILER_OPTABLE_H
#define HEDDLE_COMPILER_OPTABLE_H

#include "runtime/format/DType.h"
#include <set>
#include <string>
#include <vector>

namespace heddle {

/// How an op is computed.
enum class OpForm : uint8_t {
  Unknown,    ///< No model of one node could be guessed for it: it needs bodies or attributes of its own.
  Movement,   ///< Only moves, reads or makes elements: index maps without arithmetic.
  Structured, ///< One op with index maps and a scalar body.
  Composite,  ///< Several such ops.
  Host,       ///< At least one plain C++ function.
};

std::string_view nameOf(OpForm form);

/// One version of an ONNX op that the importer has a rule or a function body for.
struct OpVersion {
  int since = 1;            ///< First opset with this meaning.
  int until = 0;            ///< Last opset with it.
  std::vector<DType> types; ///< Element types that are imported, of the first operand with a choice; in DType's order.
  OpForm form = OpForm::Unknown;
};

struct OpRecord {
  std::string name;
  std::vector<OpVersion> versions; ///< Ascending.
  std::set<std::string> devices;   ///< "cpu", "cuda": where the newest version compiles for at least one type.
};

/// All ops of ONNX's own domain that the importer knows, by name. Takes seconds: it compiles thousands of small models.
std::vector<OpRecord> findSupportedOps();

} // namespace heddle

#endif // HEDDLE_COMPILER_OPTABLE_H
