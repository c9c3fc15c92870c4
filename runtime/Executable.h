// A variant's plan in the form that the executor walks: expressions interned, host functions found, positions of
// symbols resolved.
#ifndef HEDDLE_RUNTIME_EXECUTABLE_H
#define HEDDLE_RUNTIME_EXECUTABLE_H

#include "runtime/format/Plan.h"

namespace heddle {

/// Index of an expression in ExprTable.
using ExprId = uint32_t;

/// The distinct expressions of a plan, and which of them to evaluate when a symbol gets a value.
class ExprTable {
public:
  ExprId intern(const Expr &expr);
  std::vector<ExprId> intern(const std::vector<Expr> &exprs);

  size_t size() const { return exprs.size(); }
  const Expr &operator[](ExprId id) const { return exprs[id]; }
  /// Those that mention `symbol`, ascending.
  const std::vector<ExprId> &dependents(const std::string &symbol) const;

private:
  std::vector<Expr> exprs;
  std::map<Expr, ExprId> ids;
  std::map<std::string, std::vector<ExprId>, std::less<>> bySymbol;
};

/// An Operand over interned expressions.
struct TensorRef {
  int64_t place = -1;
  ExprId byteOffset = 0;
  DType type = DType::F32;
  std::vector<ExprId> shape;
  std::vector<ExprId> strides; ///< Empty: row-major.
  bool isPart = false;         ///< Of its place: it begins behind its first byte, or has strides.

  bool isPresent() const { return place >= 0; }
};

struct ExecStep;
using ExecRegion = std::vector<ExecStep>;

struct ExecLaunch {
  size_t kernel = 0;
  std::vector<TensorRef> buffers; ///< Inputs, then results.
  size_t inputs = 0;              ///< How many of them are inputs.
  std::vector<ExprId> sizes;
  ExprId tasks = 0;
  std::array<ExprId, 3> grid = {};
  ExprId dynamicSharedBytes = 0;
};

struct ExecHostCall {
  HostFunction function = nullptr;
  const HostCall *call = nullptr;
  std::vector<TensorRef> inputs, results;
};

struct ExecSetSymbol {
  const SetSymbol *step = nullptr;
  size_t epoch = 0; ///< The epoch that begins here.
  TensorRef operand;
  ExprId value = 0;
};

struct ExecIf {
  TensorRef condition;
  ExecRegion thenRegion, elseRegion;
};

struct ExecLoop {
  struct Carried {
    TensorRef init, in, out, result;
  };
  struct Stacked {
    TensorRef element, result;
  };
  TensorRef tripCount, condition, iteration, nextCondition;
  ExecRegion body;
  std::vector<Carried> carried;
  std::vector<Stacked> stacked;
  const std::string *origin = nullptr; ///< Names the loop where it fails itself, not a step in it.
};

struct ExecFail {
  const std::string *message = nullptr;
  std::vector<ExprId> sizes;
};

struct ExecStep {
  std::variant<ExecLaunch, ExecHostCall, ExecSetSymbol, ExecIf, ExecLoop, ExecFail> action;
  const std::string *origin = nullptr;
};

/// A plan ready to run. Refers to the Variant it was made from.
struct Executable {
  const Variant *variant = nullptr;
  ExprTable exprs;
  ExecRegion body;
  std::vector<ExprId> placeBytes;               ///< Per place.
  std::vector<std::vector<size_t>> epochPlaces; ///< Per epoch: the arena places packed when it begins.
};

/// Prepares `variant`, which outlives the result. Fails with Code::BadArtifact if it names a host function that this
/// program does not have.
Result<std::unique_ptr<Executable>> prepare(const Variant &variant);

} // namespace heddle

#endif // HEDDLE_RUNTIME_EXECUTABLE_H
