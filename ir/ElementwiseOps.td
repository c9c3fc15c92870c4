// Elementwise ops: one scalar expression per op, in ElementwiseOps.cpp.
#ifndef HEDDLE_IR_ELEMENTWISEOPS_TD
#define HEDDLE_IR_ELEMENTWISEOPS_TD

include "ir/HeddleTypes.td"
include "ir/HeddleInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Result: the broadcast shape with the element type that `inferFunction` says.
class Heddle_ElementwiseOp<string mnemonic, string formula, string inferFunction, list<Trait> traits = []>
    : Heddle_Op<mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<ElementwiseOpInterface>,
                                       DeclareOpInterfaceMethods<InferTypeOpInterface>], traits)> {
  let summary = formula;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = "static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange declared);";
  let extraClassDefinition = Heddle_CompatibleTypes.definition # [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, std::optional<::mlir::Location> location,
        ::mlir::ValueRange operands, ::mlir::DictionaryAttr, ::mlir::OpaqueProperties, ::mlir::RegionRange,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return }] # inferFunction # [{(location, operands, types);
    }
  }];
}

// `element` is the element type of the example, `attributes` its attributes.
class Heddle_UnaryOp<string mnemonic, string formula, TypeConstraint type = Heddle_FloatTensor, string element = "f32",
                     string attributes = "">
    : Heddle_ElementwiseOp<mnemonic, formula, "inferLikeFirst"> {
  let description = "Elementwise `" # formula # [{`.
    (C1) The result has the type of `x`.
    ```mlir
    %y = heddle.}] # mnemonic # " %x " # attributes # ": (tensor<2x3x" # element # ">) -> tensor<2x3x" # element # [{>
    ```}];
  let arguments = (ins type:$x);
  let results = (outs type:$y);
}

class Heddle_UnaryAttrOp<string mnemonic, string formula, dag attributes, string example>
    : Heddle_UnaryOp<mnemonic, formula, Heddle_FloatTensor, "f32", example> {
  let arguments = !con((ins Heddle_FloatTensor:$x), attributes);
}

class Heddle_BinaryOp<string mnemonic, string formula, TypeConstraint type = Heddle_NumericTensor, string element = "f32">
    : Heddle_ElementwiseOp<mnemonic, formula, "inferSameElement"> {
  let description = "Elementwise `" # formula # [{` with broadcasting.
    (C1) Both operands have the same element type.
    (C2) The shapes broadcast: sizes are equal, or one of them is 1.
    (C3) The result has the broadcast shape and the operands' element type.
    ```mlir
    %y = heddle.}] # mnemonic # " %a, %b : (tensor<2x3x" # element # ">, tensor<3x" # element # ">) -> tensor<2x3x" # element # [{>
    ```}];
  let arguments = (ins type:$a, type:$b);
  let results = (outs type:$y);
}

class Heddle_CompareOp<string mnemonic, string formula, TypeConstraint type = Heddle_Tensor>
    : Heddle_ElementwiseOp<mnemonic, formula, "inferBool"> {
  let description = "Elementwise `" # formula # [{` with broadcasting; false if an operand is NaN.
    (C1) Both operands have the same element type.
    (C2) The shapes broadcast: sizes are equal, or one of them is 1.
    (C3) The result has the broadcast shape.
    ```mlir
    %y = heddle.}] # mnemonic # [{ %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
    ```}];
  let arguments = (ins type:$a, type:$b);
  let results = (outs Heddle_BoolTensor:$y);
}

class Heddle_TestOp<string mnemonic, string formula, string attributes = "">
    : Heddle_ElementwiseOp<mnemonic, formula, "inferBool"> {
  let description = "Elementwise `" # formula # [{`.
    (C1) The result has the shape of `x`.
    ```mlir
    %y = heddle.}] # mnemonic # " %x " # attributes # [{: (tensor<2x3xf32>) -> tensor<2x3xi1>
    ```}];
  let arguments = (ins Heddle_FloatTensor:$x);
  let results = (outs Heddle_BoolTensor:$y);
}

