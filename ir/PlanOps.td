// The plan: steps over places. One op per step of `runtime/format/Plan.h`.
#ifndef HEDDLE_IR_PLANOPS_TD
#define HEDDLE_IR_PLANOPS_TD

include "ir/HeddleTypes.td"
include "ir/HeddleAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Heddle_PlaceKindEnum : I32EnumAttr<"PlaceKindAttrValue", "Where a value lives", [
  I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Output", 1, "output">, I32EnumAttrCase<"Arena", 2, "arena">,
  I32EnumAttrCase<"Weight", 3, "weight">, I32EnumAttrCase<"Runtime", 4, "runtime">
]> {
  let cppNamespace = "::heddle";
}

def Heddle_SymbolSource : I32EnumAttr<"SymbolSource", "What a symbol's value is read from", [
  I32EnumAttrCase<"Element", 0, "element">, I32EnumAttrCase<"Dimension", 1, "dimension">, I32EnumAttrCase<"Value", 2, "value">
]> {
  let cppNamespace = "::heddle";
}

def PlanOp : Heddle_Op<"plan", [IsolatedFromAbove, Symbol, NoTerminator, SingleBlock]> {
  let summary = "Steps over places: what the runtime executes";
  let description = [{
    The body holds the places, then the steps in the order of execution. Lifetimes are half-open intervals over the pre-order positions of
    steps; a step is every op but places, views and parts.
    (C1) The body and the regions of its steps hold places, views, parts and steps only.
    ```mlir
    heddle.plan @main guards <[]> {
      %x = heddle.place input index 0 name "x" : tensor<4xf32>
      %y = heddle.place output index 0 name "y" : tensor<4xf32>
      heddle.run @k sizes <[]> ins(%x) outs(%y) : (tensor<4xf32>) -> (tensor<4xf32>)
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Heddle_DimsAttr:$guards);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `guards` $guards attr-dict-with-keyword $body";
  let hasVerifier = 1; // C1
}

def PlaceOp : Heddle_Op<"place"> {
  let summary = "One value's memory";
  let description = [{
    `input` and `output`: the caller's buffer number `index`, called `name`. `weight`: the constant `value`. `arena`: `bytes` bytes
    during `[first, last)`, packed when `epoch` begins. `runtime`: a buffer that the step which fills it allocates.
    (C1) `name` is there exactly for inputs and outputs.
    (C2) `value` is there exactly for weights.
    (C3) `bytes` and two positions of `interval` are there exactly for the arena.
    (C4) `bytes` is a size expression.
    ```mlir
    %h = heddle.place arena bytes "batch * 256" interval [0, 2] epoch 0 : tensor<?x64xf32, #heddle.dims<["batch", "64"]>>
    ```
  }];
  let arguments = (ins Heddle_PlaceKindEnum:$kind, DefaultValuedAttr<I64Attr, "0">:$index, OptionalAttr<StrAttr>:$name,
                       OptionalAttr<TypedAttrInterface>:$value, OptionalAttr<StrAttr>:$bytes,
                       OptionalAttr<DenseI64ArrayAttr>:$interval, DefaultValuedAttr<I64Attr, "0">:$epoch);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = [{
    $kind (`index` $index^)? (`name` $name^)? (`value` $value^)? (`bytes` $bytes^)? (`interval` $interval^)?
    (`epoch` $epoch^)? attr-dict `:` type($y)
  }];
  let hasVerifier = 1; // C1, C2, C3, C4
}

def ViewOp : Heddle_Op<"view", [Pure]> {
  let summary = "The same bytes under another shape";
  let description = [{
    What `heddle.reshape` is to values, for places.
    (C1) Operand and result have the same element type.
    (C2) Their element counts are equal where both are literal.
    ```mlir
    %v = heddle.view %x : (tensor<2x12xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2
}

def PartOp : Heddle_Op<"part", [Pure]> {
  let summary = "Some of a place's elements, where they lie";
  let description = [{
    The element at `index` is element `offset + sum(index[d] * strides[d])` of `x`. A step writes its part of a concatenation where it
    belongs, and reads a slice where it is.
    (C1) Operand and result have the same element type.
    (C2) `offset` is a size expression.
    (C3) There is one stride per dimension of the result.
    (C4) Where all of it is literal, every element lies in `x`.
    (C5) `x` is no part with gaps, nor a view of one.
    ```mlir
    %p = heddle.part %x offset "4" strides <["12", "1"]> : (tensor<2x12xf32>) -> tensor<2x8xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, StrAttr:$offset, Heddle_DimsAttr:$strides);
  let results = (outs Heddle_Tensor:$y);
  let assemblyFormat = "$x `offset` $offset `strides` $strides attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1; // C1, C2, C3, C4, C5
}

class Heddle_StepOp<string mnemonic, list<Trait> traits = []> : Heddle_Op<mnemonic, traits>;

def RunOp : Heddle_StepOp<"run", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Step: runs a kernel, reading `inputs` and writing `outputs`";
  let description = [{
    `sizes` gives the values of the kernel's symbols. A plan may stand without its kernels, as where only memory is planned.
    (C1) There is one size per symbol of the kernel.
    (C2) Inputs and outputs have the kernel's types under that substitution.
    (C3) Outputs have the kernel's strides under that substitution, inputs no gaps.
    ```mlir
    heddle.run @k sizes <["batch"]> ins(%x) outs(%y)
      : (tensor<?xf32, #heddle.dims<["batch"]>>) -> tensor<?xf32, #heddle.dims<["batch"]>>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Heddle_DimsAttr:$sizes, Variadic<Heddle_Tensor>:$inputs,
                       Variadic<Heddle_Tensor>:$outputs);
  let assemblyFormat = [{
    $kernel `sizes` $sizes `ins` `(` $inputs `)` `outs` `(` $outputs `)` attr-dict
    `:` functional-type($inputs, $outputs)
  }];
}

def HostRunOp : Heddle_StepOp<"host_run", [AttrSizedOperandSegments]> {
  let summary = "Step: calls a host function, reading `inputs` and writing `outputs`";
  let description = [{
    What `heddle.host_call` is to values, for places; a runtime place gets its buffer from the call.
    ```mlir
    heddle.host_run "identity" version 1 attrs {} ins(%x) outs(%y) : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins StrAttr:$function, I64Attr:$version, DictionaryAttr:$attrs, Variadic<Heddle_Tensor>:$inputs,
                       Variadic<Heddle_Tensor>:$outputs);
  let assemblyFormat = [{
    $function `version` $version `attrs` $attrs `ins` `(` $inputs `)` `outs` `(` $outputs `)` attr-dict
    `:` functional-type($inputs, $outputs)
  }];
}

def DefineSymbolOp : Heddle_StepOp<"define_symbol"> {
  let summary = "Step: defines a symbol for the steps behind it, and begins an epoch";
  let description = [{
    `element`: element `index` of the integer tensor `x`; `dimension`: dimension `index` of `x`, which is in a runtime place;
    `value`: the expression `value`.
    (C1) `x` is absent exactly with `value`.
    (C2) `index` is an element (a dimension) of `x`, where its sizes are literal.
    (C3) With `element`, `x` has an integer type.
    (C4) `value` is a size expression.
    ```mlir
    heddle.define_symbol "n" element index 0 of %x : tensor<2xi64>
    ```
  }];
  let arguments = (ins StrAttr:$symbol, Heddle_SymbolSource:$source, DefaultValuedAttr<I64Attr, "0">:$index,
                       DefaultValuedStrAttr<StrAttr, "0">:$value, Optional<Heddle_Tensor>:$x);
  let assemblyFormat = [{
    $symbol $source (`index` $index^)? (`value` $value^)? (`of` $x^ `:` type($x))? attr-dict
  }];
  let hasVerifier = 1; // C1, C2, C3, C4
}

def BranchOp : Heddle_StepOp<"branch", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "Step: runs one of two regions by a bool scalar";
  let description = [{
    Both regions write the same places.
    (C1) `condition` has rank 0.
    ```mlir
    heddle.branch %c {
      heddle.host_run "identity" version 1 attrs {} ins(%a) outs(%y) : (tensor<4xf32>) -> tensor<4xf32>
    } else {
      heddle.host_run "identity" version 1 attrs {} ins(%b) outs(%y) : (tensor<4xf32>) -> tensor<4xf32>
    } : tensor<i1>
    ```
  }];
  let arguments = (ins Heddle_BoolTensor:$condition);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = "$condition attr-dict-with-keyword $thenRegion `else` $elseRegion `:` type($condition)";
  let hasVerifier = 1; // C1
}

def RepeatOp : Heddle_StepOp<"repeat", [SingleBlock, NoTerminator, AttrSizedOperandSegments, NoRegionArguments]> {
  let summary = "Step: ONNX's Loop over places";
  let description = [{
    `initial[i]` is copied to `current[i]`; the body reads `current[i]` and writes `next[i]`, and the two swap after each iteration; at the
    end the current value is copied to `finals[i]`. The runtime writes `iteration` before each iteration; the body writes `next_condition`.
    Element `i` of `elements` is appended to `stacked[i]` after each iteration.
    (C1) There are as many `current`, `next` and `finals` as `initial`.
    (C2) There are as many `stacked` as `elements`.
    ```mlir
    heddle.repeat trip_count %n condition %go iteration %i next_condition %next
        initial(%x) current(%a) next(%b) finals(%y) elements() stacked() {
      heddle.run @step sizes <[]> ins(%i, %a) outs(%next, %b)
        : (tensor<i64>, tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>)
    } : tensor<i64>, tensor<i1>, tensor<i64>, tensor<i1>, (tensor<4xf32>) -> tensor<4xf32>,
        (tensor<4xf32>) -> tensor<4xf32>, () -> ()
    ```
  }];
  let arguments = (ins Heddle_Tensor:$trip_count, Heddle_BoolTensor:$condition, Heddle_Tensor:$iteration,
                       Heddle_BoolTensor:$next_condition, Variadic<Heddle_Tensor>:$initial,
                       Variadic<Heddle_Tensor>:$current, Variadic<Heddle_Tensor>:$next, Variadic<Heddle_Tensor>:$finals,
                       Variadic<Heddle_Tensor>:$elements, Variadic<Heddle_Tensor>:$stacked);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `trip_count` $trip_count `condition` $condition `iteration` $iteration `next_condition` $next_condition
    `initial` `(` $initial `)` `current` `(` $current `)` `next` `(` $next `)` `finals` `(` $finals `)`
    `elements` `(` $elements `)` `stacked` `(` $stacked `)` attr-dict-with-keyword $body
    `:` type($trip_count) `,` type($condition) `,` type($iteration) `,` type($next_condition) `,`
    functional-type($initial, $current) `,` functional-type($next, $finals) `,` functional-type($elements, $stacked)
  }];
  let hasVerifier = 1; // C1, C2
}

def ObjectOp : Heddle_Op<"object"> {
  let summary = "Compiled code of a kernel for one target";
  let description = [{
    The bytes are in the side file under `digest`. `tasks` is the number of tasks (CPU), `grid` and `block` the launch geometry (CUDA), in
    the kernel's symbols; `guards` are predicates over these symbols without which the code is not right;
    `checks` are the messages of the kernel's run-time checks.
    (C1) `tasks` and `dynamic_shared` are size expressions.
    (C2) `grid` and `block` are both there, with three sizes each, or both absent.
    ```mlir
    heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" scratch 0 checks []
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, StrAttr:$target, StrAttr:$entry, StrAttr:$digest,
                       DefaultValuedStrAttr<StrAttr, "1">:$tasks, DefaultValuedAttr<I64Attr, "0">:$scratch,
                       OptionalAttr<Heddle_DimsAttr>:$grid, OptionalAttr<DenseI64ArrayAttr>:$block,
                       DefaultValuedAttr<I64Attr, "0">:$static_shared,
                       DefaultValuedStrAttr<StrAttr, "0">:$dynamic_shared, OptionalAttr<Heddle_DimsAttr>:$guards,
                       StrArrayAttr:$checks,
                       OptionalAttr<DictionaryAttr>:$lines);
  let assemblyFormat = [{
    $kernel `target` $target `entry` $entry `digest` $digest (`tasks` $tasks^)? (`scratch` $scratch^)? (`grid` $grid^)?
    (`block` $block^)? (`static_shared` $static_shared^)?
    (`dynamic_shared` $dynamic_shared^)? (`guards` $guards^)? `checks` $checks (`lines` $lines^)? attr-dict
  }];
  let hasVerifier = 1; // C1, C2
}

#endif // HEDDLE_IR_PLANOPS_TD
