// Imports branches and loop bodies into regions.
#include "compiler/onnx/Subgraphs.h"
#include "compiler/onnx/NodePath.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

Frame onnximport::innerFrame(Node &node, Scope &scope, StringRef attribute, InnerGraph kind) {
  Frame &outer = node.frame();
  std::string path = outer.path + subgraphLabel(StringRef(node.path()).drop_front(outer.path.size()), attribute) + "/";
  return Frame{scope,
               path,
               outer.opsets,
               outer.attributes,
               kind != InnerGraph::Taken || outer.isBranch,
               kind == InnerGraph::Branch || outer.isOptional};
}

std::vector<Tensor *> onnximport::importInnerGraph(Node &node, const onnx::GraphProto &graph, Frame &frame) {
  node.importer().importInitializers(graph, frame);
  node.importer().importNodes(graph.node(), frame);
  return node.importer().outputsOf(graph, frame);
}

bool onnximport::isKnownOutside(const Expr &size, const std::set<std::string> &outerSymbols) {
  std::set<std::string> symbols;
  size.collectSymbols(symbols);
  return std::includes(outerSymbols.begin(), outerSymbols.end(), symbols.begin(), symbols.end());
}

/// The types of the values that a loop carries, in its body and as results. Sizes that change are symbols of their own.
struct CarriedTypes {
  SmallVector<Type> inBody, results;
  SmallVector<Attribute> defines; ///< These symbols.
};

/// The block of the body: iteration number, condition, carried values.
static Block *createBody(Node &node, Region &region, ArrayRef<Type> carried) {
  SmallVector<Type> types = {tensorType({}, node.builder().getI64Type()), tensorType({}, node.builder().getI1Type())};
  types.append(carried.begin(), carried.end());
  return node.builder().createBlock(&region, {}, types, SmallVector<Location>(types.size(), node.loc()));
}

static void defineInputs(Node &node, const onnx::GraphProto &body, ArrayRef<Value> values, Scope &scope) {
  if (body.input_size() != static_cast<int>(values.size()))
    malformed("body has " + Twine(body.input_size()) + " inputs, expected " + Twine(values.size()));
  for (auto [input, value] : llvm::zip(body.input(), values))
    if (!scope.define(input.name(), &node.importer().tensorOf(value)))
      malformed("value '" + printable(input.name()) + "' is defined twice");
}

/// Gives sizes that the body has changed symbols; false if there is none that has not got them already.
static bool widenCarried(Node &node, CarriedTypes &types, ArrayRef<Value> initial, ArrayRef<Value> next) {
  bool isWidened = false;
  for (auto [position, first, after] : llvm::enumerate(initial, next)) {
    if (elementOf(first) != elementOf(after) || rankOf(first) != rankOf(after))
      unsupported("carried value " + Twine(position) + " starts as " + textOf(node.importer().tensorOf(first)) +
                  " and becomes " + textOf(node.importer().tensorOf(after)) +
                  ": changing ranks and types are not supported");
    Shape before = shapeOf(types.inBody[position]), changed = shapeOfValue(after);
    Shape results = shapeOf(types.results[position]);
    for (size_t dim = 0; dim < before.size(); ++dim) {
      bool isOpen = before[dim] != shapeOfValue(first)[dim];
      if (before[dim] == changed[dim] || isOpen)
        continue;
      isWidened = true;
      for (Shape *shape : {&before, &results}) {
        std::string name = node.path() + (shape == &results ? "." : ".carried.") + std::to_string(position) + "." +
                           std::to_string(dim);
        std::string symbol = node.importer().freshSymbol(name);
        types.defines.push_back(node.builder().getStringAttr(symbol));
        (*shape)[dim] = Expr::symbol(symbol);
      }
    }
    types.inBody[position] = tensorType(before, elementOf(after));
    types.results[position] = tensorType(results, elementOf(after));
  }
  return isWidened;
}

