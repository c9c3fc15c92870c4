// heddle-place-parts: the parts of concatenations are written where they belong, slices read where they are.
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"
#include "llvm/ADT/SmallBitVector.h"

namespace heddle {
#define GEN_PASS_DEF_PLACEPARTS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// Elements that a part with gaps must have in one piece: shorter rows cost their maker more than the copy does.
static constexpr int64_t minRun = 16;

namespace {
using SymbolMap = std::map<std::string, Expr, std::less<>>;

/// Where the maker of a part can write it.
struct Placement {
  OpResult value; ///< Of a launch.
  std::vector<Expr> strides;

  Shape shape() const { return shapeOf(value.getType()); }
  bool hasGaps() const { return strides != denseStrides(shape()); }
  LaunchOp maker() const { return cast<LaunchOp>(value.getOwner()); }
};

class PartPlacer {
public:
  PartPlacer(ModuleOp module, bool mayHaveGaps);

  void run(func::FuncOp function);

  int64_t partCount() const { return parts; }
  int64_t sliceCount() const { return slices; }

private:
  StringRef whyNotGaps(const Placement &placement);
  StringRef whyNot(LaunchOp launch, Value part, ArrayRef<Expr> strides, Placement &placement);
  void store(const Placement &placement);
  void placeParts(LaunchOp launch);
  LaunchOp makeOthers(LaunchOp launch, ConcatOp concat, const llvm::SmallBitVector &isPlaced);
  void placeSlice(LaunchOp launch);
  KernelOp kernelOf(LaunchOp launch) { return symbols.lookup<KernelOp>(launch.getKernel()); }
  bool isOnlyLaunch(LaunchOp launch) { return launches[launch.getKernelAttr().getAttr()] == 1; }
  void refuse(Operation *op, StringRef rule) const;

  SymbolTable symbols;
  bool mayHaveGaps;
  DenseMap<StringAttr, int> launches; ///< Of each kernel.
  std::set<std::string> inputSymbols;
  DenseMap<Value, std::vector<Expr>> placed; ///< Strides of the values that are written in place.
  int64_t parts = 0, slices = 0;
};
} // namespace

PartPlacer::PartPlacer(ModuleOp module, bool mayHaveGaps) : symbols(module), mayHaveGaps(mayHaveGaps) {
  module.walk([&](LaunchOp launch) { ++launches[launch.getKernelAttr().getAttr()]; });
}

void PartPlacer::refuse(Operation *op, StringRef rule) const {
  remark::missed(op->getLoc(), remark::RemarkOpts::name("place-parts").category("heddle.kernels"))
      << remark::reason("rule {0}", rule);
}

static void collectSymbols(ArrayRef<Expr> sizes, std::set<std::string> &symbols) {
  for (const Expr &size : sizes)
    size.collectSymbols(symbols);
}

/// Values of the kernel's symbols at the launch.
static SymbolMap toCaller(KernelOp kernel, LaunchOp launch) {
  SymbolMap values;
  for (auto [name, size] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), launch.getSizes().exprs()))
    values[name.str()] = size;
  return values;
}

/// The kernel's names of the caller's symbols that it gets as they are.
static SymbolMap toKernel(KernelOp kernel, LaunchOp launch) {
  SymbolMap names;
  for (const auto &[name, size] : toCaller(kernel, launch))
    if (!size.symbolName().empty())
      names[std::string(size.symbolName())] = Expr::symbol(name);
  return names;
}

static DimsAttr substituted(MLIRContext *context, ArrayRef<Expr> exprs, const SymbolMap &values) {
  Shape result;
  for (const Expr &expr : exprs)
    result.push_back(expr.substitute(values));
  return DimsAttr::get(context, result);
}

/// The id of the rule that keeps a part from being stored with gaps; empty if there is none.
StringRef PartPlacer::whyNotGaps(const Placement &placement) {
  if (!mayHaveGaps)
    return "gaps";
  Shape shape = placement.shape();
  Expr run(1);
  for (size_t dim = shape.size(); dim-- > 0 && placement.strides[dim] == run;)
    run = run * shape[dim];
  if (run.literal().value_or(0) < minRun)
    return "short-rows";
  SymbolMap names = toKernel(kernelOf(placement.maker()), placement.maker());
  std::set<std::string> used;
  collectSymbols(placement.strides, used);
  return llvm::all_of(used, [&](const std::string &symbol) { return names.count(symbol); }) ? "" : "sizes";
}

