// Implements recording: one node per callback.
#include "codegen/cuda/Recorder.h"
#include "ir/Origins.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

NodeId Recorder::accumulator(Operation *op, Type compute) {
  Node node;
  node.kind = Node::Kind::Accumulator;
  node.type = compute;
  node.finishedBy = op;
  return graph.add(std::move(node));
}

PullValue Recorder::load(unsigned argument, ArrayRef<Index> indices) {
  Type type = kernel.getArgumentTypes()[argument];
  Node node;
  node.kind = Node::Kind::Load;
  node.type = computeType(getElementTypeOrSelf(type));
  node.argument = static_cast<int>(argument);
  node.index = linearize(indices.vec(), shapeOf(type));
  return {graph.add(std::move(node))};
}

TypedAttr heddle::cuda::elementOf(DenseElementsAttr elements, int64_t at) {
  Type type = computeType(elements.getElementType());
  if (auto real = dyn_cast<FloatType>(type)) {
    APFloat value = *(elements.value_begin<APFloat>() + at);
    bool losesInfo;
    value.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    return FloatAttr::get(type, value);
  }
  APInt bits = *(elements.value_begin<APInt>() + at);
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = elements.getElementType().isUnsignedInteger();
  return IntegerAttr::get(type, isUnsigned ? bits.zextOrTrunc(width) : bits.sextOrTrunc(width));
}

PullValue Recorder::loadConstant(DenseElementsAttr elements, ArrayRef<Index> indices) {
  Index at = linearize(indices.vec(), shapeOf(elements.getType()));
  if (at.isConstant() && at.constant().literal())
    return constant(elementOf(elements, *at.constant().literal()));
  Node node;
  node.kind = Node::Kind::Load;
  node.type = computeType(elements.getElementType());
  node.table = elements;
  node.index = at;
  return {graph.add(std::move(node))};
}

PullValue Recorder::constant(TypedAttr value) {
  Node node;
  node.type = value.getType();
  node.constant = value;
  return {graph.add(std::move(node))};
}

PullValue Recorder::index(const Index &index) {
  Type i64 = IntegerType::get(kernel.getContext(), 64);
  if (index.isConstant() && index.constant().literal())
    return constant(IntegerAttr::get(i64, *index.constant().literal()));
  Node node;
  node.kind = Node::Kind::Position;
  node.type = i64;
  node.index = index;
  return {graph.add(std::move(node))};
}

/// What an op of arithmetic gives where operands are constant: one of its operands, or a constant.
std::optional<PullValue> Recorder::folded(Operation *op, ArrayRef<PullValue> operands) {
  if (!isa<arith::ArithDialect>(op->getDialect()))
    return std::nullopt;
  SmallVector<Attribute> constants;
  for (PullValue operand : operands)
    constants.push_back(graph[operand.id].kind == Node::Kind::Constant ? graph[operand.id].constant : TypedAttr());
  if (llvm::none_of(constants, [](Attribute constant) { return constant != nullptr; }))
    return std::nullopt;
  // Folding may change the op, which other elements are computed by as well.
  Operation *copy = op->clone();
  SmallVector<OpFoldResult> results;
  bool isFolded = succeeded(copy->fold(constants, results)) && results.size() == 1;
  copy->destroy();
  if (!isFolded)
    return std::nullopt;
  if (auto value = dyn_cast<Attribute>(results[0])) {
    auto typed = dyn_cast<TypedAttr>(value); // Poison is not.
    return typed ? std::optional(constant(typed)) : std::nullopt;
  }
  auto place = llvm::find(op->getOperands(), cast<Value>(results[0]));
  return place == op->operand_end() ? std::nullopt : std::optional(operands[place - op->operand_begin()]);
}

PullValue Recorder::op(Operation *op, ArrayRef<PullValue> operands) {
  if (std::optional<PullValue> known = folded(op, operands))
    return *known;
  Node node;
  node.kind = Node::Kind::Op;
  node.type = op->getResult(0).getType();
  node.op = op;
  for (PullValue operand : operands)
    node.operands.push_back(operand.id);
  return {graph.add(std::move(node))};
}