def AbsOp : Heddle_UnaryOp<"abs", "|x|", Heddle_NumericTensor>;
def NegOp : Heddle_UnaryOp<"neg", "-x", Heddle_NumericTensor>;
def SignOp : Heddle_UnaryOp<"sign", "-1, 0 or 1; NaN stays NaN", Heddle_NumericTensor>;
def ReluOp : Heddle_UnaryOp<"relu", "max(x, 0); NaN stays NaN", Heddle_NumericTensor>;
def FloorOp : Heddle_UnaryOp<"floor", "largest integer <= x">;
def CeilOp : Heddle_UnaryOp<"ceil", "smallest integer >= x">;
def RoundOp : Heddle_UnaryOp<"round", "nearest integer, ties to even">;
def SqrtOp : Heddle_UnaryOp<"sqrt", "square root of x">;
def ReciprocalOp : Heddle_UnaryOp<"reciprocal", "1 / x">;
def ExpOp : Heddle_UnaryOp<"exp", "e to the x">;
def LogOp : Heddle_UnaryOp<"log", "natural logarithm of x">;
def SinOp : Heddle_UnaryOp<"sin", "sine of x in radians">;
def CosOp : Heddle_UnaryOp<"cos", "cosine of x in radians">;
def TanOp : Heddle_UnaryOp<"tan", "tangent of x in radians">;
def AsinOp : Heddle_UnaryOp<"asin", "arc sine of x">;
def AcosOp : Heddle_UnaryOp<"acos", "arc cosine of x">;
def AtanOp : Heddle_UnaryOp<"atan", "arc tangent of x">;
def SinhOp : Heddle_UnaryOp<"sinh", "hyperbolic sine of x">;
def CoshOp : Heddle_UnaryOp<"cosh", "hyperbolic cosine of x">;
def TanhOp : Heddle_UnaryOp<"tanh", "hyperbolic tangent of x">;
def AsinhOp : Heddle_UnaryOp<"asinh", "inverse hyperbolic sine of x">;
def AcoshOp : Heddle_UnaryOp<"acosh", "inverse hyperbolic cosine of x">;
def AtanhOp : Heddle_UnaryOp<"atanh", "inverse hyperbolic tangent of x">;
def ErfOp : Heddle_UnaryOp<"erf", "error function of x">;
def SigmoidOp : Heddle_UnaryOp<"sigmoid", "1 / (1 + exp(-x))">;
def SoftplusOp : Heddle_UnaryOp<"softplus", "log(1 + exp x)">;
def SoftsignOp : Heddle_UnaryOp<"softsign", "x / (1 + |x|)">;
def MishOp : Heddle_UnaryOp<"mish", "x * tanh(log(1 + exp x))">;
def HardSwishOp : Heddle_UnaryOp<"hard_swish", "x * max(0, min(1, x / 6 + 0.5))">;
def NotOp : Heddle_UnaryOp<"not", "logical not x", Heddle_BoolTensor, "i1">;
def BitwiseNotOp : Heddle_UnaryOp<"bitwise_not", "~x", Heddle_IntTensor, "i32">;
def IsNaNOp : Heddle_TestOp<"is_nan", "x is NaN">;
def IsInfOp : Heddle_TestOp<"is_inf", "x is infinite, of a sign that `positive` or `negative` selects",
                            "{negative = true, positive = true} "> {
  let arguments = (ins Heddle_FloatTensor:$x, BoolAttr:$positive, BoolAttr:$negative);
}

def EluOp : Heddle_UnaryAttrOp<"elu", "x if x > 0, else alpha * (exp(x) - 1)", (ins F64Attr:$alpha),
                              "{alpha = 1.0 : f64} ">;
def CeluOp : Heddle_UnaryAttrOp<"celu", "max(0, x) + min(0, alpha * (exp(x / alpha) - 1))", (ins F64Attr:$alpha),
                              "{alpha = 1.0 : f64} ">;
def SeluOp : Heddle_UnaryAttrOp<"selu", "gamma * (x if x > 0, else alpha * (exp(x) - 1))",
                                (ins F64Attr:$alpha, F64Attr:$gamma), "{alpha = 1.67 : f64, gamma = 1.05 : f64} ">;
def LeakyReluOp : Heddle_UnaryAttrOp<"leaky_relu", "x if x >= 0, else alpha * x", (ins F64Attr:$alpha),
                              "{alpha = 0.01 : f64} ">;
def ThresholdedReluOp : Heddle_UnaryAttrOp<"thresholded_relu", "x if x > alpha, else 0", (ins F64Attr:$alpha),
                              "{alpha = 1.0 : f64} ">;
def HardSigmoidOp : Heddle_UnaryAttrOp<"hard_sigmoid", "max(0, min(1, alpha * x + beta))",
                                       (ins F64Attr:$alpha, F64Attr:$beta), "{alpha = 0.2 : f64, beta = 0.5 : f64} ">;
def ShrinkOp : Heddle_UnaryAttrOp<"shrink", "x + bias if x < -lambd, x - bias if x > lambd, else 0",
                                  (ins F64Attr:$bias, F64Attr:$lambd), "{bias = 0.0 : f64, lambd = 0.5 : f64} ">;
