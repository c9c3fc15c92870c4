// Translates a loaded ONNX model into a module of heddle graph ops.
#ifndef HEDDLE_COMPILER_ONNX_IMPORT_H
#define HEDDLE_COMPILER_ONNX_IMPORT_H

#include "compiler/onnx/ModelFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/format/Expr.h"
#include <map>
#include <string>
#include <vector>

namespace heddle {

/// What the caller knows beyond the model.
struct ImportOptions {
  /// Values of symbols; a bound symbol becomes a literal everywhere.
  SymbolValues bindings;
  /// Shapes of inputs by ONNX name. A size replaces the declared one: where that is a lone symbol, in all inputs.
  std::map<std::string, Shape, std::less<>> inputShapes;
  /// Elements of small integer inputs, in row-major order. They are assumed only where an element decides a rank or
  /// picks a dimension, and each such element is then a guard.
  std::map<std::string, std::vector<int64_t>, std::less<>> assumedContents;
};

/// One reason why a model was not imported.
struct ImportDiagnostic {
  Code code = Code::Malformed;
  std::string node;    ///< Path of the node such as `If_3/then/Conv_12`; empty if the graph itself is meant.
  std::string message; ///< Lower case, no final stop, without the node.
};

/// The result of an import: a module, or diagnostics.
struct ImportOutcome {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// Empty exactly if there is a module. All unsupported nodes are listed; malformed ones hide unsupported ones.
  std::vector<ImportDiagnostic> diagnostics;
  /// Graph inputs whose elements would have to be known (`ImportOptions::assumedContents`); the import may then
  /// succeed.
  std::vector<std::string> neededInputs;

  /// The diagnostics as one status: the first code, one sentence per diagnostic separated by "; ".
  Status status() const;
};

/// Imports the main graph as `func.func @main`. Arguments and results carry `heddle.name`, the module `heddle.model`;
/// assumptions on inputs are in the function's `heddle.guards`. Every type lists its sizes as expressions over the
/// symbols of the inputs, and nothing of the model's `value_info` is believed. Weights go to the WeightStore of the
/// heddle dialect by reference.
///
/// Requires a model that has passed `check_model`. The module has been verified.
ImportOutcome importModel(mlir::MLIRContext &context, const LoadedModel &model, const ImportOptions &options);

/// What an input's size is called that the file does not give as a number: by the file, or `anonymous` where it has no
/// name, "?" or a negative number, as some exporters write a free size.
std::string freeSizeName(const onnx::TensorShapeProto_Dimension &dim, const std::string &anonymous);

/// True for the ops of ONNX's own domain that have an import rule or are imported by their function body.
bool isImportedOp(std::string_view op);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_IMPORT_H
