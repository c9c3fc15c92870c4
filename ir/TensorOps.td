// Ops that hold, move or generate elements, and heddle.generic, the form that all computing ops expand to.
#ifndef HEDDLE_IR_TENSOROPS_TD
#define HEDDLE_IR_TENSOROPS_TD

include "ir/HeddleTypes.td"
include "ir/HeddleAttributes.td"
include "ir/HeddleInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def ConstantOp : Heddle_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "A constant tensor: elements inline, or a reference to a weight";
  let description = [{
    Small constants and splats of any size are inline, everything else is a weight.
    (C1) `value` is a dense elements attribute or a `#heddle.weight`.
    (C2) The result has the type of `value`.
    ```mlir
    %c = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "attr-dict $value";
  let hasVerifier = 1; // C1
  let hasFolder = 1;
}

def SizesOp : Heddle_Op<"sizes", [Pure]> {
  let summary = "A small integer tensor whose elements are size expressions";
  let description = [{
    Element `i` in row-major order is `values[i]`. It is what is left of shape arithmetic whose result is used as data.
    (C1) The result has a static shape.
    (C2) There is one expression per element.
    ```mlir
    %s = heddle.sizes <["batch", "12"]> : tensor<2xi64>
    ```
  }];
  let arguments = (ins Heddle_DimsAttr:$values);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "$values attr-dict `:` type($y)";
  let hasVerifier = 1; // C1, C2
  let hasFolder = 1;
}

def IotaOp : Heddle_Op<"iota", [Pure, DeclareOpInterfaceMethods<StructuredOpInterface>]> {
  let summary = "The position along the only dimension, as an integer or float";
  let description = [{
    `y[i] = i`.
    (C1) The result has rank 1.
    ```mlir
    %i = heddle.iota : tensor<?xi64, #heddle.dims<["seq"]>>
    ```
  }];
  let results = (outs Heddle_NumericTensor:$y);
  let assemblyFormat = "attr-dict `:` type($y)";
  let hasVerifier = 1; // C1
}

class Heddle_MovementOp<string mnemonic, list<Trait> traits = []>
    : Heddle_Op<mnemonic, !listconcat([Pure], traits)> {
  let results = (outs Heddle_Tensor:$y);
}

class Heddle_InferredMovementOp<string mnemonic, list<Trait> traits = []>
    : Heddle_MovementOp<mnemonic, !listconcat([InferTypeOpAdaptorWithIsCompatible], traits)> {
  let extraClassDefinition = Heddle_CompatibleTypes.definition;
}

def ReshapeOp : Heddle_MovementOp<"reshape"> {
  let summary = "The same elements in row-major order under another shape";
  let description = [{
    (C1) Operand and result have the same element type.
    (C2) Their element counts are equal where both are literal.
    ```mlir
    %y = heddle.reshape %x : (tensor<2x12xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def TransposeOp : Heddle_InferredMovementOp<"transpose"> {
  let summary = "Dimensions in another order";
  let description = [{
    Dimension `i` of the result is dimension `perm[i]` of `x`.
    (C1) `perm` is a permutation of the dimensions of `x`.
    (C2) The result has the sizes of `x` in this order.
    ```mlir
    %y = heddle.transpose %x perm [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DenseI64ArrayAttr:$perm);
  let assemblyFormat = "$x `perm` $perm attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// True if this swaps the last two dimensions and nothing else.
    bool swapsLastTwo();
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def BroadcastOp : Heddle_MovementOp<"broadcast"> {
  let summary = "Repeats size-1 dimensions, and adds leading ones";
  let description = [{
    NumPy's broadcast_to.
    (C1) The element types are equal.
    (C2) The result has at least the rank of `x`.
    (C3) Aligned at the last dimension, each size of `x` is 1 or the result's (checked where both are literal).
    ```mlir
    %y = heddle.broadcast %x : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2, C3
  let hasFolder = 1;
}

def SliceOp : Heddle_MovementOp<"slice"> {
  let summary = "A box with steps: y[i] = x[start + i * step] in every dimension";
  let description = [{
    Starts and steps are size expressions, one per dimension, already normalized: start >= 0, steps may be negative, and every
    element read lies inside `x`. A step of 0 reads one element again and again: with the step `n != 1` a dimension of size `n`
    broadcasts if the run finds that it has one element. Sizes are those of the result type.
    (C1) Operand and result have the same element type and rank.
    (C2) There is one start and one step per dimension.
    (C3) Where start, step and sizes are literal the box lies inside `x`.
    ```mlir
    %y = heddle.slice %x starts <["0", "2"]> steps <["1", "1"]> : (tensor<2x8xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_DimsAttr:$starts, Heddle_DimsAttr:$steps);
  let assemblyFormat = "$x `starts` $starts `steps` $steps attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2, C3
  let hasFolder = 1;
}

def ConcatOp : Heddle_InferredMovementOp<"concat"> {
  let summary = "Tensors one after another along a dimension";
  let description = [{
    (C1) There is at least one operand, and all have the same rank and element type.
    (C2) `axis` is in [0, rank).
    (C3) The operands have the same sizes along all other dimensions where these are literal.
    (C4) The size of the result along `axis` is the sum of the operands'.
    ```mlir
    %y = heddle.concat %a, %b axis 1 : (tensor<2x3xf32>, tensor<2x5xf32>) -> tensor<2x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$parts, I64Attr:$axis);
  let assemblyFormat = "$parts `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PadOp : Heddle_MovementOp<"pad"> {
  let summary = "A tensor inside a larger one";
  let description = [{
    Element `i` of the result is `x[i - low]` where that is inside `x`, elsewhere what `mode` says: `constant` the scalar `fill`, `edge` the
    nearest element, `reflect` the mirror image without the edge, `wrap` the opposite side. `low` may be negative (cropping), and the size
    of the result decides what follows `x`.
    (C1) `x`, `fill` and result have the same element type; `fill` has rank 0.
    (C2) Operand and result have the same rank, and there is one `low` per dimension.
    ```mlir
    %y = heddle.pad %x, %zero low <["0", "1"]> mode constant : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x10xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_Tensor:$fill, Heddle_DimsAttr:$low, Heddle_PadMode:$mode);
  let assemblyFormat = "$x `,` $fill `low` $low `mode` $mode attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2
}

class Heddle_GatherOp<string mnemonic>
    : Heddle_InferredMovementOp<mnemonic, [DeclareOpInterfaceMethods<StructuredOpInterface>]>;

def GatherOp : Heddle_GatherOp<"gather"> {
  let summary = "Slices of a dimension chosen by index";
  let description = [{
    `y[p, j, s] = x[p, indices[j], s]`, `p` before `axis` and `s` after it. A negative index counts from the end; one that is
    out of bounds ends the run with an error.
    (C1) `axis` is in [0, rank(x)).
    (C2) The result is `x` with dimension `axis` replaced by the dimensions of `indices`.
    ```mlir
    %y = heddle.gather %x, %i axis 0 : (tensor<9x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_IndexTensor:$indices, I64Attr:$axis);
  let assemblyFormat = "$x `,` $indices `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def GatherElementsOp : Heddle_GatherOp<"gather_elements"> {
  let summary = "Elements chosen by index along a dimension";
  let description = [{
    `y[i] = x[i]` with coordinate `axis` replaced by `indices[i]`; negative counts from the end; out of bounds is an error.
    (C1) `axis` is in [0, rank(x)).
    (C2) `x` and `indices` have the same rank.
    (C3) The result has the shape of `indices`.
    ```mlir
    %y = heddle.gather_elements %x, %i axis 1 : (tensor<9x4xf32>, tensor<9x2xi64>) -> tensor<9x2xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_IndexTensor:$indices, I64Attr:$axis);
  let assemblyFormat = "$x `,` $indices `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def GatherNDOp : Heddle_GatherOp<"gather_nd"> {
  let summary = "Slices chosen by index tuples";
  let description = [{
    The last dimension of `indices` holds a tuple of coordinates of as many dimensions of `x` after the first `batch_dims`;
    negative counts from the end; out of bounds is an error.
    (C1) 0 <= batch_dims < min(rank(x), rank(indices)).
    (C2) The last size of `indices` is a literal k, and batch_dims + k <= rank(x).
    (C3) The result has the other dimensions of `indices`, then those of `x` that no coordinate chooses.
    ```mlir
    %y = heddle.gather_nd %x, %i batch_dims 0 : (tensor<9x4xf32>, tensor<2x1xi64>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_IndexTensor:$indices, I64Attr:$batch_dims);
  let assemblyFormat = "$x `,` $indices `batch_dims` $batch_dims attr-dict `:` functional-type(operands, results)";
}

// ---- the structured form ----

def GenericOp : Heddle_Op<"generic", [Pure, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Index maps, a scalar body and at most one combiner: the structured form of a computing op";
  let description = [{
    The iteration space has the sizes of the result dimensions (parallel), followed by `reduce` (sizes of the reduction
    dimensions). For each point the body gets one scalar per operand, read at that operand's map, in its compute type, and
    yields a scalar, or more with a tuple combiner. With no reduction dimension the yielded scalar is the element; otherwise
    the yielded scalars are combined by `combiner`, in ascending order of the reduction dimensions, starting at `init`.
    With `arg_min` or `arg_max` the body yields (value, i64 index), combined lexicographically: the better value wins, at equal
    values the smaller index (larger if `last`), and a NaN wins over every number; the result is the index.
    The body may use `heddle.coordinate` and `heddle.extract`.
    (C1) There is one map per operand, from all iteration dimensions to the operand's rank, without symbols.
    (C2) The body has one argument per operand, of its compute type.
    (C3) The body yields the compute type of the result, behind the compared value with `arg_min` and `arg_max`.
    (C4) `combiner` is none, add, mul, min, max, arg_min or arg_max; none exactly if `reduce` is empty.
    (C5) `init` is there exactly with add, mul, min and max.
    ```mlir
    %s = heddle.generic maps [affine_map<(d0, d1) -> (d0, d1)>] reduce <["8"]> combiner "add" init 0.0 : f32 ins %x {
    ^bb0(%v: f32):
      heddle.yield %v : f32
    } : (tensor<4x8xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$inputs, AffineMapArrayAttr:$maps, Heddle_DimsAttr:$reduce,
                       DefaultValuedStrAttr<StrAttr, "none">:$combiner, OptionalAttr<TypedAttrInterface>:$init,
                       UnitAttr:$last, DefaultValuedStrAttr<StrAttr, "">:$name);
  let results = (outs Heddle_Tensor:$y);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `maps` $maps `reduce` $reduce (`combiner` $combiner^)? (`init` $init^)? (`last` $last^)? (`name` $name^)?
    `ins` $inputs attr-dict-with-keyword $body `:` functional-type($inputs, $y)
  }];
  let hasVerifier = 1; // C1, C2, C3, C4, C5
}

def YieldOp : Heddle_Op<"yield", [Pure, Terminator, ParentOneOf<["GenericOp"]>]> {
  let summary = "The scalars of a heddle.generic body";
  let description = [{
    One scalar; the compared value and its position with the combiners `arg_min` and `arg_max`.
    (C1) The parent is a `heddle.generic`.
    ```mlir
    %y = heddle.generic maps [] reduce <[]> ins {
      %one = arith.constant 1.0 : f32
      heddle.yield %one : f32
    } : () -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ (void)$_state; }]>];
}

def CoordinateOp : Heddle_Op<"coordinate", [Pure]> {
  let summary = "The current position in a dimension of the iteration space, inside heddle.generic";
  let description = [{
    Result dimensions count first, then the reduction dimensions.
    (C1) `dim` is a dimension of the iteration space of the `heddle.generic` around it.
    ```mlir
    %y = heddle.generic maps [] reduce <[]> ins {
      %i = heddle.coordinate 0
      heddle.yield %i : i64
    } : () -> tensor<4xi64>
    ```
  }];
  let arguments = (ins I64Attr:$dim);
  let results = (outs I64:$y);
  let assemblyFormat = "$dim attr-dict";
  let hasVerifier = 1; // C1
}

def ExtractOp : Heddle_Op<"extract", [Pure]> {
  let summary = "One element of a tensor at computed coordinates, inside heddle.generic";
  let description = [{
    Coordinates are in bounds by construction, except those listed in `checked`: for those a negative one counts from the end, and one
    that is out of bounds ends the run with an error naming the op.
    (C1) There is one coordinate per dimension of `x`.
    (C2) `checked` lists dimensions of `x`.
    (C3) The result has the compute type of the elements of `x`.
    ```mlir
    %y = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> ins %rows {
    ^bb0(%row: i64):
      %column = heddle.coordinate 0
      %v = heddle.extract %table[%row, %column] checked [0] : tensor<9x4xf32> -> f32
      heddle.yield %v : f32
    } : (tensor<4xi64>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Variadic<I64>:$coordinates, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$checked);
  let results = (outs AnyType:$y);
  let assemblyFormat = "$x `[` $coordinates `]` (`checked` $checked^)? attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1; // C1, C2, C3
}

#endif // HEDDLE_IR_TENSOROPS_TD
