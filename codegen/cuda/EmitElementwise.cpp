// Kernels over the elements of their results: one thread per element, or a grid-stride loop.
#include "codegen/cuda/Emitter.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

void Emitter::emitFlatResults(ArrayRef<size_t> members, const Expr &count, bool isLoop, bool isAlone) {
  Index flat = recorder.newVariable(count);
  std::string i = text.uniqueName("i"), limit = text.size(count).text;
  std::string first = "blockIdx.x * THREADS + threadIdx.x";
  const std::string &type = spelling.indexType;
  if (type != "int")
    first = "static_cast<" + type + ">(blockIdx.x) * THREADS + threadIdx.x";
  bool isOpen = true;
  if (isLoop) {
    text.open("for (" + type + " " + i + " = " + first + "; " + i + " < " + limit + "; " + i +
              " += gridDim.x * THREADS)");
  } else if (isAlone) {
    text.line("const " + type + " " + i + " = " + first + ";");
    text.line("if (" + i + " >= " + limit + ")");
    text.line("  return;");
    isOpen = false;
  } else {
    text.open("if (const " + type + " " + i + " = " + first + "; " + i + " < " + limit + ")", /*isConditional=*/true);
  }
  text.bind(recorder.lastVariable(), i);
  text.nameCoordinates(recorder.lastVariable(), shapeOf(results()[members.front()].getType()));
  std::vector<NodeId> values;
  for (size_t member : members)
    values.push_back(pull.pull(results()[member], delinearize(flat, shapeOf(results()[member].getType()))).id);
  text.expect(values);
  for (auto [member, value] : llvm::zip(members, values))
    store(member, flat, value);
  if (isOpen)
    text.close();
}

bool Emitter::emitElementwise(ElementwiseScheduleAttr schedule) {
  threads = schedule.getThreads();
  addConstant("THREADS", threads);
  text.mention("THREADS");
  // Results with equally many elements share a loop.
  std::vector<std::pair<Expr, SmallVector<size_t>>> groups;
  for (auto [number, result] : llvm::enumerate(results())) {
    Expr count = elementCount(shapeOf(result.getType()));
    auto known = llvm::find_if(groups, [&](const auto &group) { return group.first == count; });
    if (known == groups.end())
      known = groups.insert(groups.end(), {count, {}});
    known->second.push_back(number);
  }
  Expr most = groups.empty() ? Expr(0) : groups[0].first;
  for (const auto &group : groups)
    most = max(most, group.first);
  grid[0] = ceilDiv(most, Expr(threads * schedule.getPerThread()));
  for (const auto &[count, members] : groups) {
    nameSize("COUNT", count);
    emitFlatResults(members, count, schedule.getPerThread() > 1, groups.size() == 1);
  }
  return true;
}
