// The state of one import: tensors, symbols, guards and diagnostics, and the walk over graphs.
#ifndef HEDDLE_COMPILER_ONNX_IMPORTER_H
#define HEDDLE_COMPILER_ONNX_IMPORTER_H

#include "compiler/onnx/Emitter.h"
#include "compiler/onnx/Import.h"
#include "compiler/onnx/Scope.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/defs/schema.h"
#include "onnx/onnx_pb.h"
#include <deque>
#include <set>

namespace heddle::onnximport {

class Node;

/// Attributes that a function's caller gives, by name.
using AttributeMap = std::map<std::string, const onnx::AttributeProto *, std::less<>>;
/// Opset versions by domain; ONNX's own domain is "".
using OpsetMap = std::map<std::string, int64_t, std::less<>>;

/// Where nodes are imported: one graph, branch or function body.
struct Frame {
  Scope &scope;
  std::string path; ///< Prefix of node paths: empty, or ends in `/`.
  const OpsetMap &opsets;
  const AttributeMap *attributes = nullptr; ///< Those of the function whose body this is.
  bool isBranch = false;                    ///< A malformed node ends the import of this graph by an ImportError.
  /// An If decides in the run whether this graph is needed: what it assumes of sizes cannot be required at entry.
  bool isOptional = false;
};

/// Thrown where a node depends on one that could not be imported; carries nothing, the cause has been reported.
struct DependsOnFailure {};

/// One import. Rules see it through their Node.
class Importer {
public:
  Importer(mlir::MLIRContext &context, const LoadedModel &model, const ImportOptions &options);

  ImportOutcome run();

  mlir::OpBuilder &builder() { return opBuilder; }
  bool isAbsent(const Tensor *tensor) const { return tensor == &absent; }

  // ---- tensors: owned by the import ----
  Tensor &newTensor(Tensor tensor) { return tensors.emplace_back(std::move(tensor)); }
  Tensor &tensorOf(mlir::Value value);
  /// A constant of the model; `where` names it in errors.
  Tensor &importTensor(const onnx::TensorProto &proto, const std::string &where);
  /// The tensor as an MLIR value that is valid in the scope's block; builds it when first asked.
  mlir::Value dataOf(const Tensor &tensor, const Scope &scope, mlir::Location loc);

  // ---- graphs ----
  /// Imports all nodes. Failures are reported as diagnostics, and what depends on them is skipped.
  void importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes, Frame &frame);
  /// Initializers of a graph, but for names that the scope already has.
  void importInitializers(const onnx::GraphProto &graph, Frame &frame);
  /// The tensors of the graph's outputs.
  std::vector<Tensor *> outputsOf(const onnx::GraphProto &graph, const Frame &frame);
  /// Imports the body of a function op in place of a node, and sets the node's results.
  void importFunction(Node &node, const onnx::FunctionProto &function);

  // ---- symbols and assumptions ----
  /// A symbol that no other value has, named after `base`.
  std::string freshSymbol(const std::string &base);
  /// All symbols that mean something so far.
  const std::set<std::string> &symbols() const { return usedSymbols; }
  void markMaybeNegative(const std::string &symbol) { maybeNegative.insert(symbol); }
  /// True if the expression is known to be 0 or more for all values that its symbols can take.
  bool isNonNegative(const Expr &expr) const;
  /// The value, where it is literal or follows from assumed elements of inputs; the latter become guards.
  std::optional<int64_t> decide(const Expr &expr);
  /// True if only sizes and assumed elements of the function's arguments decide the expression.
  bool isKnownAtEntry(const Expr &expr) const;
  /// The compiled code is valid only where `condition` holds.
  void addGuard(const Expr &condition) { guards.insert(condition); }
  /// Inputs without assumed contents that `value` is computed from and whose elements a retry could assume.
  std::vector<std::string> inputsBehind(mlir::Value value) const;

private:
  void importGraph();
  void importArguments();
  mlir::Type argumentElement(const onnx::ValueInfoProto &input);
  void collectLoneSymbols();
  Shape declaredShape(const onnx::ValueInfoProto &input);
  Expr declaredSize(const onnx::TensorShapeProto_Dimension &dim, const std::string &anonymous);
  void bindGivenShapes();
  Shape argumentShape(const onnx::ValueInfoProto &input);
  void assumeContents(Tensor &argument, const std::string &name, size_t position);
  void importResults();

  void importNode(const onnx::NodeProto &node, int position, Frame &frame);
  void translate(Node &node);
  void importFailure(const onnx::NodeProto &node, const std::string &path, const ImportError &error, Frame &frame);
  void defineFailed(const onnx::NodeProto &node, Frame &frame);
  const onnx::FunctionProto *localFunction(const onnx::NodeProto &node) const;
  void report(Code code, std::string node, std::string message);

  mlir::MLIRContext &context;
  const LoadedModel &loadedModel;
  const ImportOptions &options;
  mlir::OpBuilder opBuilder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  mlir::Operation *lastConstant = nullptr; ///< Constants stand at the head of the function, in order of first use.

  std::deque<Tensor> tensors;
  Tensor failedTensor; ///< Stands for the outputs of nodes that could not be imported.
  Tensor absent;       ///< Stands for optional inputs that the caller of a function leaves out.
  BlockValues entryValues;
  Scope mainScope;
  OpsetMap opsets;
  std::vector<const onnx::ValueInfoProto *> arguments; ///< Inputs that no initializer defines.
  std::set<std::string> loneSymbols;                   ///< Symbols that are a declared size by themselves.
  std::map<std::string, Expr, std::less<>> bindings;
  std::map<std::string, int64_t, std::less<>> assumed; ///< Symbols such as `in3[0]` -> value.
  std::set<std::string> usedSymbols, entrySymbols, maybeNegative, neededInputs;
  std::set<Expr> guards;
  std::vector<ImportDiagnostic> diagnostics;
  std::vector<const onnx::FunctionProto *> functionStack;
  int64_t importedNodes = 0;
};

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_IMPORTER_H
