// Row kernels: a block owns a row and sweeps over it, once per level of reductions.
#include "codegen/cuda/Emitter.h"
#include "codegen/cuda/ScalarText.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

/// A row is kept in registers up to this many elements per thread.
static constexpr int64_t maxKeptPerThread = 16;

namespace {

/// How a result lies in rows: with all columns, or one element per row.
struct RowResult {
  Shape rows;
  Shape columns;
};

} // namespace

/// The dimensions that reductions of the kernel run over, if they agree: their product.
static std::optional<Expr> columnCount(KernelOp kernel) {
  std::optional<Expr> columns;
  kernel.walk([&](GenericOp generic) {
    if (!columns && generic.getReduce().size() != 0)
      columns = elementCount(generic.getReduce().exprs());
  });
  return columns;
}

/// Splits off trailing dimensions with `columns` elements in all; no columns if there are none.
static RowResult splitRows(const Shape &shape, const Expr &columns) {
  for (size_t split = shape.size(); split-- > 0;) {
    Shape trailing(shape.begin() + split, shape.end());
    if (elementCount(trailing) == columns)
      return {Shape(shape.begin(), shape.begin() + split), trailing};
  }
  return {shape, {}};
}

namespace heddle::cuda {

/// The sweeps of one row kernel.
class RowSweeps {
public:
  RowSweeps(Emitter &emitter, int columnVariable, const Expr &columns)
      : emitter(emitter), graph(emitter.graph), text(emitter.text), variable(columnVariable), columns(columns),
        col(text.uniqueName("col")), i(text.uniqueName("i")) {}

  /// Prints all sweeps. `storeResult` stores a root: those that depend on the column in the last sweep, the others
  /// after it by one thread.
  void print(ArrayRef<NodeId> roots, function_ref<void(size_t)> storeResult);

private:
  bool dependsOnColumn(NodeId id) const { return graph[id].variables.count(variable) != 0; }
  int levelOf(NodeId id);
  void collectReductions(ArrayRef<NodeId> roots);
  SmallVector<NodeId> reductionsAt(int level) const;
  SmallVector<NodeId> bodiesAt(int level, ArrayRef<NodeId> roots);
  void chooseKept(ArrayRef<NodeId> roots);
  void reach(ArrayRef<NodeId> roots, std::set<NodeId> &reached) const;
  int missing(NodeId id, const std::set<NodeId> &earlier, std::set<NodeId> &visited) const;
  void keepFor(NodeId id, const std::set<NodeId> &earlier);
  void openColumns();
  void closeColumns() {
    if (!isWhole())
      text.close();
  }
  /// A thread per column: the row needs no loop and no test.
  bool isWhole() const { return columns.isLiteral(emitter.threads); }
  void printSweep(int level, ArrayRef<NodeId> roots, function_ref<void(size_t)> storeResult);

  Emitter &emitter;
  ScalarGraph &graph;
  KernelText &text;
  int variable;
  Expr columns;
  std::string col, i;
  std::vector<NodeId> reductions;
  std::map<NodeId, int> levels;
  int lastLevel = 0;
  /// Values kept in registers, by the sweep that computes them.
  std::map<NodeId, int> kept;
  std::map<NodeId, std::string> keptNames;
  int64_t perThread = 0;
};

} // namespace heddle::cuda

/// The sweep that a node can first be computed in: the number of reductions along the longest path to it.
int RowSweeps::levelOf(NodeId id) {
  auto [place, isNew] = levels.try_emplace(id, 0);
  if (!isNew)
    return place->second;
  int level = 0;
  graph.forEachOperand(id, [&](NodeId operand) { level = std::max(level, levelOf(operand)); });
  return levels[id] = level + (graph[id].kind == Node::Kind::RowReduce ? 1 : 0);
}

void RowSweeps::collectReductions(ArrayRef<NodeId> roots) {
  std::set<NodeId> seen;
  SmallVector<NodeId> pending(roots);
  while (!pending.empty()) {
    NodeId id = pending.pop_back_val();
    if (!seen.insert(id).second)
      continue;
    if (graph[id].kind == Node::Kind::RowReduce)
      reductions.push_back(id);
    graph.forEachOperand(id, [&](NodeId operand) { pending.push_back(operand); });
  }
  llvm::sort(reductions);
  for (NodeId id : reductions)
    lastLevel = std::max(lastLevel, levelOf(id));
}

