// Reductions as text: accumulators, loop nests, and combining over a block.
#include "codegen/cuda/KernelText.h"
#include "codegen/cuda/Recorder.h"
#include "codegen/cuda/ScalarText.h"
#include "ir/Origins.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

static bool isArg(StringRef combiner) { return combiner == "arg_max" || combiner == "arg_min"; }

/// The combiner of the device headers for arg-max and arg-min.
static std::string argCombiner(GenericOp generic) {
  std::string name = generic.getCombiner() == "arg_max" ? "ArgMax" : "ArgMin";
  return "heddle::" + std::string(generic.getLast() ? "Last" : "") + name;
}

/// Whether an arg-max compares unsigned integers; its result is an i64 whatever it compares.
static bool readsUnsigned(GenericOp generic) {
  return getElementTypeOrSelf(generic.getInputs()[0]).isUnsignedInteger();
}

/// A value that no element loses against, not even at an equal value.
static CText worstValue(Type compute, bool isMax, bool isUnsigned) {
  if (isa<FloatType>(compute))
    return isMax ? prefix("-", name("heddle::inf")) : name("heddle::inf");
  unsigned width = compute.getIntOrFloatBitWidth();
  APInt bits = isUnsigned ? (isMax ? APInt::getMinValue(width) : APInt::getMaxValue(width))
                          : (isMax ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
  return literal(IntegerAttr::get(compute, bits));
}

/// What a reduction that is no arg-max or arg-min accumulates.
static StringRef accumulatorName(GenericOp generic) {
  static const std::map<StringRef, StringRef> names = {
      {"add", "sum"}, {"mul", "product"}, {"max", "largest"}, {"min", "smallest"}};
  return generic.getName().empty() ? names.at(generic.getCombiner()) : generic.getName();
}

std::string KernelText::declareAccumulator(const Node &reduction) {
  GenericOp generic = reduction.generic;
  StringRef combiner = generic.getCombiner();
  if (!isArg(combiner)) {
    std::string name = names.unique(accumulatorName(generic));
    line(computeName(reduction.type).str() + " " + name + " = " + literal(*generic.getInit()).text + ";");
    return name;
  }
  needsWarp = true;
  Type compute = graph[reduction.operands[0]].type;
  bool isUnsigned = readsUnsigned(generic);
  std::string name = names.unique("best");
  std::string type = (isUnsigned ? unsignedName(compute) : computeName(compute)).str();
  CText worst = worstValue(compute, combiner == "arg_max", isUnsigned);
  line("heddle::Best<" + type + "> " + name + " = {" + (isUnsigned ? cast(type, worst) : worst).text + ", " +
       (generic.getLast() ? "-1" : "9223372036854775807LL") + "};");
  return name;
}

void KernelText::accumulate(const Node &reduction, StringRef name) {
  GenericOp generic = reduction.generic;
  StringRef combiner = generic.getCombiner();
  CText total = cuda::name(name.str());
  NodeId element = reduction.operands[0];
  lineOf([&]() -> std::string {
    if (reduction.finishedBy)
      llvm::append_range(*collected, originsOf(reduction.finishedBy->getLoc()));
    if (isArg(combiner)) {
      CText candidate = value(element);
      if (readsUnsigned(generic))
        candidate = asUnsigned(candidate, graph[element].type);
      CText best = cuda::name("{" + candidate.text + ", " + value(reduction.operands[1]).text + "}");
      return name.str() + " = " + call(argCombiner(generic) + "::combine", {total, best}).text + ";";
    }
    const Node &node = graph[element];
    bool isProduct = combiner == "add" && node.kind == Node::Kind::Op && isa<arith::MulFOp>(node.op) &&
                     !find(element) && uses[element] < 2;
    if (isProduct)
      return name.str() + " = " +
             call("heddle::multiplyAdd", {value(node.operands[0]), value(node.operands[1]), total}).text + ";";
    CText next = value(element);
    if (combiner == "add" && isa<FloatType>(reduction.type))
      return name.str() + " += " + next.text + ";";
    return name.str() + " = " + combinerText(combiner, reduction.type, reduction.isUnsigned, total, next).text + ";";
  });
}

/// Such as `heddle::blockSum<THREADS>(sum)`.
static CText blockReduction(const Node &node, const CText &value) {
  static const std::map<StringRef, StringRef> functions = {
      {"add", "blockSum"}, {"mul", "blockProduct"}, {"max", "blockMax"}, {"min", "blockMin"}};
  GenericOp generic = node.generic;
  StringRef combiner = generic.getCombiner();
  bool readsUnsigned = node.isUnsigned && !node.type.isInteger(1) && (combiner == "max" || combiner == "min");
  return call("heddle::" + functions.at(combiner).str() + "<THREADS>",
              readsUnsigned ? cast(unsignedName(node.type), value) : value);
}

void KernelText::combineBlock(NodeId id, StringRef total) {
  GenericOp generic = graph[id].generic;
  mention("THREADS");
  if (isArg(generic.getCombiner())) {
    line(total.str() + " = heddle::blockReduce<" + argCombiner(generic) + ", THREADS>(" + total.str() + ");");
    return define(id, cuda::name(total.str() + ".index"));
  }
  CText value = cuda::name(total.str());
  line(total.str() + " = " + blockReduction(graph[id], value).text + ";");
  define(id, value);
}

bool KernelText::combinesInOneStep(NodeId id) const { return !isArg(GenericOp(graph[id].generic).getCombiner()); }

void KernelText::combineValues(NodeId id) {
  const Node &node = graph[id];
  std::string total = names.unique(accumulatorName(node.generic));
  mention("THREADS");
  lineOf([&] {
    if (node.finishedBy)
      llvm::append_range(*collected, originsOf(node.finishedBy->getLoc()));
    CText combined = blockReduction(node, value(node.operands[0]));
    return "const " + computeName(node.type).str() + " " + total + " = " + combined.text + ";";
  });
  define(id, cuda::name(total));
}

std::string KernelText::declareKept(NodeId id, StringRef extents) {
  std::string name = names.unique(hint(graph[id]));
  line(computeName(graph[id].type).str() + " " + name + extents.str() + ";");
  return name;
}

void KernelText::assign(NodeId id, std::string place) {
  bool isStatement = graph[id].kind == Node::Kind::Guard || graph[id].kind == Node::Kind::Reduce;
  lineOf([&] { return place + " = " + (isStatement ? value(id) : expression(id)).text + ";"; });
  define(id, cuda::name(std::move(place)));
}

void KernelText::keep(NodeId id) {
  bool isStatement = graph[id].kind == Node::Kind::Guard || graph[id].kind == Node::Kind::Reduce;
  at(blocks.size() - 1, [&] {
    CText text = isStatement ? value(id) : expression(id);
    const CText *known = find(id);
    return known ? *known : declare(id, text);
  });
}

/// A loop nest of its own.
CText KernelText::declareReduce(NodeId id) {
  const Node &node = graph[id];
  return at(levelOf(node.variables), [&] {
    std::string total = declareAccumulator(node);
    Operation *outer = consumer;
    consumer = node.finishedBy ? node.finishedBy : consumer;
    for (const auto &[variable, extent] : node.loops) {
      std::string name = names.unique("k");
      open("for (" + spelling.indexType + " " + name + " = 0; " + name + " < " + size(extent).text + "; ++" + name +
           ")");
      bind(variable, name);
    }
    accumulate(node, total);
    for (size_t depth = 0; depth < node.loops.size(); ++depth)
      close();
    consumer = outer;
    GenericOp generic = node.generic;
    return blocks.back().nodes[id] = cuda::name(total + (isArg(generic.getCombiner()) ? ".index" : ""));
  });
}