Index Recorder::opaque(PullValue value, std::optional<Expr> extent, std::vector<int> dependsOn) {
  auto checked = checkedNodes.find(value.id);
  NodeId id = extent && checked != checkedNodes.end() ? checked->second : value.id;
  return Index::opaque(id, std::move(extent), std::move(dependsOn));
}

/// The coordinate before negative ones were moved by the size: `select(x < 0, x + size, x)` -> `x`.
static NodeId rawCoordinate(const ScalarGraph &graph, NodeId moved) {
  const Node &select = graph[moved];
  bool isMoved = select.kind == Node::Kind::Op && isa<arith::SelectOp>(select.op);
  return isMoved ? select.operands[2] : moved;
}

void Recorder::check(const PullCondition &condition, ExtractOp op, unsigned dim) {
  auto [place, isNew] = checkNumbers.try_emplace({op, dim}, checkMessages.size() + 1);
  if (isNew) {
    std::string nodes = originText(op.getLoc());
    checkMessages.push_back((nodes.empty() ? kernel.getSymName().str() : nodes) +
                            ": index out of bounds, expected it in [-" + condition.upper.str() + ", " +
                            condition.upper.str() + ")");
  }
  SmallVector<NodeId> coordinate;
  collectOpaque(condition.index, coordinate);
  assert(coordinate.size() == 1 && "a checked coordinate is one opaque value");
  Node node;
  node.kind = Node::Kind::Checked;
  node.type = IntegerType::get(kernel.getContext(), 64);
  node.operands = {rawCoordinate(graph, coordinate[0])};
  node.size = condition.upper;
  node.check = place->second;
  checkedNodes[coordinate[0]] = graph.add(std::move(node));
}

PullValue Recorder::guard(ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) {
  Node node;
  node.kind = Node::Kind::Guard;
  for (PullCondition condition : conditions) {
    SmallVector<NodeId> coordinate;
    collectOpaque(condition.index, coordinate);
    bool isChecked = coordinate.size() == 1 && checkedNodes.count(coordinate[0]);
    // A failed check goes on with coordinate 0, which exists unless the dimension is empty.
    if (isChecked && condition.upper.literal().value_or(0) > 0)
      continue;
    if (isChecked)
      condition.index = Index::opaque(checkedNodes[coordinate[0]], std::nullopt, condition.index.variables());
    node.conditions.push_back(condition);
  }
  if (node.conditions.empty())
    return inside();
  ++guardDepth;
  PullValue yes = inside(), no = outside();
  --guardDepth;
  node.type = graph[yes.id].type;
  node.operands = {yes.id, no.id};
  return {graph.add(std::move(node))};
}

PullValue Recorder::reduce(const PullReduction &reduction, ReductionBody body) {
  Node node;
  node.type = reduction.resultType;
  node.generic = reduction.op;
  node.isUnsigned = reduction.isUnsigned;
  std::vector<Index> point;
  // Under a guard the whole block does not come here, and the row may lie outside its operand.
  bool isRow = columns && guardDepth == 0 && elementCount(reduction.extents) == columns->extent &&
               llvm::all_of(reduction.place, [&](const Index &index) {
                 return llvm::all_of(index.variables(), [&](int variable) { return variable < columns->variable; });
               });
  if (isRow) {
    node.kind = Node::Kind::RowReduce;
    point = delinearize(Index::variable(columns->variable, columns->extent), reduction.extents);
  } else {
    node.kind = Node::Kind::Reduce;
    for (const Expr &extent : reduction.extents) {
      point.push_back(newVariable(extent));
      if (!extent.isLiteral(1))
        node.loops.push_back({lastVariable(), extent});
    }
  }
  for (PullValue value : body(point))
    node.operands.push_back(value.id);
  NodeId id = graph.add(std::move(node));
  if (isRow)
    graph.at(id).variables.erase(columns->variable);
  return {id};
}

PullValue Recorder::finish(Operation *op, PullValue value) {
  Node &node = graph.at(value.id);
  bool isLeaf = node.kind == Node::Kind::Constant || node.kind == Node::Kind::Position;
  if (!node.finishedBy && !isLeaf)
    node.finishedBy = op;
  return value;
}
