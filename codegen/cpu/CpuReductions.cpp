// Reductions on the CPU: along a vector's own variable lane by lane, or across lanes.
#include "codegen/cpu/Combine.h"
#include "codegen/cpu/CpuBackend.h"
#include "codegen/cpu/LaneLoop.h"
#include "codegen/cpu/StridedLanes.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

void CpuBackend::hoist(function_ref<void(Recorder &)> body) {
  Recorder recorder(kernel);
  body(recorder);
  for (const Recorder::Access &access : recorder.accesses())
    if (!access.isGuarded && llvm::all_of(access.indices, isReal))
      memo.pull(access.value, access.indices);
}

namespace {

/// Values of one step, combined with the accumulators. Lanes out of use keep their accumulators if `isAcross`.
SmallVector<Value> reductionStep(CpuBackend &backend, const PullReduction &reduction, ValueRange accumulators,
                                 ArrayRef<PullValue> values, bool isAcross) {
  KernelFrame &frame = backend.frame;
  SmallVector<Value> step;
  for (auto [value, accumulator] : llvm::zip(values, accumulators)) {
    Value loaded = backend.value(value);
    step.push_back(isa<VectorType>(accumulator.getType()) ? backend.widen(loaded) : loaded);
  }
  SmallVector<Value> next = Combiner(reduction).combine(frame.b, frame.loc, accumulators, step);
  if (isAcross && backend.lanes.mask)
    for (auto [value, accumulator] : llvm::zip(next, accumulators))
      value = arith::SelectOp::create(frame.b, frame.loc, backend.lanes.mask, value, accumulator);
  return next;
}

/// True if vectors can run along all reduction dimensions as if they were one.
bool isFlat(KernelOp kernel, const PullReduction &reduction) {
  Recorder recorder(kernel);
  Index flat = recorder.newVariable(elementCount(reduction.extents));
  std::vector<Index> point = reduction.place;
  for (const Index &index : delinearize(flat, reduction.extents))
    point.push_back(index);
  recorder.pull().pullBody(reduction.op, point);
  std::optional<int> variable = flat.variableId();
  return variable && llvm::all_of(recorder.accesses(), [&](const Recorder::Access &access) {
           return access.isReduction || Recorder::offsetOf(access).slope(*variable).has_value();
         });
}

/// True if lanes read elements that are a short stride apart.
bool readsShortRows(KernelOp kernel, const PullReduction &reduction, const VectorLanes &lanes) {
  Recorder recorder(kernel);
  std::vector<Index> point = reduction.place;
  point.push_back(Index(0));
  recorder.pull().pullBody(reduction.op, point);
  return llvm::any_of(recorder.accesses(), [&](const Recorder::Access &access) {
    Expr count = elementCount(shapeOf(access.value.getType()));
    return !access.isReduction && stridedPlace(Recorder::offsetOf(access), lanes.variable, count, lanes.width);
  });
}

void recordBody(Recorder &recorder, const PullReduction &reduction) {
  std::vector<Index> point = reduction.place;
  for (const Expr &extent : reduction.extents)
    point.push_back(recorder.newVariable(extent));
  recorder.pull().pullBody(reduction.op, point);
}

} // namespace

PullValue CpuBackend::reduce(const PullReduction &reduction, ReductionBody body) {
  hoist([&](Recorder &recorder) { recordBody(recorder, reduction); });
  bool variesInLanes = lanes.active() && llvm::any_of(reduction.place, [&](const Index &index) {
                         return index.dependsOn(lanes.variable);
                       });
  return variesInLanes ? reduceInLanes(reduction, body) : reduceAcross(reduction, body);
}

