// heddle-verify-graph: what must hold at the end of stage graph.
#include "ir/Assumptions.h"
#include "ir/Shapes.h"
#include "ir/WeightStore.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYGRAPH
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// Checks one function from its first op to its last.
class GraphVerifier {
public:
  explicit GraphVerifier(func::FuncOp function) : function(function) {}

  LogicalResult run();

private:
  using Symbols = std::set<std::string>;

  /// The symbols that a region defines end with it, so each gets a copy.
  LogicalResult checkBlock(Block &block, Symbols known);
  LogicalResult checkOp(Operation *op, Symbols &known);
  LogicalResult checkConstant(ConstantOp constant);
  LogicalResult checkSizes(Operation *op, const Shape &sizes, const Symbols &known);
  LogicalResult checkGuards();

  func::FuncOp function;
};
} // namespace

/// Ops of the later stages.
static bool isLater(Operation *op) {
  return isa<KernelOp, heddle::ReturnOp, LaunchOp, PlanOp, PlaceOp, ViewOp, PartOp, RunOp, HostRunOp, DefineSymbolOp,
             BranchOp, RepeatOp, ObjectOp>(op);
}

static bool isGraphOp(Operation *op) {
  return isa<func::ReturnOp>(op) || (isa_and_nonnull<HeddleDialect>(op->getDialect()) && !isLater(op));
}

/// The symbols that an op defines for those behind it.
static ArrayAttr definedBy(Operation *op) {
  return llvm::TypeSwitch<Operation *, ArrayAttr>(op)
      .Case<HostCallOp, IfOp, LoopOp>([](auto typed) { return typed.getDefines(); })
      .Case<SetSymbolsOp>([](SetSymbolsOp set) { return set.getSymbols(); })
      .Default([](Operation *) { return ArrayAttr(); });
}

LogicalResult GraphVerifier::checkSizes(Operation *op, const Shape &sizes, const Symbols &known) {
  Symbols used;
  for (const Expr &size : sizes)
    size.collectSymbols(used);
  for (const std::string &symbol : used)
    if (!known.count(symbol) && !StringRef(symbol).ends_with("]"))
      return op->emitError() << "size symbol '" << symbol << "' is used before a step defines it";
  return success();
}

LogicalResult GraphVerifier::checkConstant(ConstantOp constant) {
  auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements || elements.isSplat())
    return success();
  int64_t bytes = elements.getNumElements() * byteWidth(*dtypeOf(elements.getElementType()));
  if (bytes > maxInlineBytes)
    return constant.emitError() << "constant holds " << bytes << " bytes inline, expected at most " << maxInlineBytes
                                << " or a weight";
  return success();
}

LogicalResult GraphVerifier::checkOp(Operation *op, Symbols &known) {
  if (!isGraphOp(op))
    return op->emitError() << op->getName() << " is no graph op";
  if (auto constant = dyn_cast<ConstantOp>(op))
    if (failed(checkConstant(constant)))
      return failure();
  Symbols inside = known;
  if (auto loop = dyn_cast<LoopOp>(op)) // Sizes of its carried values.
    for (StringRef symbol : loop.getDefines().getAsValueRange<StringAttr>())
      inside.insert(symbol.str());
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (!isa<GenericOp>(op) && failed(checkBlock(block, inside)))
        return failure();
  if (ArrayAttr defines = definedBy(op))
    for (StringRef symbol : defines.getAsValueRange<StringAttr>())
      known.insert(symbol.str());
  for (Type type : op->getResultTypes())
    if (failed(checkSizes(op, shapeOf(type), known)))
      return failure();
  for (NamedAttribute attribute : op->getAttrs())
    if (auto sizes = dyn_cast<DimsAttr>(attribute.getValue()))
      if (failed(checkSizes(op, sizes.exprs(), known)))
        return failure();
  return success();
}

LogicalResult GraphVerifier::checkBlock(Block &block, Symbols known) {
  for (Operation &op : block)
    if (failed(checkOp(&op, known)))
      return failure();
  return success();
}

LogicalResult GraphVerifier::checkGuards() {
  auto guards = function->getAttrOfType<DimsAttr>("heddle.guards");
  if (!guards)
    return function.emitError() << "function '" << function.getName() << "' has no 'heddle.guards'";
  for (const Expr &guard : guards.exprs())
    if (!isKnownAtEntry(guard, function))
      return function.emitError() << "guard '" << guard.str() << "' cannot be checked when the function is entered";
  for (const Expr &assumed : assumedAtEntry(function))
    if (!llvm::is_contained(guards.exprs(), assumed))
      return function.emitError() << "'" << assumed.str() << "' is assumed, but is no guard";
  return success();
}

LogicalResult GraphVerifier::run() {
  Symbols known;
  for (Type type : function.getArgumentTypes())
    for (const Expr &size : shapeOf(type))
      size.collectSymbols(known);
  if (failed(checkBlock(function.getBody().front(), known)))
    return failure();
  return checkGuards();
}

namespace {
struct VerifyGraph final : heddle::impl::VerifyGraphBase<VerifyGraph> {
  void runOnOperation() override {
    for (Operation &op : *getOperation().getBody()) {
      auto function = dyn_cast<func::FuncOp>(op);
      if (!function)
        op.emitError() << op.getName() << " is outside a function at the end of stage graph";
      if (!function || failed(GraphVerifier(function).run()))
        return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