/// Fills `placement` for a part that lies at `strides`; else the id of the rule that keeps its maker from writing it.
StringRef PartPlacer::whyNot(LaunchOp launch, Value part, ArrayRef<Expr> strides, Placement &placement) {
  Value root = part;
  for (auto reshape = root.getDefiningOp<ReshapeOp>(); reshape && root.hasOneUse();
       reshape = root.getDefiningOp<ReshapeOp>())
    root = reshape.getX();
  if (!root.hasOneUse())
    return "other-users";
  auto maker = root.getDefiningOp<LaunchOp>();
  if (!maker || maker->getBlock() != launch->getBlock())
    return "no-launch";
  if (!isOnlyLaunch(maker))
    return "shared-kernel";
  Shape shape = shapeOf(root.getType());
  std::optional<std::vector<Expr>> own = partStrides(shapeOf(part.getType()), strides, shape);
  if (!own)
    return "reshape";
  // The whole begins to live where its first part is made: its size must be known there.
  std::set<std::string> known = inputSymbols, used;
  collectSymbols(shape, known);
  collectSymbols(shapeOf(launch.getResult(0).getType()), used);
  if (!llvm::all_of(used, [&](const std::string &symbol) { return known.count(symbol); }))
    return "sizes";
  placement = {cast<OpResult>(root), std::move(*own)};
  return placement.hasGaps() ? whyNotGaps(placement) : "";
}

void PartPlacer::store(const Placement &placement) {
  ++parts;
  placed[placement.value] = placement.strides;
  if (!placement.hasGaps())
    return;
  KernelOp kernel = kernelOf(placement.maker());
  kernel.setResultAttr(placement.value.getResultNumber(), stridesAttrName,
                       substituted(kernel.getContext(), placement.strides, toKernel(kernel, placement.maker())));
}

/// The concatenation that is the kernel's only result; null if there is none.
static ConcatOp returnedConcat(KernelOp kernel) {
  auto terminator = cast<heddle::ReturnOp>(kernel.getBody().front().getTerminator());
  ConcatOp concat =
      terminator.getValues().size() == 1 ? terminator.getValues().front().getDefiningOp<ConcatOp>() : ConcatOp();
  return concat && concat->hasOneUse() ? concat : ConcatOp();
}

/// y = launch @concat(a, b, c) -> c' = launch @rest(c); y = concat(a, b, c')   [a and b are written in place]
void PartPlacer::placeParts(LaunchOp launch) {
  ConcatOp concat = returnedConcat(kernelOf(launch));
  if (!concat || !isOnlyLaunch(launch))
    return;
  Value whole = launch.getResult(0);
  auto known = placed.find(whole);
  std::vector<Expr> strides = known == placed.end() ? denseStrides(shapeOf(whole.getType())) : known->second;
  llvm::SmallBitVector isPlaced(concat.getParts().size());
  SmallVector<Value> values(concat.getParts().size());
  for (auto [index, part] : llvm::enumerate(concat.getParts())) {
    auto argument = dyn_cast<BlockArgument>(part);
    if (!argument || !argument.hasOneUse())
      continue;
    values[index] = launch.getInputs()[argument.getArgNumber()];
    Placement placement;
    StringRef rule = whyNot(launch, values[index], strides, placement);
    if (!rule.empty()) {
      refuse(concat, rule);
      continue;
    }
    store(placement);
    isPlaced.set(index);
  }
  if (isPlaced.none())
    return;
  int64_t axis = concat.getAxis();
  Location loc = concat.getLoc();
  OpBuilder builder(launch);
  unsigned next = 0;
  LaunchOp others = isPlaced.all() ? LaunchOp() : makeOthers(launch, concat, isPlaced);
  for (unsigned index = 0; index < values.size(); ++index)
    if (!isPlaced.test(index))
      values[index] = others.getResult(next++);
  whole.replaceAllUsesWith(ConcatOp::create(builder, loc, whole.getType(), values, axis));
  if (!others)
    symbols.erase(kernelOf(launch));
  launch.erase();
}

