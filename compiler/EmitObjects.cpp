// heddle-emit-objects: stage code for the CPU, as a pass.
#include "compiler/CompilerPasses.h"
#include "compiler/EmitCode.h"

namespace heddle {
#define GEN_PASS_DEF_EMITOBJECTS
#include "compiler/CompilerPasses.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct EmitObjects final : heddle::impl::EmitObjectsBase<EmitObjects> {
  using Base::Base;
  void runOnOperation() override {
    if (Status status = emitCpuObjects(getOperation(), level, threads); !status) {
      getOperation().emitError(status.message());
      signalPassFailure();
    }
  }
};
} // namespace