def SwishOp : Heddle_UnaryAttrOp<"swish", "x / (1 + exp(-alpha * x)): SiLU if alpha is 1", (ins F64Attr:$alpha),
                              "{alpha = 1.0 : f64} ">;
def GeluOp : Heddle_UnaryAttrOp<"gelu", "x * (1 + erf(x / sqrt 2)) / 2, or the tanh form if `tanh`",
                                (ins BoolAttr:$tanh), "{tanh = false} ">;

def AddOp : Heddle_BinaryOp<"add", "a + b">;
def SubOp : Heddle_BinaryOp<"sub", "a - b">;
def MulOp : Heddle_BinaryOp<"mul", "a * b">;
def DivOp : Heddle_BinaryOp<"div", "a / b; integers toward zero, x / 0 = 0">;
def MinOp : Heddle_BinaryOp<"min", "min(a, b); NaN if either is">;
def MaxOp : Heddle_BinaryOp<"max", "max(a, b); NaN if either is">;
def ModOp : Heddle_BinaryOp<"mod", "a mod b with the sign of b; integers, x mod 0 = 0", Heddle_NumericTensor>;
def FmodOp : Heddle_BinaryOp<"fmod", "a mod b with the sign of a (C's fmod)", Heddle_NumericTensor>;
def AndOp : Heddle_BinaryOp<"and", "a and b", Heddle_BoolTensor, "i1">;
def OrOp : Heddle_BinaryOp<"or", "a or b", Heddle_BoolTensor, "i1">;
def XorOp : Heddle_BinaryOp<"xor", "a xor b", Heddle_BoolTensor, "i1">;
def BitwiseAndOp : Heddle_BinaryOp<"bitwise_and", "a & b", Heddle_IntTensor, "i32">;
def BitwiseOrOp : Heddle_BinaryOp<"bitwise_or", "a | b", Heddle_IntTensor, "i32">;
def BitwiseXorOp : Heddle_BinaryOp<"bitwise_xor", "a ^ b", Heddle_IntTensor, "i32">;
def ShiftLeftOp : Heddle_BinaryOp<"shift_left", "a << b; 0 if b is the width or more", Heddle_IntTensor, "i32">;
def ShiftRightOp : Heddle_BinaryOp<"shift_right", "a >> b; 0 if b is the width or more", Heddle_IntTensor, "i32">;
def PReluOp : Heddle_BinaryOp<"prelu", "a if a >= 0, else a * b">;

def EqualOp : Heddle_CompareOp<"equal", "a == b">;
def LessOp : Heddle_CompareOp<"less", "a < b", Heddle_NumericTensor>;
def LessEqualOp : Heddle_CompareOp<"less_equal", "a <= b", Heddle_NumericTensor>;

def PowOp : Heddle_ElementwiseOp<"pow", "a to the b", "inferLikeFirst"> {
  let description = [{
    Elementwise `a^b` with broadcasting; `b` may have another element type than `a`.
    (C1) The shapes broadcast: sizes are equal, or one of them is 1.
    (C2) The result has the broadcast shape and the element type of `a`.
    ```mlir
    %y = heddle.pow %a, %b : (tensor<2x3xf32>, tensor<i64>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Heddle_NumericTensor:$a, Heddle_NumericTensor:$b);
  let results = (outs Heddle_NumericTensor:$y);
}

def WhereOp : Heddle_ElementwiseOp<"where", "a if condition, else b", "inferWhere"> {
  let description = [{
    Elementwise choice with broadcasting of all three operands.
    (C1) `a` and `b` have the same element type.
    (C2) The shapes broadcast: sizes are equal, or one of them is 1.
    (C3) The result has the broadcast shape and the element type of `a`.
    ```mlir
    %y = heddle.where %c, %a, %b : (tensor<2x3xi1>, tensor<f32>, tensor<3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Heddle_BoolTensor:$condition, Heddle_Tensor:$a, Heddle_Tensor:$b);
  let results = (outs Heddle_Tensor:$y);
}

def CastOp : Heddle_Op<"cast", [Pure, DeclareOpInterfaceMethods<ElementwiseOpInterface>]> {
  let summary = "x converted to another element type";
  let description = [{
    Float to integer truncates and saturates, NaN gives 0; integer to narrower integer keeps the low bits; to bool is
    `x != 0`; to a narrower float rounds to nearest even (8-bit floats saturate if `saturate`).
    (C1) Operand and result have the same shape.
    ```mlir
    %y = heddle.cast %x : (tensor<2x3xf32>) -> tensor<2x3xi64>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DefaultValuedAttr<BoolAttr, "true">:$saturate);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1
  let hasFolder = 1;
}

#endif // HEDDLE_IR_ELEMENTWISEOPS_TD
