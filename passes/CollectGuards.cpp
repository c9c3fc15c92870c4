// heddle-collect-guards: writes down the size equalities that broadcasting has assumed.
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_COLLECTGUARDS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// Equalities assumed by one op, as predicates.
void assumptionsOf(Operation *op, std::vector<Expr> &guards) {
  SmallVector<Shape> shapes;
  if (isa<ElementwiseOpInterface>(op)) {
    for (Value operand : op->getOperands())
      shapes.push_back(shapeOf(operand.getType()));
  } else if (auto matmul = dyn_cast<MatmulOp>(op); matmul && matmul.getPackedNr() == 0) {
    Shape a = shapeOf(matmul.getA().getType()), b = shapeOf(matmul.getB().getType());
    size_t rankA = a.size(), rankB = b.size();
    Expr innerA = a[rankA - (matmul.getTransposeA() ? 2 : 1)], innerB = b[rankB - (matmul.getTransposeB() ? 1 : 2)];
    if (innerA != innerB)
      guards.push_back(equal(innerA, innerB));
    shapes = {Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)};
  } else if (auto concat = dyn_cast<ConcatOp>(op)) {
    for (Value part : concat.getParts()) {
      Shape shape = shapeOf(part.getType());
      shape.erase(shape.begin() + concat.getAxis());
      shapes.push_back(shape);
    }
  }
  std::vector<std::pair<Expr, Expr>> assumptions;
  if (shapes.size() > 1)
    broadcastAssumptions(shapes, assumptions);
  for (const auto &[a, b] : assumptions)
    guards.push_back(equal(a, b));
}

struct CollectGuards final : heddle::impl::CollectGuardsBase<CollectGuards> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    std::vector<Expr> guards;
    if (auto existing = function->getAttrOfType<DimsAttr>("heddle.guards"))
      guards = existing.exprs();
    std::set<std::string> inputSymbols;
    for (Type type : function.getArgumentTypes())
      for (const Expr &size : shapeOf(type))
        size.collectSymbols(inputSymbols);
    // A branch that is not taken assumes nothing.
    for (Operation &op : function.getBody().front())
      assumptionsOf(&op, guards);
    std::vector<Expr> distinct;
    for (const Expr &guard : guards) {
      // What a step defines later cannot be checked at entry: the importer has made it a step that fails.
      std::set<std::string> used;
      guard.collectSymbols(used);
      bool isKnownAtEntry = llvm::all_of(
          used, [&](const std::string &name) { return inputSymbols.count(name) || StringRef(name).ends_with("]"); });
      if (isKnownAtEntry && !guard.isLiteral(1) && !llvm::is_contained(distinct, guard))
        distinct.push_back(guard);
    }
    function->setAttr("heddle.guards", DimsAttr::get(&getContext(), Shape(distinct)));
    remark::passed(function.getLoc(), remark::RemarkOpts::name("guards").category("heddle.graph"))
        << remark::metric("guards", static_cast<int64_t>(distinct.size()));
  }
};
} // namespace
