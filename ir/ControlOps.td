// Host steps and control flow at graph level, kernels and their launches.
#ifndef HEDDLE_IR_CONTROLOPS_TD
#define HEDDLE_IR_CONTROLOPS_TD

include "ir/HeddleTypes.td"
include "ir/HeddleAttributes.td"
include "ir/HeddleInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def SetSymbolsOp : Heddle_Op<"set_symbols"> {
  let summary = "Defines symbols from the elements of an integer tensor";
  let description = [{
    Element `i` of `x` defines symbol `symbols[i]` for everything after this op; an empty name skips the element.
    (C1) `x` has a static shape with as many elements as there are names.
    (C2) `x` has an integer type.
    ```mlir
    heddle.set_symbols %shape ["n", "m"] : tensor<2xi64>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, StrArrayAttr:$symbols);
  let assemblyFormat = "$x $symbols attr-dict `:` type($x)";
  let hasVerifier = 1; // C1, C2
}

def HostCallOp : Heddle_Op<"host_call"> {
  let summary = "Calls a function of the host registry";
  let description = [{
    Symbols in a result type that are listed in `defines` are set by the call, from the shape of the result; the others are
    already known. `attrs` are integers, floats, strings and arrays of these.
    (C1) Each name of `defines` is a dimension of a result.
    ```mlir
    %i = heddle.host_call "nonzero" version 1 attrs {} defines ["n"] (%x)
      : (tensor<3x4xf32>) -> tensor<2x?xi64, #heddle.dims<["2", "n"]>>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$inputs, StrAttr:$function, I64Attr:$version, DictionaryAttr:$attrs,
                       StrArrayAttr:$defines);
  let results = (outs Variadic<Heddle_Tensor>:$outputs);
  let assemblyFormat = [{
    $function `version` $version `attrs` $attrs `defines` $defines `(` $inputs `)` attr-dict
    `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1; // C1
}

def FailOp : Heddle_Op<"fail"> {
  let summary = "Ends the run: the model is ill-formed on this path";
  let description = [{
    What an exporter writes into a branch that is never taken may be ill-formed: it is an error only when it is reached. The
    values that `sizes` have then follow the message.
    ```mlir
    heddle.fail "Conv_12: the kernel is larger than the padded input"
    heddle.fail "Expand_3: the sizes do not broadcast" sizes <["batch", "n"]>
    ```
  }];
  let arguments = (ins StrAttr:$message, OptionalAttr<Heddle_DimsAttr>:$sizes);
  let assemblyFormat = "$message (`sizes` $sizes^)? attr-dict";
}

// Besides what its regions do, an op that defines symbols has an effect: what uses them does not use its results.
class Heddle_BranchingOp<string mnemonic, list<Trait> traits = []>
    : Heddle_Op<mnemonic, !listconcat([SingleBlockImplicitTerminator<"ResultOp">, RecursiveMemoryEffects,
                                       DeclareOpInterfaceMethods<MemoryEffectsOpInterface>], traits)> {
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      if (!getDefines().empty())
        effects.emplace_back(::mlir::MemoryEffects::Write::get());
    }
  }];
}

def IfOp : Heddle_BranchingOp<"if", [NoRegionArguments]> {
  let summary = "One of two branches, by a bool scalar";
  let description = [{
    Result sizes that differ between the branches are symbols of the result type listed in `defines`; each branch's
    value gives them theirs.
    (C1) Both branches end in `heddle.result` with the op's result types, up to dimensions; a branch that holds a `heddle.fail` may
    yield nothing.
    (C2) Each name of `defines` is a dimension of a result.
    (C3) `condition` has rank 0.
    ```mlir
    %y = heddle.if %c defines [] {
      heddle.result %a : tensor<2xf32>
    } else {
      heddle.result %b : tensor<2xf32>
    } : (tensor<i1>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Heddle_BoolTensor:$condition, StrArrayAttr:$defines);
  let results = (outs Variadic<Heddle_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $condition `defines` $defines attr-dict-with-keyword $thenRegion `else` $elseRegion
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1; // C1, C2, C3
}

def LoopOp : Heddle_BranchingOp<"loop"> {
  let summary = "ONNX's Loop: a for and a while at once";
  let description = [{
    The body's arguments are the iteration number (i64 scalar), the condition (bool scalar) and the carried values; it ends in
    `heddle.result` with the next condition, the next carried values, and the elements to stack. Results are the carried values,
    then the stacked ones with a new leading dimension, a symbol listed in `defines`. `trip_count` below 0 means no bound.
    A dimension of a carried value may change: it is then a symbol of its own in the body, and another one in the result, both listed
    in `defines`, and each iteration's value gives the first its value.
    (C1) Carried types are equal at the start, in the body, in what it yields and in the result, but for dimensions that change.
    (C2) The body yields 1 + carried + stacked values.
    (C3) The body's arguments are `tensor<i64>`, `tensor<i1>` and one per carried value; `trip_count` and `condition` have the
    types of the first two.
    (C4) Each name of `defines` is a dimension of a result or of a carried value in the body.
    ```mlir
    %y = heddle.loop %n, %go, %x defines [] {
    ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<2xf32>):
      heddle.result %c, %v : tensor<i1>, tensor<2xf32>
    } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$trip_count, Heddle_BoolTensor:$condition, Variadic<Heddle_Tensor>:$initial,
                       StrArrayAttr:$defines);
  let results = (outs Variadic<Heddle_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    operands `defines` $defines attr-dict-with-keyword $body `:` functional-type(operands, results)
  }];
  let hasVerifier = 1; // C1, C2, C3, C4
}

def ResultOp : Heddle_Op<"result", [Pure, Terminator, ReturnLike, ParentOneOf<["IfOp", "LoopOp"]>]> {
  let summary = "The values of a branch or of a loop's iteration";
  let description = [{
    (C1) The parent is a `heddle.if` or a `heddle.loop`.
    ```mlir
    %y = heddle.if %c defines [] {
      heddle.result %a : tensor<2xf32>
    } else {
      heddle.fail "Add_3: shapes [2] and [3] do not broadcast"
      heddle.result
    } : (tensor<i1>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ (void)$_state; }]>];
}

// ---- kernels ----

def KernelOp : Heddle_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove, Symbol,
                                    SingleBlockImplicitTerminator<"ReturnOp">]> {
  let summary = "A unit of device code: graph ops that run as one launch";
  let description = [{
    The body holds graph ops around at most one anchor (matmul, conv). Its types are written in the kernel's own symbols, listed in
    `symbols`, whose values each launch gives. `schedule` says how code is generated. A result with the attribute `heddle.strides` is
    stored at these distances, in elements, others row-major without gaps.
    (C1) Every symbol of an argument's or result's type is listed.
    (C2) `heddle.strides` is a `#heddle.dims` of one stride per dimension over listed symbols; the last is 1.
    ```mlir
    heddle.kernel @k(%x: tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
        attributes {symbols = ["s0"], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>} {
      %0 = heddle.relu %x : (tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
      heddle.return %0 : tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type, StrArrayAttr:$symbols,
                       OptionalAttr<AnyAttr>:$schedule, OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1; // C1, C2
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def ReturnOp : Heddle_Op<"return", [Pure, Terminator, ReturnLike, HasParent<"KernelOp">]> {
  let summary = "The results of a kernel";
  let description = [{
    (C1) The parent is a `heddle.kernel`.
    (C2) The values have the kernel's result types.
    ```mlir
    heddle.kernel @k(%x: tensor<8xf32>) -> tensor<8xf32> attributes {symbols = []} {
      %0 = heddle.relu %x : (tensor<8xf32>) -> tensor<8xf32>
      heddle.return %0 : tensor<8xf32>
    }
    ```
  }];
  let hasVerifier = 1; // C2
  let arguments = (ins Variadic<Heddle_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ (void)$_state; }]>];
}

def LaunchOp : Heddle_Op<"launch", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Runs a kernel";
  let description = [{
    `sizes` gives the values of the kernel's symbols, as expressions over the caller's.
    (C1) The kernel exists.
    (C2) There is one size per symbol of the kernel.
    (C3) Operands and results have the kernel's types under that substitution.
    ```mlir
    heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>>
        attributes {symbols = ["s0"]} {
      heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
    }
    func.func @main(%x: tensor<?xf32, #heddle.dims<["batch"]>>) -> tensor<?xf32, #heddle.dims<["batch"]>> {
      %y = heddle.launch @k sizes <["batch"]> (%x)
        : (tensor<?xf32, #heddle.dims<["batch"]>>) -> tensor<?xf32, #heddle.dims<["batch"]>>
      return %y : tensor<?xf32, #heddle.dims<["batch"]>>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Heddle_DimsAttr:$sizes, Variadic<Heddle_Tensor>:$inputs);
  let results = (outs Variadic<Heddle_Tensor>:$outputs);
  let assemblyFormat = [{
    $kernel `sizes` $sizes `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)
  }];
}

#endif // HEDDLE_IR_CONTROLOPS_TD
