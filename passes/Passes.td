// Every pass of Heddle: what it requires, ensures and leaves.
#ifndef HEDDLE_PASSES_PASSES_TD
#define HEDDLE_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Stage graph
//===----------------------------------------------------------------------===//

def FoldConstants : Pass<"heddle-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate ops whose operands are all inline constants";
  let description = [{
    An op whose operands are dense constants, or results that this pass has folded, is run by the evaluator. A result that something
    else still uses becomes a constant: inline if it takes at most 1 KiB or all its elements are equal, else a `#heddle.weight` in the
    WeightStore. Weights are no operands: what is done to them is a recorded transform. A result that takes over 1 KiB and over 8
    times the bytes of its operands, such as a broadcast, is cheaper to compute than to store. No operand and no result takes more than
    `node-budget` bytes, and all results together at most `total-budget`.
    Requires: inferred types.
    Ensures:  no op that the rules above allow to fold is left, but for those that fail when they are evaluated.
    Leaves:   ops on weights, host steps, control flow, sizes over symbols, kernels.
    Remarks:  `folded`; an op that was not folded, with the reason.
  }];
  let options = [Option<"nodeBudget", "node-budget", "int64_t", "16777216", "Bytes of one operand or result">,
                 Option<"totalBudget", "total-budget", "int64_t", "268435456", "Bytes of all results">];
  let dependentDialects = ["::heddle::HeddleDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def CollectGuards : Pass<"heddle-collect-guards", "::mlir::func::FuncOp"> {
  let summary = "Record the size equalities that broadcasting assumes";
  let description = [{
    Where two sizes that are not known to be equal meet in a broadcast, type inference has assumed that they are. This pass
    writes each assumption over input symbols to the function's `heddle.guards`, keeping those that are there.
    Requires: inferred types.
    Ensures:  the graph is right for every binding of its symbols under which all guards hold.
    Leaves:   all ops.   Remarks: `guards`.
  }];
}