SmallVector<NodeId> RowSweeps::reductionsAt(int level) const {
  SmallVector<NodeId> found;
  for (NodeId id : reductions)
    if (levels.at(id) == level + 1)
      found.push_back(id);
  return found;
}

/// What sweep `level` computes per column: bodies of its reductions, in the last one the results.
SmallVector<NodeId> RowSweeps::bodiesAt(int level, ArrayRef<NodeId> roots) {
  SmallVector<NodeId> bodies;
  for (NodeId id : reductionsAt(level))
    llvm::append_range(bodies, graph[id].operands);
  if (level == lastLevel)
    llvm::copy_if(roots, std::back_inserter(bodies), [&](NodeId root) { return dependsOnColumn(root); });
  return bodies;
}

/// Adds the nodes per column that computing `roots` computes, but for those that are kept already.
void RowSweeps::reach(ArrayRef<NodeId> roots, std::set<NodeId> &reached) const {
  SmallVector<NodeId> pending(roots);
  while (!pending.empty()) {
    NodeId id = pending.pop_back_val();
    if (!dependsOnColumn(id) || !reached.insert(id).second)
      continue;
    graph.forEachOperand(id, [&](NodeId operand) { pending.push_back(operand); });
  }
}

/// How many values would have to be kept to compute `id` again from kept ones.
int RowSweeps::missing(NodeId id, const std::set<NodeId> &earlier, std::set<NodeId> &visited) const {
  if (!dependsOnColumn(id) || kept.count(id) || !visited.insert(id).second)
    return 0;
  const Node &node = graph[id];
  bool isCheap = (node.kind == Node::Kind::Op && !isCostly(node.op)) || node.kind == Node::Kind::Position;
  if (!isCheap)
    return 1;
  int count = 0;
  graph.forEachOperand(id, [&](NodeId operand) { count += missing(operand, earlier, visited); });
  return count;
}

void RowSweeps::keepFor(NodeId id, const std::set<NodeId> &earlier) {
  if (!dependsOnColumn(id) || kept.count(id))
    return;
  std::set<NodeId> visited;
  if (earlier.count(id)) {
    if (graph[id].kind != Node::Kind::Constant && missing(id, earlier, visited) > 0)
      kept[id] = 0;
    return;
  }
  graph.forEachOperand(id, [&](NodeId operand) { keepFor(operand, earlier); });
}

/// Keeps what a sweep computes and a later one needs, unless it is cheap to compute from other kept values.
void RowSweeps::chooseKept(ArrayRef<NodeId> roots) {
  std::set<NodeId> earlier;
  for (int level = 0; level <= lastLevel; ++level) {
    SmallVector<NodeId> bodies = bodiesAt(level, roots);
    for (NodeId body : bodies)
      keepFor(body, earlier);
    reach(bodies, earlier);
  }
  // Each is computed by the first sweep that needs it.
  std::set<NodeId> reached;
  for (int level = 0; level <= lastLevel; ++level) {
    std::set<NodeId> before = reached;
    reach(bodiesAt(level, roots), reached);
    for (auto &[id, sweep] : kept)
      if (reached.count(id) && !before.count(id))
        sweep = level;
  }
}

void RowSweeps::openColumns() {
  const std::string &type = emitter.spelling.indexType;
  if (isWhole())
    return;
  std::string count = text.size(columns).text;
  text.mention("THREADS");
  if (kept.empty()) {
    text.open("for (" + type + " " + col + " = threadIdx.x; " + col + " < " + count + "; " + col + " += THREADS)");
    text.bind(variable, col);
    return;
  }
  if (perThread == 1) {
    text.open("if (const " + type + " " + col + " = threadIdx.x; " + col + " < " + count + ")");
    text.bind(variable, col);
    for (const auto &[id, name] : keptNames)
      text.define(id, cuda::name(name));
    return;
  }
  text.open("#pragma unroll\nfor (int " + i + " = 0; " + i + " < PER_THREAD; ++" + i + ")");
  std::string definition = "const " + type + " " + col + " = " + i + " * THREADS + threadIdx.x;";
  if (columns.isLiteral(perThread * emitter.threads)) {
    text.bindDefined(variable, col, definition);
  } else {
    text.line(definition);
    text.line("if (" + col + " >= " + count + ")");
    text.line("  break;");
    text.bind(variable, col);
  }
  for (const auto &[id, name] : keptNames)
    text.define(id, cuda::name(name + "[" + i + "]"));
}