/// What the body yields: the next condition, the carried values, the elements to stack.
static SmallVector<Value> importBody(Node &node, const onnx::GraphProto &body, Region &region, const LoopParts &parts,
                                     const CarriedTypes &types) {
  OpBuilder::InsertionGuard guard(node.builder());
  Block *block = createBody(node, region, types.inBody);
  BlockValues values;
  values.parent = &node.frame().scope.block();
  Scope scope(&node.frame().scope, values);
  Frame frame = innerFrame(node, scope, "body", InnerGraph::Body);
  SmallVector<Value> states(block->getArguments().drop_front(2));
  defineInputs(node, body,
               parts.makeInputs ? parts.makeInputs(block->getArgument(0), states)
                                : SmallVector<Value>(block->getArguments()),
               scope);
  SmallVector<Value> yielded;
  if (!parts.hasCondition)
    yielded.push_back(block->getArgument(1));
  for (Tensor *result : importInnerGraph(node, body, frame))
    yielded.push_back(node.importer().dataOf(*result, scope, node.loc()));
  if (yielded.size() < parts.carried.size() + 1 || elementOf(yielded[0]) != node.builder().getI1Type())
    malformed("body does not give a condition and " + Twine(parts.carried.size()) + " carried values");
  yielded[0] = node.reshape(yielded[0], {});
  OperationState result(node.loc(), ResultOp::getOperationName(), yielded, TypeRange{});
  node.builder().create(result);
  return yielded;
}

Operation *onnximport::importLoopOver(Node &node, const onnx::GraphProto &body, const LoopParts &parts) {
  std::set<std::string> outerSymbols = node.importer().symbols();
  SmallVector<Value> operands = {parts.tripCount, parts.condition};
  operands.append(parts.carried);
  OperationState state(node.loc(), LoopOp::getOperationName(), operands, TypeRange{});
  CarriedTypes types;
  types.inBody = types.results = llvm::to_vector(ValueRange(parts.carried).getTypes());
  Region *region = state.addRegion();
  SmallVector<Value> yielded = importBody(node, body, *region, parts, types);
  // A size that changes is only seen in what the body yields; then the body is imported once more, for any size. Loops
  // inside loops multiply such rounds, so they get fewer.
  int64_t rounds = 8 >> std::min<int64_t>(StringRef(node.frame().path).count('/'), 4);
  while (widenCarried(node, types, parts.carried, ArrayRef(yielded).slice(1, parts.carried.size()))) {
    if (--rounds < 0)
      unsupported("the sizes of carried values change in too many ways");
    region->dropAllReferences();
    region->getBlocks().clear();
    yielded = importBody(node, body, *region, parts, types);
  }
  state.addTypes(types.results);
  SmallVector<Attribute> defines = types.defines;
  std::optional<Expr> trips;
  for (Value element : ArrayRef(yielded).drop_front(1 + parts.carried.size())) {
    if (!trips) {
      std::string symbol = node.importer().freshSymbol(node.path() + ".trips");
      trips = Expr::symbol(symbol);
      defines.push_back(node.builder().getStringAttr(symbol));
    }
    // The loop checks that sizes which the body computes are the same in all iterations.
    Shape shape = shapeOfValue(element);
    for (Expr &size : shape)
      if (!isKnownOutside(size, outerSymbols)) {
        std::string symbol = node.importer().freshSymbol(node.path() + ".stacked");
        defines.push_back(node.builder().getStringAttr(symbol));
        size = Expr::symbol(symbol);
      }
    shape.insert(shape.begin(), *trips);
    state.addTypes(tensorType(shape, elementOf(element)));
  }
  if (static_cast<int>(state.types.size()) != node.outputCount())
    malformed("body gives " + Twine(state.types.size()) + " results, the node has " + Twine(node.outputCount()));
  state.addAttribute("defines", node.builder().getArrayAttr(defines));
  return node.create(state);
}
