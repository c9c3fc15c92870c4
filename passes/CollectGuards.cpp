// heddle-collect-guards: writes down the size equalities that broadcasting has assumed.
#include "ir/Assumptions.h"
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
      llvm::append_range(guards, assumedEqualities(&op));
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
