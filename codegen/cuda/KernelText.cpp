// Blocks, and values placed into them.
#include "codegen/cuda/KernelText.h"
#include "codegen/cuda/Recorder.h"
#include "codegen/cuda/ScalarText.h"
#include "ir/Origins.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

void KernelText::open(std::string header, bool isConditional) {
  blocks.emplace_back();
  blocks.back().header = std::move(header);
  blocks.back().isConditional = isConditional;
}

void KernelText::close(std::string footer) {
  Block inner = std::move(blocks.back());
  blocks.pop_back();
  std::vector<TextLine> &lines = blocks.back().lines;
  StringRef header = inner.header;
  if (header.contains('\n')) {
    lines.push_back({0, header.split('\n').first.str(), {}});
    header = header.split('\n').second;
  }
  lines.push_back({0, (header + " {").str(), {}});
  for (TextLine &line : inner.lines) {
    ++line.indent;
    lines.push_back(std::move(line));
  }
  lines.push_back({0, std::move(footer), {}});
}

void KernelText::line(std::string text) {
  TextLine line{0, std::move(text), {}};
  if (collected)
    line.origins = std::move(*collected);
  if (collected)
    collected->clear();
  blocks.back().lines.push_back(std::move(line));
}

void KernelText::lineOf(function_ref<std::string()> build) {
  std::vector<std::string> origins, *outer = collected;
  collected = &origins;
  line(build());
  collected = outer;
}

void KernelText::lineFrom(Operation *op, std::string text) {
  lineOf([&] {
    llvm::append_range(*collected, originsOf(op->getLoc()));
    return std::move(text);
  });
}

/// The outermost block that binds all these variables and is not outside a conditional block.
size_t KernelText::levelOf(const std::set<int> &variables) const {
  size_t level = 0;
  for (size_t at = 0; at < blocks.size(); ++at) {
    bool binds =
        llvm::any_of(blocks[at].variables, [&](const auto &bound) { return variables.count(bound.first) != 0; });
    if (binds || blocks[at].isConditional)
      level = at;
  }
  return level;
}

/// Runs `build` with block number `level` as the current one.
CText KernelText::at(size_t level, function_ref<CText()> build) {
  std::vector<Block> inner(std::make_move_iterator(blocks.begin() + level + 1), std::make_move_iterator(blocks.end()));
  blocks.resize(level + 1);
  std::vector<std::string> origins, *outer = collected;
  collected = &origins;
  CText result = build();
  collected = outer;
  blocks.insert(blocks.end(), std::make_move_iterator(inner.begin()), std::make_move_iterator(inner.end()));
  return result;
}

