// heddle-opt: MLIR's driver with the heddle dialect, all its passes and pipelines.
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<heddle::HeddleDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::math::MathDialect>();
  mlir::registerTransformsPasses();
  heddle::registerHeddlePasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "heddle-opt: runs passes on heddle IR\n", registry));
}
