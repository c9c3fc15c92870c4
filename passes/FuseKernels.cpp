// heddle-fuse-kernels: outlines each fusion group as a kernel in its own symbols, and launches it.
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "passes/FusionGroups.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_FUSEKERNELS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
using SymbolMap = std::map<std::string, Expr, std::less<>>;

/// A constant that is cheaper as part of the kernel's text than as an argument.
bool belongsInKernel(Operation *op) {
  if (isa<SizesOp>(op))
    return true;
  auto constant = dyn_cast_or_null<ConstantOp>(op);
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  return dense && dense.isSplat();
}

/// What becomes of one group.
class Outliner {
public:
  Outliner(ModuleOp module, SymbolTable &symbols) : module(module), symbolTable(symbols) {}

  void outline(const FusionGroup &group);

private:
  void collectBorder(const FusionGroup &group);
  void nameSymbols(const FusionGroup &group);
  KernelOp makeKernel(const FusionGroup &group);
  std::string kernelName(const FusionGroup &group) const;

  ModuleOp module;
  SymbolTable &symbolTable;
  SetVector<Value> inputs, outputs;
  SetVector<Operation *> cloned; ///< Constants that the kernel holds a copy of.
  std::vector<std::string> outerSymbols, kernelSymbols;
  SymbolMap toKernel; ///< Outer symbol -> kernel symbol.
};

/// Symbols of all types and size lists of an op, in order of appearance.
void visitSizes(Operation *op, function_ref<void(const Expr &)> visit) {
  auto visitType = [&](Type type) {
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && tensor.getEncoding())
      llvm::for_each(shapeOf(tensor), visit);
  };
  llvm::for_each(op->getOperandTypes(), visitType);
  llvm::for_each(op->getResultTypes(), visitType);
  for (NamedAttribute attr : op->getAttrs())
    if (auto dims = dyn_cast<DimsAttr>(attr.getValue()))
      llvm::for_each(dims.exprs(), visit);
}
} // namespace

void Outliner::collectBorder(const FusionGroup &group) {
  SmallPtrSet<Operation *, 16> members(group.ops.begin(), group.ops.end());
  for (Operation *op : group.ops) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (members.contains(producer))
        continue;
      if (producer && belongsInKernel(producer))
        cloned.insert(producer);
      else
        inputs.insert(operand);
    }
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !members.contains(user); }))
        outputs.insert(result);
  }
}

/// The kernel's names keep the order of the caller's names: the order of expressions, and with it every type that
/// inference picks from two equal sizes, stays what it was.
void Outliner::nameSymbols(const FusionGroup &group) {
  std::set<std::string> names;
  auto visit = [&](const Expr &size) { size.collectSymbols(names); };
  for (Operation *op : cloned)
    visitSizes(op, visit);
  for (Operation *op : group.ops)
    visitSizes(op, visit);
  size_t width = std::to_string(names.empty() ? 0 : names.size() - 1).size();
  for (const std::string &name : names) {
    std::string number = std::to_string(outerSymbols.size());
    kernelSymbols.push_back("s" + std::string(width - number.size(), '0') + number);
    toKernel[name] = Expr::symbol(kernelSymbols.back());
    outerSymbols.push_back(name);
  }
}