def ExpandComposites : Pass<"heddle-expand-composites", "::mlir::func::FuncOp"> {
  let summary = "Replace attention, and softmax along leading dimensions, by their expansions";
  let description = [{
    A row kernel works along the last dimensions. A softmax along another one is cheaper as separate reductions and elementwise ops
    than as one kernel that would repeat its reductions for every element. No kernel computes a whole attention: it becomes two
    products and a softmax, scaled where its first operand is made.
    Requires: nothing.
    Ensures:  every softmax and layer_norm reduces trailing dimensions; no attention is left.
    Leaves:   all other ops.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def SinkMovement : Pass<"heddle-sink-movement", "::mlir::func::FuncOp"> {
  let summary = "Move transposes and reshapes behind arithmetic, towards the products that read them in place";
  let description = [{
    Exporters scale, reshape and transpose the heads of an attention in any order. Behind this pass the arithmetic comes first, where
    it joins the epilogue that makes the values, and movement last, where a product reads through it.
    Elementwise ops with scalars go before a transpose or reshape that nothing else uses, and with vectors before a reshape that
    keeps the last dimension; a product with one matrix goes before a reshape that joins its rows; a reshape that only splits
    dimensions goes before a transpose. A gather at one constant position is a slice. Movement whose users all read through it is
    copied for each of them.
    Requires: nothing.
    Ensures:  none of them is left behind such movement.
    Leaves:   movement that others need as a tensor, broadcasts.
  }];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def FoldTransposes : Pass<"heddle-fold-transposes", "::mlir::func::FuncOp"> {
  let summary = "Let matrix products read transposed operands in place";
  let description = [{
    A transpose of the last two dimensions that feeds a matmul costs memory and time for nothing: the product reads either order.
    Requires: nothing.
    Ensures:  no unpacked matmul reads a transpose that swaps just its last two dimensions.
    Leaves:   other uses of the transpose.
  }];
}

def RecognizeComposites : Pass<"heddle-recognize-composites", "::mlir::func::FuncOp"> {
  let summary = "Raise what exporters write as several ops to the op that it means";
  let description = [{
    Layer and RMS normalization along trailing dimensions, softmax and its logarithm, GELU in both forms, Swish (SiLU), HardSwish, and
    attention with its scale on `q`, `k` or the scores: whatever the order of operands and factors, with divisions or reciprocals, squares
    or powers. Constants may differ from those of the op by the rounding of their type. The op rounds in other places, and is finite where
    only an intermediate value of the spelling overflows, as `x * 6` does in `x * clip(x + 3, 0, 6) / 6`; NaN and infinite operands give
    what they gave.
    Requires: inferred types; constants folded and duplicates removed, so that equal values are one value.
    Ensures:  no spelling that the `*Spellings.cpp` describe is left whose inner values nothing else reads.
    Leaves:   floats narrower than f32, which overflow and round inside of the spelling; normalization with a factor per channel;
      spellings in which sizes are assumed to be equal.   Remarks: `recognized`, one per op that is made.
  }];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def FoldBatchNorms : Pass<"heddle-fold-batch-norms", "::mlir::func::FuncOp"> {
  let summary = "Fold factors and terms per channel before and behind contractions into their weights";
  let description = [{
    A chain of additions, subtractions, products and quotients with constants that have one element or one per channel is
    `scale * x + shift`: batch normalization as exporters write it. Behind a convolution, or a product with a constant matrix, the scale
    becomes a step of the weights' transform along the outputs, and the shift one addition. Before it, the scale becomes a step along the
    inputs, and the shift goes through the weights' sums into the terms behind, all of which become one. A reshape may join the channels
    before it to rows. Scale and shift are composed in f64 and rounded once, weights once per direction, so results differ from the
    chain's by rounding only. The old contraction is left without uses.
    Requires: inferred types; channels first.
    Ensures:  no f32 convolution with constant filters, used once, feeds a product or quotient with a constant per channel; nor does
      one feed such a convolution alone, or a product with a matrix that is used once.
    Leaves:   chains with a factor that is neither 0 nor between 2^-60 and 2^60, or a term that is not finite in f32; sums alone, and one
      factor for all before a contraction or behind a product, which cost nothing; shifts before padding, and those over 64, which
      would cancel after the contraction instead of before it; the scale behind the statistics of a normalization.   Remarks: `folded`.
  }];
  let dependentDialects = ["::heddle::HeddleDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def ChooseLayouts : Pass<"heddle-choose-layouts", "::mlir::func::FuncOp"> {
  let summary = "Compute convolutions channels last, and let what lies between them follow";
  let description = [{
    On a CPU a vector of output channels reads contiguous filters whatever the sizes of the image. Every f32 convolution with constant
    filters becomes nhwc between two transposes. Pooling, elementwise ops, concatenation, slices, padding, gathers, softmax, reductions and
    reshapes that keep batch and channels then compute channels last too where an operand already is and no more operands must be
    transposed than are; so transposes meet and cancel, and are left at the edges of a region. One that moves only dimensions of size 1
    is a reshape.
    Requires: inferred types; a target that wants channels last.
    Ensures:  no nchw convolution of f32 with constant filters is left.
    Leaves:   other element types, computed filters; the order of dimensions of arguments and results.   Remarks: `moved`.
  }];
}

def PackFilters : Pass<"heddle-pack-filters", "::mlir::func::FuncOp"> {
  let summary = "Pack constant filters of channels-last convolutions into panels";
  let description = [{
    The filters become a recorded weight transform: permuted to (window..., channel, output), then packed into panels as wide as the
    register tile of the target (`filterPanel` in `ir/Schedule.h`). Transposes, reshapes and slices of a constant join the transform.
    Requires: heddle-choose-layouts.
    Ensures:  every nhwc convolution of f32 with constant filters is packed, unless no panel fits its groups.
    Leaves:   nchw convolutions, computed filters.   Remarks: `packed`.
  }];
  let options = [Option<"vectorBytes", "vector-bytes", "int64_t", "32", "Bytes of a vector register of the CPU level">];
}

def VerifyGraph : Pass<"heddle-verify-graph", "::mlir::ModuleOp"> {
  let summary = "Check what must hold at the end of stage graph";
  let description = [{
    Requires: nothing.
    Ensures:  the module holds functions of graph ops only; every size is over symbols that an argument or an earlier step defines;
      an inline constant takes at most 1 KiB or all its elements are equal; `heddle.guards` is there, can be checked at entry, and has
      every equality over sizes of arguments that the ops outside of branches and loops assume.
    Leaves:   everything.
  }];
}

//===----------------------------------------------------------------------===//
// Stage kernels
//===----------------------------------------------------------------------===//

def PackWeights : Pass<"heddle-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Store constant matrices of products as the panels that register tiles read";
  let description = [{
    A float matrix that only products read, as their second operand and in one order of its dimensions, gets a recorded transform
    (`permute` where it was transposed, then `pack`); the products get `packed_nr` and `n`. The panel width is that of the target's
    tiles (`panelColumns` of `ir/Schedule.h`). A weight with other users stays as it is: packing it would keep it twice.
    Requires: matmuls outside of kernels.
    Ensures:  no product reads a rank-2 float weight row by row, unless a remark says why.
    Leaves:   the bytes of the weights; inline constants; batched second operands.
    Remarks:  `weights`; the weights that stay, with the reason.
  }];
  let options = [Option<"vectorBytes", "vector-bytes", "int64_t", "32", "Bytes of a vector register of the CPU level">];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def FuseKernels : Pass<"heddle-fuse-kernels", "::mlir::ModuleOp"> {
  let summary = "Group ops and outline each group as a kernel";
  let description = [{
    Anchors (matmul, conv, pool) take the elementwise ops behind them; then, from the last op to the first, each remaining op takes the
    producers that may be recomputed or consumed in place (see `FusionGroups.h` for the rules and their ids). Each group
    becomes a `heddle.kernel` in its own symbols and a launch. Reshapes at the border of a group stay outside: they are views.
    Requires: canonical graph ops with inferred types.
    Ensures:  functions hold launches, constants, reshapes, host steps and control flow only.
    Leaves:   host calls, set_symbols, if, loop, fail.   Remarks: `kernels`; a refused fusion with its rule id.
  }];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def PlaceParts : Pass<"heddle-place-parts", "::mlir::ModuleOp"> {
  let summary = "Write the parts of concatenations where they belong, and read slices where they are";
  let description = [{
    A kernel that concatenates reads its parts once more to copy them. Where the launch that makes a part may write it in place, its
    kernel gets the strides of the whole (`heddle.strides`), the part leaves the concatenating kernel, and the concatenation becomes an op of
    the function, which costs nothing. A kernel that is a slice without gaps becomes an op of the function too if only launches
    read it. Rules, by the id that a refusal carries:
     - `other-users`: something else reads the part, or one of its views.
     - `no-launch`: no launch of the same block makes the part (inputs, constants, host steps); other steps read the slice.
     - `shared-kernel`: the launch's kernel has other launches.
     - `reshape`: the part is a reshape of what the launch makes that strides cannot describe.
     - `sizes`: the whole's size is not known where the part is made, or its strides are over symbols that the part's kernel does not get.
     - `gaps`: the target's kernels store results without gaps only (GPU).
     - `short-rows`: less than 16 elements of the part lie in one piece.
    Requires: heddle-fuse-kernels; each kernel has one launch.
    Ensures:  every part of a concatenation outside of kernels is made by a launch, or by another such concatenation, in the same block,
      is read by nothing else, and can be written in place.
    Leaves:   concatenations that other ops of their kernel read; kernels with several results.   Remarks: `parts`, `slices`; each refused part.
  }];
  let options = [Option<"vectorBytes", "vector-bytes", "int64_t", "32", "Bytes of a vector register of the CPU level; 0: a GPU">];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def DeduplicateKernels : Pass<"heddle-deduplicate-kernels", "::mlir::ModuleOp"> {
  let summary = "Keep one kernel per distinct body";
  let description = [{
    Two kernels are equal if their text without names and locations is.
    Requires: kernels in canonical symbols, as heddle-fuse-kernels makes them.
    Ensures:  no two kernels have the same text; launches refer to the first of each kind.
    Leaves:   everything but launches of removed kernels.   Remarks: `removed`.
  }];
}

def ChooseSchedules : Pass<"heddle-choose-schedules", "::mlir::ModuleOp"> {
  let summary = "Give each kernel the schedule that a cost model picks for its target";
  let description = [{
    A kernel with a matrix product gets `#heddle.gemm`, one whose reductions run along the last dimensions `#heddle.rows`, every other
    `#heddle.elementwise`. Tile sizes follow the target (`ir/Schedule.h`).
    Requires: kernels.
    Ensures:  every kernel has a schedule.
    Leaves:   a schedule that is already there.
  }];
  let options = [Option<"vectorBytes", "vector-bytes", "int64_t", "32", "Bytes of a vector register of the CPU level; 0: a GPU">];
}

def VerifyKernels : Pass<"heddle-verify-kernels", "::mlir::ModuleOp"> {
  let summary = "Check what must hold at the end of stage kernels";
  let description = [{
    Requires: nothing.
    Ensures:  functions hold only launches, constants, reshapes, slices and concatenations in place, host steps and control flow; every
      kernel has a schedule and a launch.
    Leaves:   everything.
  }];
}

//===----------------------------------------------------------------------===//
// Stage plan
//===----------------------------------------------------------------------===//

def OrderLaunches : Pass<"heddle-order-launches", "::mlir::func::FuncOp"> {
  let summary = "Order launches so that fewer bytes are alive at once";
  let description = [{
    Between two steps that must stay where they are (they define symbols, branch, loop or may fail), launches are listed anew: of those
    that are ready the one that adds fewest bytes goes first. The new order is taken only if its peak is lower. Open sizes count as 64.
    Requires: launches (heddle-verify-kernels).
    Ensures:  topological order; the estimated peak is not higher than before.
    Leaves:   everything but the order.   Remarks: `saved-bytes`.
  }];
}

def BuildPlan : Pass<"heddle-build-plan", "::mlir::ModuleOp"> {
  let summary = "Turn each function into a plan: steps over places";
  let description = [{
    Inputs and outputs become caller's buffers, constants weights, reshapes views, slices and what is concatenated parts of the whole's
    place; every other value gets a place in the arena, or in a buffer of the runtime where only the step knows its size. A value that
    leaves the function is written where it leaves, if it is made by a step and leaves once; otherwise it is copied by the host function
    `identity`.
    Requires: heddle-verify-kernels holds.
    Ensures:  one `heddle.plan` per function, and no function; lifetimes are still empty.
    Leaves:   kernels.
  }];
  let dependentDialects = ["::heddle::HeddleDialect"];
}

def PlanMemory : Pass<"heddle-plan-memory", "::heddle::PlanOp"> {
  let summary = "Give every arena place its lifetime and epoch";
  let description = [{
    Lifetimes are half-open intervals over the pre-order of steps. What a branch or loop reads from outside lives until that step ends;
    the slots of carried values live for the whole loop. The epoch is the number of symbols defined before the step that writes the place.
    Requires: a plan from heddle-build-plan.
    Ensures:  every arena place has an interval that covers all its uses, and the epoch in which it is born.
    Leaves:   steps, other places.   Remarks: `arena-values`.
  }];
}

def VerifyPlan : Pass<"heddle-verify-plan", "::heddle::PlanOp"> {
  let summary = "Check what must hold at the end of stage plan";
  let description = [{
    Requires: nothing.
    Ensures:  each arena place is used only inside its interval, is packed no later than in the epoch that writes it, and is read only
      behind a step that writes it.
    Leaves:   everything.
  }];
}

#endif // HEDDLE_PASSES_PASSES_TD
