// Imports the graphs that nodes hold as attributes.
#ifndef HEDDLE_COMPILER_ONNX_SUBGRAPHS_H
#define HEDDLE_COMPILER_ONNX_SUBGRAPHS_H

#include "compiler/onnx/Node.h"
#include <functional>

namespace heddle::onnximport {

/// How a graph that a node holds runs: always, as one of two, or as often as a loop decides.
enum class InnerGraph { Taken, Branch, Body };

/// The frame of a graph that `node` holds as `attribute`.
Frame innerFrame(Node &node, Scope &scope, llvm::StringRef attribute, InnerGraph kind);
/// Imports the initializers and nodes of a graph; returns the tensors of its outputs.
std::vector<Tensor *> importInnerGraph(Node &node, const onnx::GraphProto &graph, Frame &frame);
/// True if every symbol of the size is one of `outerSymbols`.
bool isKnownOutside(const Expr &size, const std::set<std::string> &outerSymbols);

/// What a heddle.loop is made of.
struct LoopParts {
  mlir::Value tripCount, condition; ///< Scalars: i64, below 0 for no bound; bool.
  llvm::SmallVector<mlir::Value> carried;
  /// The values of the body graph's inputs in an iteration, from its number and the carried values.
  std::function<llvm::SmallVector<mlir::Value>(mlir::Value iteration, llvm::ArrayRef<mlir::Value> carried)> makeInputs;
  /// True if the graph's inputs begin with the iteration number and the condition, and its outputs with the next
  /// condition.
  bool hasCondition = false;
};

/// Imports `body` as a heddle.loop whose results are the carried values, then the stacked ones. Sizes of carried values
/// may change; throws where their rank or element type does.
mlir::Operation *importLoopOver(Node &node, const onnx::GraphProto &body, const LoopParts &parts);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_SUBGRAPHS_H
