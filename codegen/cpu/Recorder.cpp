// Implements the dry run.
#include "codegen/cpu/Recorder.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

bool heddle::isReal(const Index &index) {
  return llvm::all_of(index.terms(), [](const Index::Term &term) {
    const Index::Atom &atom = *term.atom;
    bool isDivision = atom.kind == Index::AtomKind::FloorDiv || atom.kind == Index::AtomKind::Mod;
    return isDivision ? isReal(atom.operand) : atom.id < Recorder::firstId;
  });
}

Index Recorder::offsetOf(const Access &access) { return linearize(access.indices, shapeOf(access.value.getType())); }

PullValue Recorder::load(unsigned argument, ArrayRef<Index> indices) {
  list.push_back({kernel.getBody().getArgument(argument), indices.vec(), false, guardDepth > 0, reduced, {}});
  return {0};
}

Index Recorder::opaque(PullValue, std::optional<Expr> extent, std::vector<int> dependsOn) {
  return Index::opaque(nextId++, std::move(extent), std::move(dependsOn));
}

PullValue Recorder::guard(ArrayRef<PullCondition>, Alternative inside, Alternative outside) {
  ++guardDepth;
  inside();
  outside();
  --guardDepth;
  return {0};
}

PullValue Recorder::reduce(const PullReduction &reduction, ReductionBody body) {
  SmallVector<Index> point;
  size_t outer = reduced.size();
  for (const Expr &extent : reduction.extents) {
    point.push_back(newVariable(extent));
    reduced.push_back(nextId - 1);
  }
  body(point);
  reduced.resize(outer);
  GenericOp op = reduction.op;
  list.push_back({op.getY(), reduction.place, true, guardDepth > 0, reduced, reduction.extents});
  return {0};
}
