// heddle-recognize-composites: what exporters write as many ops becomes the one op that it means.
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"
#include "passes/Spellings.h"

namespace heddle {
#define GEN_PASS_DEF_RECOGNIZECOMPOSITES
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct RecognizeComposites final : heddle::impl::RecognizeCompositesBase<RecognizeComposites> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    addNormSpellings(patterns);
    addSoftmaxSpellings(patterns);
    addActivationSpellings(patterns);
    addAttentionSpellings(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