/// Turns a kernel that concatenates into one that makes the parts which nothing else writes, each as a result.
LaunchOp PartPlacer::makeOthers(LaunchOp launch, ConcatOp concat, const llvm::SmallBitVector &isPlaced) {
  KernelOp kernel = kernelOf(launch);
  std::vector<Expr> strides = storedStrides(kernel, 0);
  SymbolMap values = toCaller(kernel, launch);
  SmallVector<Value> made;
  for (auto [index, part] : llvm::enumerate(concat.getParts()))
    if (!isPlaced.test(index))
      made.push_back(part);
  SmallVector<Type> types = llvm::map_to_vector(made, [](Value part) { return part.getType(); });
  SmallVector<Type> resultTypes =
      llvm::map_to_vector(types, [&](Type type) { return substituteSymbols(type, values); });
  Block &body = kernel.getBody().front();
  body.getTerminator()->setOperands(made);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
  kernel.removeResAttrsAttr();
  kernel.setFunctionTypeAttr(TypeAttr::get(FunctionType::get(kernel.getContext(), kernel.getArgumentTypes(), types)));
  for (auto [index, type] : llvm::enumerate(types)) {
    Shape shape = shapeOf(type);
    std::vector<Expr> own = *partStrides(shape, strides, shape);
    if (own != denseStrides(shape))
      kernel.setResultAttr(index, stridesAttrName, DimsAttr::get(kernel.getContext(), own));
  }
  SmallVector<Value> inputs;
  BitVector unused(kernel.getArgumentTypes().size());
  for (auto [argument, input] : llvm::zip(body.getArguments(), launch.getInputs()))
    if (argument.use_empty())
      unused.set(argument.getArgNumber());
    else
      inputs.push_back(input);
  [[maybe_unused]] LogicalResult erased = kernel.eraseArguments(unused);
  assert(succeeded(erased) && "a kernel's type is a plain function type");
  OpBuilder builder(launch);
  return LaunchOp::create(builder, launch.getLoc(), resultTypes, launch.getKernelAttr(), launch.getSizesAttr(), inputs);
}

/// The movement that is all of a kernel: reshapes of the argument around one slice that leaves no gaps. Last op first.
static std::optional<SmallVector<Operation *>> contiguousSlice(KernelOp kernel) {
  Block &body = kernel.getBody().front();
  SmallVector<Operation *> chain;
  for (Operation &op : llvm::reverse(body.without_terminator()))
    chain.push_back(&op);
  bool isMovement = llvm::all_of(chain, [](Operation *op) { return isa<ReshapeOp, SliceOp>(op); });
  if (kernel.getNumArguments() != 1 || kernel.getNumResults() != 1 || !isMovement ||
      llvm::count_if(chain, llvm::IsaPred<SliceOp>) != 1)
    return std::nullopt;
  auto slice = cast<SliceOp>(*llvm::find_if(chain, llvm::IsaPred<SliceOp>));
  return isContiguous(slice) ? std::optional(chain) : std::nullopt;
}

/// y = launch @slice(x) -> y = slice(x)   [all users of y are launches, which read it where it is]
void PartPlacer::placeSlice(LaunchOp launch) {
  KernelOp kernel = kernelOf(launch);
  std::optional<SmallVector<Operation *>> chain = contiguousSlice(kernel);
  if (!chain || !isOnlyLaunch(launch) || placed.contains(launch.getResult(0)))
    return;
  SmallVector<Value> views = {launch.getResult(0)};
  while (!views.empty())
    for (Operation *user : views.pop_back_val().getUsers()) {
      if (isa<ReshapeOp>(user))
        views.push_back(user->getResult(0));
      else if (!isa<LaunchOp>(user))
        return refuse(launch, "no-launch");
    }
  SymbolMap values = toCaller(kernel, launch);
  AttrTypeReplacer rename;
  rename.addReplacement([&](RankedTensorType type) { return std::optional(substituteSymbols(type, values)); });
  rename.addReplacement([&](DimsAttr dims) -> std::optional<Attribute> {
    return substituted(kernel.getContext(), dims.exprs(), values);
  });
  OpBuilder builder(launch);
  IRMapping mapping;
  mapping.map(kernel.getBody().getArgument(0), launch.getInputs().front());
  Operation *last = nullptr;
  for (Operation *op : llvm::reverse(*chain)) {
    last = builder.clone(*op, mapping);
    rename.recursivelyReplaceElementsIn(last, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
  }
  launch.getResult(0).replaceAllUsesWith(last->getResult(0));
  symbols.erase(kernel);
  launch.erase();
  ++slices;
}

void PartPlacer::run(func::FuncOp function) {
  inputSymbols.clear();
  for (Type type : function.getArgumentTypes())
    if (isa<RankedTensorType>(type))
      collectSymbols(shapeOf(type), inputSymbols);
  SmallVector<LaunchOp> all;
  function.walk([&](LaunchOp launch) { all.push_back(launch); });
  // The last first: a concatenation may be a part of another one.
  for (LaunchOp launch : llvm::reverse(all)) {
    if (returnedConcat(kernelOf(launch)))
      placeParts(launch);
    else
      placeSlice(launch);
  }
}

namespace {
struct PlaceParts final : heddle::impl::PlacePartsBase<PlaceParts> {
  using Base::Base;
  void runOnOperation() override {
    PartPlacer placer(getOperation(), vectorBytes != 0);
    for (auto function : getOperation().getOps<func::FuncOp>())
      placer.run(function);
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("place-parts").category("heddle.kernels"))
        << remark::metric("parts", placer.partCount()) << remark::metric("slices", placer.sliceCount());
  }
};
} // namespace
