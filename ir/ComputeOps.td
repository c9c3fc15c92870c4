// Reductions, products, convolutions, pooling, normalizations: ops whose meaning is an expansion.
#ifndef HEDDLE_IR_COMPUTEOPS_TD
#define HEDDLE_IR_COMPUTEOPS_TD

include "ir/HeddleTypes.td"
include "ir/HeddleAttributes.td"
include "ir/HeddleInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Heddle_ComputeOp<string mnemonic, list<Trait> traits = []>
    : Heddle_Op<mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<StructuredOpInterface>,
                                       InferTypeOpAdaptorWithIsCompatible], traits)> {
  let extraClassDefinition = Heddle_CompatibleTypes.definition;
}

def ReduceOp : Heddle_ComputeOp<"reduce"> {
  let summary = "Combines all elements along dimensions, which are dropped";
  let description = [{
    Kinds add, mul, min, max; an empty reduction gives 0, 1, the type's largest, the type's smallest value (infinities for floats).
    f16 and bf16 accumulate in f32. On bool, min is `all` and max is `any`.
    (C1) `axes` are distinct, ascending, in [0, rank(x)).
    (C2) The result is `x` without these dimensions.
    ```mlir
    %y = heddle.reduce add %x axes [1] : (tensor<2x3xf32>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Heddle_ReductionKind:$kind, Heddle_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "$kind $x `axes` $axes attr-dict `:` functional-type(operands, results)";
}

def ArgReduceOp : Heddle_ComputeOp<"arg_reduce"> {
  let summary = "The position of the largest or smallest element along a dimension, which is dropped";
  let description = [{
    Of equal elements the first, or the last if `last`. A NaN counts as larger (`max`) or smaller (`min`) than every number.
    (C1) `axis` is in [0, rank(x)).
    (C2) `kind` is min or max.
    (C3) The result is `x` without this dimension, of i64.
    ```mlir
    %y = heddle.arg_reduce max %x axis 1 : (tensor<2x3xf32>) -> tensor<2xi64>
    ```
  }];
  let arguments = (ins Heddle_ReductionKind:$kind, Heddle_NumericTensor:$x, I64Attr:$axis, UnitAttr:$last);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "$kind $x `axis` $axis (`last` $last^)? attr-dict `:` functional-type(operands, results)";
}

def MatmulOp : Heddle_ComputeOp<"matmul"> {
  let summary = "Matrix product of the last two dimensions, batched over the others";
  let description = [{
    `y[.., i, j] = sum over k of a[.., i, k] * b[.., k, j]`; the dimensions before the last two broadcast. With `transpose_a`
    (`transpose_b`) the last two dimensions of `a` (`b`) are read in the other order. f16 and bf16 accumulate in f32.
    With `packed_nr` the second operand is a weight in panels (`PackedLayout`), and `n` is its N.
    (C1) Both operands have the same element type and at least rank 2.
    (C2) The inner sizes are equal where literal.
    (C3) The dimensions before the last two broadcast.
    (C4) With `packed_nr`, `b` is `[ceil(n / packed_nr)][K][packed_nr]` and `transpose_b` is not there.
    (C5) The result has the broadcast batch dimensions, the rows of `a` and the columns of `b`.
    ```mlir
    %y = heddle.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Heddle_NumericTensor:$a, Heddle_NumericTensor:$b, UnitAttr:$transpose_a, UnitAttr:$transpose_b,
                       DefaultValuedAttr<I64Attr, "0">:$packed_nr, DefaultValuedAttr<I64Attr, "0">:$n);
  let results = (outs Heddle_NumericTensor:$y);
  let assemblyFormat = [{
    $a `,` $b (`transpose_a` $transpose_a^)? (`transpose_b` $transpose_b^)? (`packed_nr` $packed_nr^)? (`n` $n^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def ConvOp : Heddle_ComputeOp<"conv"> {
  let summary = "Convolution over 1 to 3 spatial dimensions";
  let description = [{
    Cross-correlation as ONNX's Conv, without bias. `x` is `[N, C, spatial...]` (nchw) or `[N, spatial..., C]` (nhwc), `w` is
    `[O, C / groups, window...]`. `pads` holds the low paddings of each spatial dimension, then the high ones; padding is 0.
    With `packed_nr` the filters are a weight `[ceil(O / nr)][window... * C / groups][nr]` (`PackedLayout`): the matrix whose column `o` is
    filter `o` in the order (window..., channel). `window` and `outputs` then hold what the type of `w` does not tell.
    (C1) `x` and `w` have the same element type and rank, 3 to 5 (packed filters rank 3).
    (C2) `strides` and `dilations` have one positive entry per spatial dimension, `pads` two that are not negative.
    (C3) `groups` is positive and divides C and O; `w` has C / groups channels where literal.
    (C4) The result has the size floor((in + pads - dilation * (window - 1) - 1) / stride) + 1 in each spatial dimension.
    (C5) Packed filters have as many rows as the window and the channels ask for, where literal.
    ```mlir
    %y = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw
      : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Heddle_NumericTensor:$x, Heddle_NumericTensor:$w, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, I64Attr:$groups, Heddle_ConvLayout:$layout,
                       DefaultValuedAttr<I64Attr, "0">:$packed_nr, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$window,
                       DefaultValuedAttr<I64Attr, "0">:$outputs);
  let results = (outs Heddle_NumericTensor:$y);
  let assemblyFormat = [{
    $x `,` $w `strides` $strides `pads` $pads `dilations` $dilations `groups` $groups `layout` $layout
    (`packed_nr` $packed_nr^ `window` $window `outputs` $outputs)? attr-dict `:` functional-type(operands, results)
  }];
}

def PoolOp : Heddle_ComputeOp<"pool"> {
  let summary = "Combines the elements of a sliding window";
  let description = [{
    `x` is `[N, C, spatial...]`, or `[N, spatial..., C]` with layout nhwc. Kind max: padding never wins; kind add: padding
    counts as 0 (average pooling divides afterwards).
    Attributes as for `heddle.conv`.
    (C1) `window` has one positive entry per spatial dimension.
    (C2) `strides` and `dilations` have one positive entry per spatial dimension, `pads` two that are not negative.
    (C3) `kind` is add or max.
    (C4) The result has the sizes that `heddle.conv` would give it.
    ```mlir
    %y = heddle.pool max %x window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1]
      : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins Heddle_ReductionKind:$kind, Heddle_NumericTensor:$x, DenseI64ArrayAttr:$window,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       DefaultValuedAttr<Heddle_ConvLayout, "::heddle::ConvLayout::NCHW">:$layout);
  let results = (outs Heddle_NumericTensor:$y);
  let assemblyFormat = [{
    $kind $x `window` $window `strides` $strides `pads` $pads `dilations` $dilations (`layout` $layout^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def SoftmaxOp : Heddle_ComputeOp<"softmax"> {
  let summary = "exp(x) over its sum along a dimension";
  let description = [{
    `exp(x - max) / sum(exp(x - max))` along `axis`; its logarithm if `log`.
    (C1) `axis` is in [0, rank(x)).
    (C2) The result has the type of `x`.
    ```mlir
    %y = heddle.softmax %x axis 1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, I64Attr:$axis, UnitAttr:$log);
  let results = (outs Heddle_FloatTensor:$y);
  let assemblyFormat = "$x `axis` $axis (`log` $log^)? attr-dict `:` functional-type(operands, results)";
}

def LayerNormOp : Heddle_ComputeOp<"layer_norm"> {
  let summary = "Normalizes the dimensions from `axis` on to mean 0 and variance 1, then scales";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale (+ bias)`, mean and variance over the dimensions from `axis` on. If `rms`, the
    mean is taken as 0 (RMSNormalization).
    (C1) `axis` is in [0, rank(x)).
    (C2) `scale` and `bias` broadcast to the shape of `x`.
    (C3) The result has the type of `x`.
    ```mlir
    %y = heddle.layer_norm %x, %g, %b axis 1 epsilon 1.0e-05
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, Heddle_FloatTensor:$scale, Optional<Heddle_FloatTensor>:$bias,
                       I64Attr:$axis, F64Attr:$epsilon, UnitAttr:$rms);
  let results = (outs Heddle_FloatTensor:$y);
  let assemblyFormat = [{
    $x `,` $scale (`,` $bias^)? `axis` $axis `epsilon` $epsilon (`rms` $rms^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def AttentionOp : Heddle_ComputeOp<"attention"> {
  let summary = "Rows of v, weighted by the softmax of the products of the rows of q and k";
  let description = [{
    `softmax(scale * q * transpose(k) + mask) * v`, the softmax along the last dimension. A mask of bool is not added: where it is false,
    the score is `fill`. With `nan_is_zero` a weight that is NaN counts as 0, so that a row whose scores are all -inf gives 0. It is `q`
    that is scaled: the smallest of what could be.
    (C1) `q`, `k` and `v` have the same element type and at least rank 2.
    (C2) `q` and `k` have as many columns, `k` and `v` as many rows, where literal.
    (C3) The dimensions before the last two of `q`, `k` and `v` broadcast.
    (C4) `mask` broadcasts to the scores: those dimensions, the rows of `q`, the rows of `k`.
    (C5) The result has those dimensions, the rows of `q` and the columns of `v`.
    (C6) The elements of `mask` are bool if there is a `fill`, else those of `q`.
    ```mlir
    %y = heddle.attention %q, %k, %v mask %m scale 0.125
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x3xf32>, tensor<4x6xf32>) -> tensor<2x4x3xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$q, Heddle_FloatTensor:$k, Heddle_FloatTensor:$v,
                       Optional<Heddle_Tensor>:$mask, OptionalAttr<F64Attr>:$fill, F64Attr:$scale, UnitAttr:$nan_is_zero);
  let results = (outs Heddle_FloatTensor:$y);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`mask` $mask^ (`fill` $fill^)?)? `scale` $scale (`nan_is_zero` $nan_is_zero^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

#endif // HEDDLE_IR_COMPUTEOPS_TD
