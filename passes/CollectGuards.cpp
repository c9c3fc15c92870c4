// heddle-collect-guards: writes down the size equalities that broadcasting has assumed.
#include "ir/Assumptions.h"
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
    // What a step defines later cannot be checked at entry: the importer has made it a step that fails.
    std::vector<Expr> distinct;
    llvm::append_range(guards, assumedAtEntry(function));
    for (const Expr &guard : guards)
      if (!guard.isLiteral(1) && !llvm::is_contained(distinct, guard) && isKnownAtEntry(guard, function))
        distinct.push_back(guard);
    function->setAttr("heddle.guards", DimsAttr::get(&getContext(), Shape(distinct)));
    remark::passed(function.getLoc(), remark::RemarkOpts::name("guards").category("heddle.graph"))
        << remark::metric("guards", static_cast<int64_t>(distinct.size()));
  }
};
} // namespace
