// Attributes: symbolic dimensions, weight references, schedules, reduction kinds.
#ifndef HEDDLE_IR_HEDDLEATTRIBUTES_TD
#define HEDDLE_IR_HEDDLEATTRIBUTES_TD

include "ir/HeddleBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/IR/EnumAttr.td"

def Heddle_DimsAttr : Heddle_Attr<"Dims", "dims", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "A list of size expressions";
  let description = [{
    Each element is a `runtime/format/Expr` in normal form. As the encoding of a tensor type it names every dimension:
    literal where the type is static, an expression over symbols where the type has `?`.
    As an attribute of an op it lists sizes, starts, steps or paddings.
    (C1) Every element parses as an expression in normal form.
    (C2) As an encoding: one element per dimension; a literal exactly where the dimension is static, and equal to it.
    ```mlir
    tensor<?x768xf32, #heddle.dims<["batch", "768"]>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$texts);
  let hasCustomAssemblyFormat = 1;
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::MLIRContext *":$context, "const ::heddle::Shape &":$exprs)>];
  let genVerifyDecl = 1; // C1
  let extraClassDeclaration = [{
    /// The expressions, parsed.
    ::heddle::Shape exprs() const;
    size_t size() const { return getTexts().size(); }
  }];
}

def Heddle_WeightAttr : Heddle_Attr<"Weight", "weight", [TypedAttrInterface]> {
  let summary = "A reference to constant bytes outside the IR, with the transform to apply when they are loaded";
  let description = [{
    `digest` is the XXH3-128 of the source bytes in hex, a key of the WeightStore. The type is that of the transformed tensor.
    (C1) `transform` is the text of a list of `runtime/format/WeightTransform` steps, empty if there are none.
    ```mlir
    %w = heddle.constant #heddle.weight<"9f2c0d", "[permute<[1, 0]>]"> : tensor<64x32xf32>
    ```
  }];
  let parameters = (ins StringRefParameter<"hex digest">:$digest, StringRefParameter<"transform text">:$transform,
                        AttributeSelfTypeParameter<"">:$type);
  let assemblyFormat = "`<` $digest `,` $transform `>`";
  let genVerifyDecl = 1; // C1
}

def Heddle_ReductionKind : I32EnumAttr<"ReductionKind", "How a reduction combines two values", [
  I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">,
  I32EnumAttrCase<"Min", 2, "min">, I32EnumAttrCase<"Max", 3, "max">
]> {
  let cppNamespace = "::heddle";
}

def Heddle_PadMode : I32EnumAttr<"PadMode", "What a padded element holds", [
  I32EnumAttrCase<"Constant", 0, "constant">, I32EnumAttrCase<"Edge", 1, "edge">,
  I32EnumAttrCase<"Reflect", 2, "reflect">, I32EnumAttrCase<"Wrap", 3, "wrap">
]> {
  let cppNamespace = "::heddle";
}

def Heddle_ConvLayout : I32EnumAttr<"ConvLayout", "Order of dimensions of an image tensor", [
  I32EnumAttrCase<"NCHW", 0, "nchw">, I32EnumAttrCase<"NHWC", 1, "nhwc">
]> {
  let cppNamespace = "::heddle";
}

def Heddle_ElementwiseScheduleAttr : Heddle_Attr<"ElementwiseSchedule", "elementwise"> {
  let summary = "A loop nest over the elements of the result";
  let description = [{
    `vector`: elements of the last dimension computed at once (CPU). `threads`: threads of a block, `per_thread`: elements
    that one thread computes (CUDA).
    (C1) All are positive.
    ```mlir
    #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>
    ```
  }];
  let parameters = (ins "int64_t":$vector, "int64_t":$threads, "int64_t":$perThread);
  let assemblyFormat = "`<` `vector` `=` $vector `,` `threads` `=` $threads `,` `per_thread` `=` $perThread `>`";
  let genVerifyDecl = 1; // C1
}

def Heddle_RowsScheduleAttr : Heddle_Attr<"RowsSchedule", "rows"> {
  let summary = "One row after another: reductions along the last dimension, each ending a sweep over the row";
  let description = [{
    `vector`, `unroll`: elements and vectors per step (CPU). `threads`: threads of the block that owns a row (CUDA).
    (C1) All are positive.
    ```mlir
    #heddle.rows<vector = 8, unroll = 4, threads = 256>
    ```
  }];
  let parameters = (ins "int64_t":$vector, "int64_t":$unroll, "int64_t":$threads);
  let assemblyFormat = "`<` `vector` `=` $vector `,` `unroll` `=` $unroll `,` `threads` `=` $threads `>`";
  let genVerifyDecl = 1; // C1
}

def Heddle_GemmScheduleAttr : Heddle_Attr<"GemmSchedule", "gemm"> {
  let summary = "Register tiles of a matrix product with its epilogue";
  let description = [{
    CPU: `mr` rows by `nr` columns in registers. CUDA: a block computes `bm` by `bn`, in steps of `bk`, each thread `tm` by `tn`.
    (C1) All are positive, but for those of the target that the schedule is not for, which may all be 0.
    ```mlir
    #heddle.gemm<mr = 6, nr = 16, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>
    ```
  }];
  let parameters = (ins "int64_t":$mr, "int64_t":$nr, "int64_t":$bm, "int64_t":$bn, "int64_t":$bk, "int64_t":$tm,
                        "int64_t":$tn);
  let assemblyFormat = [{`<` `mr` `=` $mr `,` `nr` `=` $nr `,` `bm` `=` $bm `,` `bn` `=` $bn `,` `bk` `=` $bk `,`
                         `tm` `=` $tm `,` `tn` `=` $tn `>`}];
  let genVerifyDecl = 1; // C1
}

#endif // HEDDLE_IR_HEDDLEATTRIBUTES_TD