/// Each lane has its own sum, and every element of a short row its own code, so that loads can be shuffled.
PullValue CpuBackend::reduceShortRows(const PullReduction &reduction, ReductionBody body, int64_t elements) {
  Combiner combiner(reduction);
  SmallVector<Value> sums = combiner.initial(frame.b, frame.loc, lanes.width);
  for (int64_t element = 0; element < elements; ++element) {
    std::vector<Index> point = reduction.place;
    point.push_back(Index(element));
    hoist([&](Recorder &recorder) { recorder.pull().pullBody(reduction.op, point); });
    if (keepsValueOf(reduction))
      memo.pull(kept->value, point);
    sums = reductionStep(*this, reduction, sums, body(point.back()), /*isAcross=*/false);
  }
  return hold(combiner.result(sums));
}

/// Plain loops; each lane has its own sum.
PullValue CpuBackend::reduceInLanes(const PullReduction &reduction, ReductionBody body) {
  std::optional<int64_t> elements = shortRow(reduction.extents, lanes.width);
  if (elements && !lanes.mask && readsShortRows(kernel, reduction, lanes))
    return reduceShortRows(reduction, body, *elements);
  Combiner combiner(reduction);
  SmallVector<Index> point;
  auto nest = [&](auto &self, size_t dim, ValueRange accumulators) -> SmallVector<Value> {
    if (dim == reduction.extents.size())
      return reductionStep(*this, reduction, accumulators, body(point), /*isAcross=*/false);
    Value extent = frame.size(reduction.extents[dim]);
    return frame.loop(frame.i64(0), extent, 1, accumulators, [&](Value at, ValueRange inner) {
      point.push_back(Index::variable(addVariable(at), reduction.extents[dim]));
      SmallVector<Value> next = self(self, dim + 1, inner);
      point.pop_back();
      return next;
    });
  };
  SmallVector<Value> initial = combiner.initial(frame.b, frame.loc, lanes.width);
  return hold(combiner.result(nest(nest, 0, initial)));
}

bool CpuBackend::keepsValueOf(const PullReduction &reduction) const {
  return kept && kept->reduction == reduction.op && reduction.place == kept->row;
}

/// Computes the kept value for one step of its reduction, whose body then finds it, and stores it.
void CpuBackend::keep(const PullReduction &reduction, ArrayRef<Index> point) {
  std::vector<Index> place = reduction.place;
  llvm::append_range(place, point);
  store(kept->result, place, value(memo.pull(kept->value, place)));
  kept->isStored = true;
}

/// Vectors along the reduction's last dimension, or along all of them; the result is a scalar.
PullValue CpuBackend::reduceAcross(const PullReduction &reduction, ReductionBody body) {
  Combiner combiner(reduction);
  VectorLanes saved = lanes;
  bool flat = reduction.extents.size() > 1 && isFlat(kernel, reduction);
  Expr columns = flat ? elementCount(reduction.extents) : reduction.extents.back();
  size_t outerDims = flat ? 0 : reduction.extents.size() - 1;
  SmallVector<Index> outer;
  LaneLoop loop(*this, columns, combiner.isArgument() ? 1 : frame.unroll());
  auto step = [&](Index column, ValueRange accumulators) {
    SmallVector<Index> point(outer);
    if (flat)
      llvm::append_range(point, delinearize(column, reduction.extents));
    else
      point.push_back(column);
    Pull::Scope scope(memo);
    if (keepsValueOf(reduction))
      keep(reduction, point);
    return reductionStep(*this, reduction, accumulators, body(point), /*isAcross=*/true);
  };
  auto nest = [&](auto &self, size_t dim, ValueRange accumulators) -> SmallVector<Value> {
    if (dim == outerDims)
      return loop.reduce(combiner, accumulators, step);
    Value extent = frame.size(reduction.extents[dim]);
    return frame.loop(frame.i64(0), extent, 1, accumulators, [&](Value at, ValueRange inner) {
      outer.push_back(Index::variable(addVariable(at), reduction.extents[dim]));
      SmallVector<Value> next = self(self, dim + 1, inner);
      outer.pop_back();
      return next;
    });
  };
  SmallVector<Value> initial = combiner.initial(frame.b, frame.loc, loop.width());
  SmallVector<Value> sums = nest(nest, 0, initial);
  lanes = saved;
  return hold(combiner.result(combiner.acrossLanes(frame.b, frame.loc, sums)));
}
