// Implements the translation of plan ops to runtime/format/Plan.
#include "compiler/PlanTranslation.h"
#include "ir/HostAttributes.h"
#include "ir/Origins.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"

using namespace mlir;
using namespace heddle;

namespace {
class Translator {
public:
  Translator(ModuleOp module, Program &program, Variant &variant)
      : module(module), program(program), variant(variant) {}

  void run();

private:
  void addKernels();
  void addPlace(PlaceOp place);
  void addPort(PlaceOp place);
  int64_t addWeight(PlaceOp place);
  heddle::Region translate(Block &block);
  Step translate(Operation *op);
  Launch translate(RunOp run);
  HostCall translate(HostRunOp run);
  SetSymbol translate(DefineSymbolOp define);
  If translate(BranchOp branch);
  Loop translate(RepeatOp repeat);
  Operand operand(Value value) const;
  std::vector<Operand> operands(ValueRange values) const;
  std::map<std::string, Expr, std::less<>> kernelSymbols(RunOp run) const;
  void addGuard(const Expr &guard);

  ModuleOp module;
  Program &program;
  Variant &variant;
  DenseMap<Value, int64_t> placeIndex;
  llvm::StringMap<int64_t> kernelIndex;
  llvm::StringMap<ObjectOp> objects;
  std::set<std::string> computed;                                     ///< Symbols that the run defines.
  std::map<std::pair<std::string, std::string>, int64_t> weightIndex; ///< (digest, transform)
};

Expr parsed(StringRef text) {
  Result<Expr> expr = Expr::parse(text);
  assert(expr.isOk() && "the verifier has checked size expressions");
  return *expr;
}
} // namespace

void Translator::addKernels() {
  for (auto object : module.getOps<ObjectOp>())
    objects[object.getKernel()] = object;
  for (auto kernel : module.getOps<KernelOp>()) {
    Kernel record;
    record.name = kernel.getSymName().str();
    for (StringRef symbol : kernel.getSymbols().getAsValueRange<StringAttr>())
      record.symbols.push_back(symbol.str());
    if (ObjectOp object = objects.lookup(record.name)) {
      record.entry = object.getEntry().str();
      record.scratchBytes = object.getScratch();
      record.staticSharedBytes = object.getStaticShared();
      for (StringRef message : object.getChecks().getAsValueRange<StringAttr>())
        record.checks.push_back({message.str()});
      if (std::optional<ArrayRef<int64_t>> block = object.getBlock())
        llvm::copy(*block, record.block.begin());
      for (NamedAttribute line : object.getLines().value_or(DictionaryAttr::get(module.getContext())))
        record.lines.emplace_back(std::stoll(line.getName().str().substr(1)), cast<StringAttr>(line.getValue()).str());
      llvm::sort(record.lines);
    }
    kernelIndex[record.name] = variant.kernels.size();
    variant.kernels.push_back(std::move(record));
  }
}

void Translator::addPort(PlaceOp place) {
  bool isInput = place.getKind() == PlaceKindAttrValue::Input;
  std::vector<Port> &ports = isInput ? program.inputs : program.outputs;
  ports.resize(std::max<size_t>(ports.size(), place.getIndex() + 1));
  ports[place.getIndex()] = {place.getName()->str(), *dtypeOf(place.getType()), shapeOf(place.getType())};
}

/// The bytes of a dense constant as they lie in memory: one byte at least per element.
static std::vector<std::byte> bytesOf(DenseElementsAttr dense) {
  std::vector<std::byte> bytes;
  size_t count = dense.getNumElements();
  if (dense.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(std::byte(value));
    return bytes;
  }
  if (auto integer = dyn_cast<IntegerType>(dense.getElementType()); integer && integer.getWidth() < 8) {
    for (const APInt &value : dense.getValues<APInt>())
      bytes.push_back(std::byte(integer.isUnsigned() ? value.getZExtValue() : value.getSExtValue()));
    return bytes;
  }
  ArrayRef<char> raw = dense.getRawData();
  auto *first = reinterpret_cast<const std::byte *>(raw.data());
  for (size_t copy = 0, copies = dense.isSplat() ? count : 1; copy < copies; ++copy)
    bytes.insert(bytes.end(), first, first + raw.size());
  return bytes;
}