void RowSweeps::printSweep(int level, ArrayRef<NodeId> roots, function_ref<void(size_t)> storeResult) {
  SmallVector<NodeId> bodies = bodiesAt(level, roots), sums = reductionsAt(level);
  std::map<NodeId, std::string> keptNow;
  for (const auto &[id, sweep] : kept)
    if (sweep == level)
      keptNow[id] = isWhole() ? "" : text.declareKept(id, perThread > 1 ? "[PER_THREAD]" : "");
  SmallVector<std::string> totals; // Empty where a thread's only value is combined as it is.
  for (NodeId id : sums)
    totals.push_back(isWhole() && text.combinesInOneStep(id) ? "" : text.declareAccumulator(graph[id]));
  openColumns();
  text.expect(bodies);
  for (const auto &[id, name] : keptNow)
    if (isWhole())
      text.keep(id);
    else
      text.assign(id, perThread > 1 ? name + "[" + i + "]" : name);
  for (auto [id, total] : llvm::zip(sums, totals))
    if (!total.empty())
      text.accumulate(graph[id], total);
  if (level == lastLevel)
    for (auto [number, root] : llvm::enumerate(roots))
      if (dependsOnColumn(root))
        storeResult(number);
  closeColumns();
  if (!isWhole())
    keptNames.insert(keptNow.begin(), keptNow.end());
  for (auto [id, total] : llvm::zip(sums, totals))
    if (total.empty())
      text.combineValues(id);
    else
      text.combineBlock(id, total);
}

void RowSweeps::print(ArrayRef<NodeId> roots, function_ref<void(size_t)> storeResult) {
  collectReductions(roots);
  std::optional<int64_t> length = columns.literal();
  perThread = length ? (*length + emitter.threads - 1) / emitter.threads : 0;
  if (length && perThread <= maxKeptPerThread)
    chooseKept(roots);
  if (!kept.empty() && perThread > 1) {
    emitter.addConstant("PER_THREAD", perThread);
    text.mention("PER_THREAD");
  }
  emitter.keepsRegisters = perThread > 1 && !kept.empty();
  if (isWhole()) {
    text.line("const " + emitter.spelling.indexType + " " + col + " = threadIdx.x;");
    text.bind(variable, col);
  }
  for (int level = 0; level <= lastLevel; ++level)
    if (!bodiesAt(level, roots).empty())
      printSweep(level, roots, storeResult);
  SmallVector<size_t> rowResults;
  SmallVector<NodeId> rowRoots;
  for (auto [number, root] : llvm::enumerate(roots))
    if (!dependsOnColumn(root)) {
      rowResults.push_back(number);
      rowRoots.push_back(root);
    }
  if (rowResults.empty())
    return;
  text.expect(rowRoots);
  text.open("if (threadIdx.x == 0)", /*isConditional=*/true);
  for (size_t number : rowResults)
    storeResult(number);
  text.close();
}

bool Emitter::emitRows(RowsScheduleAttr schedule) {
  std::optional<Expr> columns = columnCount(kernel);
  if (!columns)
    return false;
  std::vector<RowResult> layouts;
  for (Value result : results())
    layouts.push_back(splitRows(shapeOf(result.getType()), *columns));
  Expr rows = elementCount(layouts.front().rows);
  for (const RowResult &layout : layouts)
    if (elementCount(layout.rows) != rows)
      return false;
  threads = schedule.getThreads();
  grid[0] = rows;
  addConstant("THREADS", threads);
  nameSize("COLS", *columns);
  Index row = recorder.newVariable(rows);
  std::string rowName = text.uniqueName("row");
  text.bindDefined(recorder.lastVariable(), rowName, "const " + spelling.indexType + " " + rowName + " = blockIdx.x;");
  Index column = recorder.newVariable(*columns);
  int columnVariable = recorder.lastVariable();
  recorder.shareColumns({columnVariable, *columns});
  std::vector<NodeId> roots;
  std::vector<Index> places;
  for (auto [layout, result] : llvm::zip(layouts, results())) {
    std::vector<Index> place = delinearize(row, layout.rows);
    llvm::append_range(place, delinearize(column, layout.columns));
    places.push_back(linearize(place, shapeOf(result.getType())));
    roots.push_back(pull.pull(result, place).id);
  }
  RowSweeps(*this, columnVariable, *columns).print(roots, [&](size_t number) {
    store(number, places[number], roots[number]);
  });
  needsWarp = true;
  return true;
}