/// ONNX name of an op without its folders, in letters that every tool takes.
static std::string mangledName(Operation *op) {
  std::string name;
  op->getLoc()->walk([&](Location loc) {
    if (auto named = dyn_cast<NameLoc>(loc)) {
      name = named.getName().str();
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  for (char &letter : name)
    if (!llvm::isAlnum(letter))
      letter = '_';
  StringRef trimmed = StringRef(name).trim('_');
  return trimmed.take_back(40).ltrim('_').str();
}

/// The ONNX name of the group's main op, then what it does: `fc1_Gemm_matmul_add_relu`.
std::string Outliner::kernelName(const FusionGroup &group) const {
  auto isMain = [](Operation *op) {
    return fusionKind(op) == FusionKind::Anchor || fusionKind(op) == FusionKind::Reduction;
  };
  auto main = llvm::find_if(group.ops, isMain);
  std::string name = mangledName(main == group.ops.end() ? group.ops.back() : *main);
  if (name.empty() || llvm::isDigit(name[0]))
    name = "k" + (name.empty() ? "" : "_" + name);
  size_t shown = 0;
  for (Operation *op : group.ops) {
    if (shown++ == 4)
      break;
    name += "_" + op->getName().stripDialect().str();
  }
  return name;
}

KernelOp Outliner::makeKernel(const FusionGroup &group) {
  MLIRContext *context = module.getContext();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  AttrTypeReplacer rename;
  rename.addReplacement([&](RankedTensorType type) { return std::optional(substituteSymbols(type, toKernel)); });
  rename.addReplacement([&](DimsAttr dims) -> std::optional<Attribute> {
    Shape exprs = dims.exprs();
    for (Expr &expr : exprs)
      expr = expr.substitute(toKernel);
    return DimsAttr::get(context, exprs);
  });
  SmallVector<Type> inputTypes, outputTypes;
  for (Value input : inputs)
    inputTypes.push_back(rename.replace(input.getType()));
  for (Value output : outputs)
    outputTypes.push_back(rename.replace(output.getType()));
  SmallVector<StringRef> symbols(kernelSymbols.begin(), kernelSymbols.end());
  SmallVector<Location> locations;
  for (Operation *op : group.ops)
    locations.push_back(op->getLoc());
  auto kernel = KernelOp::create(builder, FusedLoc::get(context, locations), kernelName(group),
                                 FunctionType::get(context, inputTypes, outputTypes), builder.getStrArrayAttr(symbols),
                                 /*schedule=*/Attribute(), /*arg_attrs=*/ArrayAttr(), /*res_attrs=*/ArrayAttr());
  Block *body = builder.createBlock(&kernel.getBody());
  IRMapping mapping;
  for (auto [input, type] : llvm::zip(inputs, inputTypes))
    mapping.map(input, body->addArgument(type, input.getLoc()));
  auto copy = [&](Operation *op) {
    rename.recursivelyReplaceElementsIn(builder.clone(*op, mapping), true, false, true);
  };
  llvm::for_each(cloned, copy);
  llvm::for_each(group.ops, copy);
  SmallVector<Value> results;
  for (Value output : outputs)
    results.push_back(mapping.lookup(output));
  ReturnOp::create(builder, kernel.getLoc(), results);
  symbolTable.insert(kernel);
  return kernel;
}

void Outliner::outline(const FusionGroup &group) {
  collectBorder(group);
  nameSymbols(group);
  KernelOp kernel = makeKernel(group);
  Operation *root = group.ops.back();
  OpBuilder builder(root);
  Shape sizes;
  for (const std::string &name : outerSymbols)
    sizes.push_back(Expr::symbol(name));
  SmallVector<Type> types = llvm::map_to_vector(outputs, [](Value output) { return output.getType(); });
  auto launch = LaunchOp::create(builder, kernel.getLoc(), types, SymbolRefAttr::get(kernel),
                                 DimsAttr::get(module.getContext(), sizes), inputs.getArrayRef());
  for (auto [output, result] : llvm::zip(outputs, launch.getResults()))
    Value(output).replaceAllUsesWith(result);
  for (Operation *op : llvm::reverse(group.ops))
    op->erase();
}

namespace {
struct FuseKernels final : heddle::impl::FuseKernelsBase<FuseKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    int64_t kernels = 0;
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      function.walk([&](Block *block) { kernels += fuseBlock(module, symbols, *block); });
    remark::passed(module.getLoc(), remark::RemarkOpts::name("fusion").category("heddle.kernels"))
        << remark::metric("kernels", kernels);
  }

  /// \returns how many kernels it has made.
  int64_t fuseBlock(ModuleOp module, SymbolTable &symbols, Block &block) {
    auto refuse = [](Operation *producer, StringRef rule) {
      remark::missed(producer->getLoc(), remark::RemarkOpts::name("fusion").category("heddle.fusion"))
          << remark::reason("rule {0}", rule);
    };
    std::vector<FusionGroup> groups = formGroups(block, refuse);
    for (const FusionGroup &group : groups)
      Outliner(module, symbols).outline(group);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
    return static_cast<int64_t>(groups.size());
  }
};
} // namespace