int64_t Translator::addWeight(PlaceOp place) {
  auto type = cast<RankedTensorType>(place.getType());
  Weight weight;
  weight.type = *dtypeOf(type);
  weight.shape.assign(type.getShape().begin(), type.getShape().end());
  weight.name = originText(place.getLoc());
  if (auto reference = dyn_cast<WeightAttr>(*place.getValue())) {
    weight.digest = reference.getDigest().str();
    weight.transform = reference.getTransform().str();
  } else {
    auto bytes = std::make_shared<std::vector<std::byte>>(bytesOf(cast<DenseElementsAttr>(*place.getValue())));
    WeightStore &store = module.getContext()->getLoadedDialect<HeddleDialect>()->weights();
    weight.digest = store.add({weight.type, weight.shape, *bytes, bytes, weight.name});
  }
  auto [found, isNew] = weightIndex.try_emplace({weight.digest, weight.transform}, program.weights.size());
  if (isNew)
    program.weights.push_back(std::move(weight));
  return found->second;
}

void Translator::addPlace(PlaceOp op) {
  Place place;
  switch (op.getKind()) {
  case PlaceKindAttrValue::Input:
    place.kind = PlaceKind::Input;
    break;
  case PlaceKindAttrValue::Output:
    place.kind = PlaceKind::Output;
    break;
  case PlaceKindAttrValue::Arena:
    place.kind = PlaceKind::Arena;
    break;
  case PlaceKindAttrValue::Weight:
    place.kind = PlaceKind::Weight;
    break;
  case PlaceKindAttrValue::Runtime:
    place.kind = PlaceKind::Runtime;
    break;
  }
  if (place.kind == PlaceKind::Input || place.kind == PlaceKind::Output) {
    addPort(op);
    place.index = op.getIndex();
  } else if (place.kind == PlaceKind::Weight) {
    place.index = addWeight(op);
  } else if (place.kind == PlaceKind::Arena) {
    place.bytes = parsed(*op.getBytes());
    place.first = (*op.getInterval())[0];
    place.last = (*op.getInterval())[1];
    place.epoch = op.getEpoch();
  }
  placeIndex[op.getY()] = variant.plan.places.size();
  variant.plan.places.push_back(std::move(place));
}

Operand Translator::operand(Value value) const {
  Operand result;
  if (!value)
    return result;
  result.type = *dtypeOf(value.getType());
  result.shape = shapeOf(value.getType());
  if (auto part = value.getDefiningOp<PartOp>(); part && part.getStrides().exprs() != denseStrides(result.shape))
    result.strides = part.getStrides().exprs();
  for (Operation *op = value.getDefiningOp(); isa<ViewOp, PartOp>(op); op = value.getDefiningOp()) {
    if (auto part = dyn_cast<PartOp>(op))
      result.byteOffset = result.byteOffset + parsed(part.getOffset()) * byteWidth(result.type);
    value = op->getOperand(0);
  }
  result.place = placeIndex.lookup(value);
  return result;
}

std::vector<Operand> Translator::operands(ValueRange values) const {
  std::vector<Operand> result;
  for (Value value : values)
    result.push_back(operand(value));
  return result;
}

std::map<std::string, Expr, std::less<>> Translator::kernelSymbols(RunOp run) const {
  std::map<std::string, Expr, std::less<>> values;
  const Kernel &kernel = variant.kernels[kernelIndex.lookup(run.getKernel())];
  for (auto [name, value] : llvm::zip(kernel.symbols, run.getSizes().exprs()))
    values[name] = value;
  return values;
}

/// Makes what a launch needs a guard of the variant. A guard is evaluated at entry: sizes that the run computes are
/// bounded by the memory of the values that have them.
void Translator::addGuard(const Expr &guard) {
  std::set<std::string> symbols;
  guard.collectSymbols(symbols);
  bool isKnownAtEntry = llvm::none_of(symbols, [&](const std::string &name) { return computed.count(name); });
  if (isKnownAtEntry && !guard.isLiteral(1) && !llvm::is_contained(variant.guards, guard))
    variant.guards.push_back(guard);
}