const CText *KernelText::find(NodeId id) const {
  for (const Block &block : llvm::reverse(blocks))
    if (auto named = block.nodes.find(id); named != block.nodes.end())
      return &named->second;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void KernelText::expect(ArrayRef<NodeId> roots) {
  uses.clear();
  atomUses.clear();
  indexNodes.clear();
  SmallVector<NodeId> pending;
  auto use = [&](NodeId id) {
    if (++uses[id] == 1 && !find(id))
      pending.push_back(id);
  };
  for (NodeId root : roots)
    use(root);
  while (!pending.empty()) {
    NodeId id = pending.pop_back_val();
    const Node &node = graph[id];
    countAtoms(node.index);
    for (const PullCondition &condition : node.conditions) {
      countAtoms(condition.index); // Once per bound.
      countAtoms(condition.index);
    }
    indexNodes.insert(node.indexOperands.begin(), node.indexOperands.end());
    graph.forEachOperand(id, use);
  }
}

static std::vector<std::string> originsOfOp(Operation *op) {
  return op ? originsOf(op->getLoc()) : std::vector<std::string>();
}

bool KernelText::isNamed(NodeId id, size_t level) const {
  const Node &node = graph[id];
  if (node.kind == Node::Kind::Constant || node.kind == Node::Kind::Accumulator)
    return false;
  if (indexNodes.count(id) || node.kind == Node::Kind::Checked)
    return node.kind != Node::Kind::Position;
  if (node.kind == Node::Kind::Position)
    return false;
  auto used = uses.find(id);
  if (used != uses.end() && used->second > 1)
    return true;
  // What a loop does not change is computed before it.
  if (node.kind == Node::Kind::Op && level + 1 < blocks.size())
    return true;
  return node.finishedBy && consumer && originsOfOp(node.finishedBy) != originsOfOp(consumer);
}

/// A name that says what the value is: the graph op that it is the result of, or what it is made by.
std::string KernelText::hint(const Node &node) const {
  if (node.kind == Node::Kind::Checked)
    return "at";
  if (auto generic = dyn_cast_or_null<GenericOp>(node.finishedBy)) {
    if (!generic.getName().empty())
      return generic.getName().str();
    if (generic.getCombiner() != "none")
      return generic.getCombiner() == "add"   ? "sum"
             : generic.getCombiner() == "mul" ? "product"
                                              : generic.getCombiner().str();
    return node.kind == Node::Kind::Load ? "gathered" : "element";
  }
  if (node.finishedBy)
    return node.finishedBy->getName().stripDialect().str();
  if (node.kind == Node::Kind::Load)
    return node.table ? "entry" : spelling.arguments[node.argument] + "_value";
  if (node.kind == Node::Kind::Op) {
    StringRef op = node.op->getName().stripDialect();
    (void)(op.consume_back("si") || op.consume_back("ui") || op.consume_back("f") || op.consume_back("i"));
    return op.str();
  }
  return "value";
}

std::string KernelText::typeOf(NodeId id) const {
  return indexNodes.count(id) ? spelling.indexType : computeName(graph[id].type).str();
}

CText KernelText::value(NodeId id) {
  if (const CText *known = find(id))
    return *known;
  const Node &node = graph[id];
  assert(node.kind != Node::Kind::RowReduce && "a reduction of the row is computed by its sweep");
  if (node.kind == Node::Kind::Reduce)
    return declareReduce(id);
  size_t level = levelOf(node.variables);
  if (node.kind == Node::Kind::Guard)
    return guard(id, level);
  if (!isNamed(id, level))
    return expression(id);
  return at(level, [&] { return declare(id, expression(id)); });
}

CText KernelText::declare(NodeId id, const CText &text) {
  std::string name = names.unique(hint(graph[id]));
  line("const " + typeOf(id) + " " + name + " = " + text.text + ";");
  return blocks.back().nodes[id] = cuda::name(name);
}

CText KernelText::expression(NodeId id) {
  const Node &node = graph[id];
  Operation *outer = consumer;
  if (node.finishedBy) {
    consumer = node.finishedBy;
    for (const std::string &origin : originsOfOp(node.finishedBy))
      if (collected && !llvm::is_contained(*collected, origin))
        collected->push_back(origin);
  }
  CText text;
  switch (node.kind) {
  case Node::Kind::Constant:
    text = literal(node.constant);
    break;
  case Node::Kind::Position:
    text = index(node.index);
    break;
  case Node::Kind::Load:
    text = loadText(node);
    break;
  case Node::Kind::Op:
    text = opText(node);
    break;
  case Node::Kind::Checked:
    text = call("heddle::checkedIndex", {value(node.operands[0]), size(node.size),
                                         cuda::name(std::to_string(node.check)), cuda::name("error")});
    break;
  case Node::Kind::Guard:
  case Node::Kind::Reduce:
  case Node::Kind::RowReduce:
  case Node::Kind::Accumulator:
    llvm_unreachable("is no expression");
  }
  consumer = outer;
  return text;
}

CText KernelText::loadText(const Node &node) {
  CText place = index(node.index);
  if (node.table)
    return subscript(cuda::name(tableName(node.table)), place);
  CText element = subscript(cuda::name(spelling.arguments[node.argument]), place);
  Type storage = spelling.elements[node.argument];
  if (isNarrowFloat(storage))
    return call("heddle::toFloat", element);
  if (!storage.isUnsignedInteger())
    return element;
  CText asSigned = cast(computeName(node.type), element);
  asSigned.asUnsigned = element.text;
  return asSigned;
}

/// Positions are `int` in the text; functions that exist for both widths need them in the width of their meaning.
static bool needsExactType(Operation *op) {
  return isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp,
             arith::MinUIOp>(op);
}

CText KernelText::opText(const Node &node) {
  SmallVector<CText> operands;
  for (NodeId operand : node.operands) {
    CText text = value(operand);
    bool isIndex = graph[operand].kind == Node::Kind::Position || indexNodes.count(operand);
    operands.push_back(isIndex && needsExactType(node.op) ? cast("long long", text) : text);
  }
  if (std::optional<CText> text = scalarText(node.op, operands))
    return *text;
  failures.push_back("there is no CUDA text for '" + node.op->getName().getStringRef().str() + "'");
  return cuda::name("0");
}

/// `extf(truncf(x))` by way of this type -> `x`: a store rounds by itself.
static NodeId beforeRounding(const ScalarGraph &graph, NodeId id, Type element) {
  const Node &widen = graph[id];
  if (widen.kind != Node::Kind::Op || !isa<arith::ExtFOp>(widen.op))
    return id;
  const Node &narrow = graph[widen.operands[0]];
  bool rounds = narrow.kind == Node::Kind::Op && isa<arith::TruncFOp>(narrow.op) && narrow.type == element;
  return rounds ? narrow.operands[0] : id;
}

CText KernelText::stored(NodeId id, Type element) {
  NodeId inner = find(id) ? id : beforeRounding(graph, id, element);
  if (inner != id && graph[id].finishedBy)
    llvm::append_range(*collected, originsOfOp(graph[id].finishedBy));
  CText text = value(inner);
  if (isNarrowFloat(element))
    return call(narrowingFunction(element), text);
  return text;
}

std::string KernelText::tableName(DenseElementsAttr elements) {
  for (const auto &[known, name] : tableNames)
    if (known == elements)
      return name;
  std::string name = names.unique("table");
  tableNames.push_back({elements, name});
  Type compute = computeType(elements.getElementType());
  std::string text = "__device__ const " + computeName(compute).str() + " " + name + "[" +
                     std::to_string(elements.getNumElements()) + "] = {";
  llvm::ListSeparator comma;
  for (int64_t at = 0; at < elements.getNumElements(); ++at)
    text += StringRef(comma).str() + literal(elementOf(elements, at)).text;
  tableLines.push_back(text + "};");
  return name;
}

//===----------------------------------------------------------------------===//
// Guards
//===----------------------------------------------------------------------===//

/// A conditional expression where both alternatives are expressions, else an if statement.
CText KernelText::guard(NodeId id, size_t level) {
  const Node &node = graph[id];
  std::vector<std::string> origins;
  CText result = at(level, [&] {
    std::optional<CText> test;
    for (const PullCondition &part : node.conditions)
      test = test ? infix(*test, "&&", condition(part), Precedence::And) : condition(part);
    std::vector<Block> branches;
    SmallVector<CText> values;
    for (NodeId operand : node.operands) {
      open("", /*isConditional=*/true);
      CText text = value(operand);
      bool isPosition = graph[operand].kind == Node::Kind::Position && !indexNodes.count(id);
      values.push_back(isPosition ? cast("long long", text) : text);
      branches.push_back(std::move(blocks.back()));
      blocks.pop_back();
    }
    if (!branches[0].lines.empty() || !branches[1].lines.empty())
      return guardBlocks(id, test->text, branches, values);
    CText choice = conditional(*test, values[0], values[1]);
    if (isNamed(id, level))
      return declare(id, choice);
    origins = std::move(*collected);
    return choice;
  });
  if (collected)
    collected->insert(collected->end(), origins.begin(), origins.end());
  return result;
}

CText KernelText::guardBlocks(NodeId id, const std::string &test, std::vector<Block> &branches,
                              ArrayRef<CText> values) {
  std::string name = names.unique(hint(graph[id]));
  // What is read outside may exist there only.
  NodeId outside = graph[id].operands[1];
  bool isPlain = graph[outside].kind == Node::Kind::Constant || find(outside);
  bool hasElse = !branches[1].lines.empty() || !isPlain;
  std::vector<std::string> origins = std::move(*collected);
  collected->clear();
  line(typeOf(id) + " " + name + (hasElse ? "" : " = " + values[1].text) + ";");
  auto assign = [&](size_t branch) {
    branches[branch].lines.push_back({0, name + " = " + values[branch].text + ";", origins});
    blocks.push_back(std::move(branches[branch]));
  };
  assign(0);
  blocks.back().header = "if (" + test + ")";
  close(hasElse ? "} else {" : "}");
  if (hasElse) {
    assign(1);
    for (TextLine &line : blocks.back().lines)
      ++line.indent;
    std::vector<TextLine> lines = std::move(blocks.back().lines);
    blocks.pop_back();
    llvm::append_range(blocks.back().lines, lines);
    line("}");
  }
  return blocks.back().nodes[id] = cuda::name(name);
}
