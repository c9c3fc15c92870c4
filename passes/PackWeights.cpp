// heddle-pack-weights: constant matrices of products become panels that register tiles read front to back.
#include "ir/Schedule.h"
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"
#include "runtime/format/WeightTransform.h"

namespace heddle {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// A weight that products alone read, all in the same order of dimensions.
struct PackedUse {
  SmallVector<MatmulOp> products;
  bool isTransposed = false;
};

struct PackWeights final : heddle::impl::PackWeightsBase<PackWeights> {
  using Base::Base;
  void runOnOperation() override;
};
} // namespace

/// The id of the rule that keeps a weight as it is; empty if its users allow panels.
static StringRef whyNot(ConstantOp constant, PackedUse &use) {
  for (OpOperand &operand : constant->getUses()) {
    auto product = dyn_cast<MatmulOp>(operand.getOwner());
    bool isRight = product && operand.getOperandNumber() == 1;
    if (!isRight || product.getPackedNr() != 0)
      return "other-users";
    if (!use.products.empty() && product.getTransposeB() != use.isTransposed)
      return "two-orders";
    use.isTransposed = product.getTransposeB();
    use.products.push_back(product);
  }
  return use.products.empty() ? "no-users" : "";
}

/// matmul(a, w) -> matmul(a, pack(w)) packed_nr n
static void pack(ConstantOp constant, WeightAttr weight, const PackedUse &use, int64_t nr) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  int64_t depth = shape[use.isTransposed ? 1 : 0], columns = shape[use.isTransposed ? 0 : 1];
  Result<WeightTransform> transform = parseTransform(weight.getTransform().str());
  assert(transform && "the verifier has parsed the transform");
  if (use.isTransposed)
    transform->push_back(weight::Permute{{1, 0}});
  transform->push_back(weight::Pack{{nr, 1}});
  auto type = RankedTensorType::get({(columns + nr - 1) / nr, depth, nr}, getElementTypeOrSelf(weight.getType()));
  auto packed = WeightAttr::get(constant.getContext(), weight.getDigest(), printTransform(*transform), type);
  OpBuilder builder(constant);
  Value value = ConstantOp::create(builder, constant.getLoc(), packed);
  for (MatmulOp product : use.products) {
    product.getBMutable().assign(value);
    product.setTransposeB(false);
    product.setPackedNr(nr);
    product.setN(columns);
  }
  constant.erase();
}

void PackWeights::runOnOperation() {
  int64_t packed = 0;
  SmallVector<ConstantOp> constants;
  getOperation().walk([&](ConstantOp constant) { constants.push_back(constant); });
  for (ConstantOp constant : constants) {
    auto weight = dyn_cast<WeightAttr>(constant.getValue());
    auto type = weight ? cast<RankedTensorType>(weight.getType()) : RankedTensorType();
    if (!weight || type.getRank() != 2 || !isa<FloatType>(type.getElementType()) ||
        llvm::is_contained(type.getShape(), 0))
      continue;
    PackedUse use;
    if (StringRef rule = whyNot(constant, use); !rule.empty()) {
      remark::missed(constant.getLoc(), remark::RemarkOpts::name("pack-weights").category("heddle.kernels"))
          << remark::reason("rule {0}", rule);
      continue;
    }
    pack(constant, weight, use, panelColumns(use.products.front(), vectorBytes));
    ++packed;
  }
  remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("pack-weights").category("heddle.kernels"))
      << remark::metric("weights", packed);
}