Launch Translator::translate(RunOp run) {
  Launch launch;
  launch.kernel = kernelIndex.lookup(run.getKernel());
  launch.inputs = operands(run.getInputs());
  launch.results = operands(run.getOutputs());
  launch.sizes = run.getSizes().exprs();
  if (ObjectOp object = objects.lookup(run.getKernel())) {
    auto values = kernelSymbols(run);
    launch.tasks = parsed(object.getTasks()).substitute(values);
    launch.dynamicSharedBytes = parsed(object.getDynamicShared()).substitute(values);
    if (std::optional<DimsAttr> grid = object.getGrid())
      for (auto [index, expr] : llvm::enumerate(grid->exprs()))
        launch.grid[index] = expr.substitute(values);
    if (std::optional<DimsAttr> guards = object.getGuards())
      for (const Expr &guard : guards->exprs())
        addGuard(guard.substitute(values));
  }
  return launch;
}

HostCall Translator::translate(HostRunOp run) {
  HostCall call;
  call.function = run.getFunction().str();
  call.version = run.getVersion();
  call.attrs = hostAttributes(run.getAttrsAttr());
  call.inputs = operands(run.getInputs());
  call.results = operands(run.getOutputs());
  return call;
}

SetSymbol Translator::translate(DefineSymbolOp define) {
  SetSymbol set;
  set.symbol = define.getSymbol().str();
  set.source = static_cast<SetSymbol::Source>(define.getSource());
  set.index = define.getIndex();
  set.operand = operand(define.getX());
  set.value = parsed(define.getValue());
  return set;
}

If Translator::translate(BranchOp branch) {
  If step;
  step.condition = operand(branch.getCondition());
  step.thenRegion = translate(branch.getThenRegion().front());
  step.elseRegion = translate(branch.getElseRegion().front());
  return step;
}

Loop Translator::translate(RepeatOp repeat) {
  Loop loop;
  loop.tripCount = operand(repeat.getTripCount());
  loop.condition = operand(repeat.getCondition());
  loop.iteration = operand(repeat.getIteration());
  loop.nextCondition = operand(repeat.getNextCondition());
  for (auto [init, in, out, result] :
       llvm::zip(repeat.getInitial(), repeat.getCurrent(), repeat.getNext(), repeat.getFinals()))
    loop.carried.push_back({operand(init), operand(in), operand(out), operand(result)});
  for (auto [element, result] : llvm::zip(repeat.getElements(), repeat.getStacked()))
    loop.stacked.push_back({operand(element), operand(result)});
  loop.body = translate(repeat.getBody().front());
  return loop;
}

Step Translator::translate(Operation *op) {
  Step step;
  step.origin = originText(op->getLoc());
  llvm::TypeSwitch<Operation *>(op)
      .Case<RunOp, HostRunOp, DefineSymbolOp, BranchOp, RepeatOp>([&](auto typed) { step.action = translate(typed); })
      .Case<FailOp>([&](FailOp fail) {
        step.action = Fail{fail.getMessage().str(), fail.getSizes() ? fail.getSizes()->exprs() : std::vector<Expr>()};
      })
      .Default([](Operation *) { llvm_unreachable("a plan holds places, views and steps"); });
  return step;
}

heddle::Region Translator::translate(Block &block) {
  heddle::Region region;
  for (Operation &op : block)
    if (!isa<PlaceOp, ViewOp, PartOp>(op))
      region.steps.push_back(translate(&op));
  return region;
}

void Translator::run() {
  addKernels();
  auto plan = *module.getOps<PlanOp>().begin();
  for (auto place : plan.getOps<PlaceOp>())
    addPlace(place);
  variant.guards = plan.getGuards().exprs();
  plan.walk([&](DefineSymbolOp define) { computed.insert(define.getSymbol().str()); });
  variant.plan.body = translate(plan.getBody().front());
}

Program heddle::translatePlan(ModuleOp module, StringRef device, StringRef target) {
  Program program;
  if (auto name = module->getAttrOfType<StringAttr>("heddle.model"))
    program.modelName = name.str();
  auto variant = std::make_shared<Variant>();
  variant->device = device.str();
  variant->target = target.str();
  Translator(module, program, *variant).run();
  program.variants.push_back(std::move(variant));
  return program;
}
