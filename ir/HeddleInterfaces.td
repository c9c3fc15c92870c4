// Op interfaces: how an op states its meaning once, for the evaluator and both code generators.
#ifndef HEDDLE_IR_HEDDLEINTERFACES_TD
#define HEDDLE_IR_HEDDLEINTERFACES_TD

include "mlir/IR/OpBase.td"

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::heddle";
  let description = [{
    An op that computes each element of its one result from the elements at the same place of its operands, which
    broadcast (NumPy's rule, multidirectional). Its meaning is one scalar expression.
  }];
  let methods = [InterfaceMethod<[{
      Builds the scalar expression. `x` holds one scalar per operand in its *compute type* (see `ir/Scalars.h`); the
      result has the compute type of the op's result.
    }], "::mlir::Value", "buildScalar", (ins "::heddle::Scalars &":$s, "::mlir::ValueRange":$x)>];
}

def StructuredOpInterface : OpInterface<"StructuredOpInterface"> {
  let cppNamespace = "::heddle";
  let description = [{
    An op whose meaning is an expansion into structured ops: `heddle.generic`, the movement ops (reshape, transpose,
    broadcast, slice, concat, pad), elementwise ops, and other ops of this interface.
  }];
  let methods = [InterfaceMethod<[{
      Builds the expansion on `operands`, which stand for the op's operands and have their types; returns one value per result, of
      the result's type.
    }], "::llvm::SmallVector<::mlir::Value>", "buildBody", (ins "::mlir::OpBuilder &":$builder,
                                                                "::mlir::ValueRange":$operands)>];
}

#endif // HEDDLE_IR_HEDDLEINTERFACES_TD
