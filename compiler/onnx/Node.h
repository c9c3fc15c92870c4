// What a rule sees of the node that it imports: operands, attributes, and where its results go.
#ifndef HEDDLE_COMPILER_ONNX_NODE_H
#define HEDDLE_COMPILER_ONNX_NODE_H

#include "compiler/onnx/Importer.h"

namespace heddle::onnximport {

/// One node, with an Emitter at its location. Positions of inputs and outputs are those of the ONNX op.
class Node : public Emitter {
public:
  Node(Importer &importer, const onnx::NodeProto &proto, std::string path, Frame &frame, const onnx::OpSchema *schema);

  const onnx::NodeProto &proto() const { return node; }
  llvm::StringRef opType() const { return node.op_type(); }
  const std::string &path() const { return nodePath; }
  Importer &importer() { return owner; }
  Frame &frame() { return surroundings; }
  const onnx::OpSchema *schema() const { return opSchema; }
  /// The opset version since which the op has meant what it means here.
  int version() const { return opSchema ? opSchema->SinceVersion() : 0; }

  // ---- operands ----
  int inputCount() const { return node.input_size(); }
  int outputCount() const { return node.output_size(); }
  bool hasInput(int position) const;
  bool hasOutput(int position) const { return position < node.output_size() && !node.output(position).empty(); }
  Tensor &tensor(int position);
  bool isSequence(int position);
  /// The tensors of a sequence.
  const std::vector<Tensor *> &sequence(int position);
  mlir::Value value(int position) { return data(tensor(position)); }
  mlir::Value data(const Tensor &tensor) { return owner.dataOf(tensor, surroundings.scope, loc()); }
  const Shape &shape(int position) { return tensor(position).shape; }
  mlir::Type element(int position) { return tensor(position).element; }
  int64_t rank(int position) { return tensor(position).rank(); }

  /// Elements that decide a rank or pick a dimension: constants, or assumed under a guard.
  std::vector<int64_t> constants(int position);
  int64_t constant(int position);
  /// Elements that are sizes (0 or more) or, if `mayBeNegative`, offsets: expressions, or fresh symbols that a step
  /// reads.
  Shape sizes(int position, bool mayBeNegative = false);
  Shape sizesOf(const Tensor &tensor, const std::string &name, bool mayBeNegative);

  // ---- attributes ----
  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  bool hasAttribute(llvm::StringRef name) const { return attribute(name) != nullptr; }
  int64_t intAttr(llvm::StringRef name, int64_t byDefault);
  double floatAttr(llvm::StringRef name, double byDefault);
  std::string stringAttr(llvm::StringRef name, llvm::StringRef byDefault);
  std::vector<int64_t> intsAttr(llvm::StringRef name, std::vector<int64_t> byDefault = {});
  std::vector<double> floatsAttr(llvm::StringRef name);
  std::vector<std::string> stringsAttr(llvm::StringRef name);
  const onnx::GraphProto &graphAttr(llvm::StringRef name);
  /// An attribute that counts from the end if negative, normalized to [0, rank).
  int64_t axisAttr(int64_t byDefault, int64_t rank, llvm::StringRef name = "axis");
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  std::vector<int64_t> normalizeAxes(std::vector<int64_t> axes, int64_t rank);
  /// The MLIR type of an ONNX element type number.
  mlir::Type elementOfNumber(int64_t number);

  // ---- results ----
  void set(int position, mlir::Value value);
  void set(int position, Tensor &tensor);
  void setContents(int position, Contents contents, Shape shape, mlir::Type element);

protected:
  /// Repeats operands of elementwise ops and matrix products that only the run can broadcast.
  void adaptOperands(mlir::OperationState &state) override;
  /// Requires, ahead of the op, the size equalities that its type inference has assumed.
  void onCreated(mlir::Operation *op) override;

private:
  friend class Importer;

  Tensor &operand(int position);

  Importer &owner;
  const onnx::NodeProto &node;
  std::string nodePath;
  Frame &surroundings;
  const onnx::OpSchema *opSchema;
};

using Rule = void (*)(Node &);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_NODE_H
