// heddle-verify-code: what must hold at the end of stage code.
#include "compiler/CompilerPasses.h"
#include "compiler/EmitCode.h"
#include "ir/HeddleOps.h"
#include "ir/WeightStore.h"
#include "llvm/Object/ObjectFile.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYCODE
#include "compiler/CompilerPasses.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// Threads of a block on every architecture.
static constexpr int64_t maxBlockThreads = 1024;

static bool isIdentifier(char letter) { return llvm::isAlnum(letter) || letter == '_' || letter == '$'; }

/// True if PTX text has a kernel of this name.
static bool definesEntryOfPtx(StringRef text, StringRef entry) {
  std::string wanted = (".entry " + entry).str();
  for (size_t at = text.find(wanted); at != StringRef::npos; at = text.find(wanted, at + 1))
    if (size_t end = at + wanted.size(); end == text.size() || !isIdentifier(text[end]))
      return true;
  return false;
}

/// True if an object file defines a symbol of this name.
static bool definesSymbol(StringRef bytes, StringRef entry) {
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, entry));
  if (!file) {
    llvm::consumeError(file.takeError());
    return false;
  }
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols()) {
    llvm::Expected<StringRef> name = symbol.getName();
    llvm::Expected<uint32_t> flags = symbol.getFlags();
    bool isEntry = name && flags && *name == entry && !(*flags & llvm::object::SymbolRef::SF_Undefined);
    llvm::consumeError(name.takeError());
    llvm::consumeError(flags.takeError());
    if (isEntry)
      return true;
  }
  return false;
}

namespace {
/// Checks the objects of one module against its kernels.
class CodeVerifier {
public:
  explicit CodeVerifier(ModuleOp module) : module(module) {}

  LogicalResult run();

private:
  LogicalResult checkObject(ObjectOp object);
  LogicalResult checkBytes(ObjectOp object);
  LogicalResult checkSize(ObjectOp object, StringRef what, StringRef text);
  LogicalResult checkGeometry(ObjectOp object);

  ModuleOp module;
  llvm::StringMap<KernelOp> kernels;
  llvm::StringMap<ObjectOp> objects; ///< By kernel.
  llvm::StringMap<ObjectOp> entries;
  std::optional<StringRef> target;
};
} // namespace

LogicalResult CodeVerifier::checkBytes(ObjectOp object) {
  std::optional<WeightStore::Entry> stored = storeOf(module).find(object.getDigest());
  if (!stored)
    return object.emitError() << "the bytes of digest '" << object.getDigest() << "' are not there";
  StringRef bytes(reinterpret_cast<const char *>(stored->bytes.data()), stored->bytes.size());
  bool isPtx = object.getTarget().starts_with("sm_");
  if (isPtx ? definesEntryOfPtx(bytes, object.getEntry()) : definesSymbol(bytes, object.getEntry()))
    return success();
  return object.emitError() << "the code has no entry '" << object.getEntry() << "'";
}

LogicalResult CodeVerifier::checkSize(ObjectOp object, StringRef what, StringRef text) {
  Result<Expr> size = Expr::parse(text);
  assert(size && "the op's verifier has parsed its sizes");
  std::set<std::string> used;
  size->collectSymbols(used);
  for (StringRef symbol : kernels.lookup(object.getKernel()).getSymbols().getAsValueRange<StringAttr>())
    used.erase(symbol.str());
  if (!used.empty())
    return object.emitError() << what << " '" << text << "' mentions '" << *used.begin()
                              << "', which is no symbol of the kernel";
  return success();
}

LogicalResult CodeVerifier::checkGeometry(ObjectOp object) {
  if (failed(checkSize(object, "tasks", object.getTasks())) ||
      failed(checkSize(object, "dynamic_shared", object.getDynamicShared())))
    return failure();
  auto scratch = static_cast<int64_t>(object.getScratch()), shared = static_cast<int64_t>(object.getStaticShared());
  if (scratch < 0 || shared < 0)
    return object.emitError() << "scratch and static_shared are " << scratch << " and " << shared
                              << " bytes, expected no negative size";
  std::optional<DimsAttr> grid = object.getGrid();
  std::optional<ArrayRef<int64_t>> block = object.getBlock();
  if (grid)
    for (const Expr &size : grid->exprs())
      if (failed(checkSize(object, "grid", size.str())))
        return failure();
  int64_t threads = 1;
  for (int64_t size : block.value_or(ArrayRef<int64_t>()))
    threads = size < 1 ? 0 : std::min(threads * std::min(size, maxBlockThreads + 1), maxBlockThreads + 1);
  if (threads < 1 || threads > maxBlockThreads)
    return object.emitError() << "a block has " << (threads < 1 ? "no" : "too many") << " threads, expected 1 to "
                              << maxBlockThreads;
  return success();
}

LogicalResult CodeVerifier::checkObject(ObjectOp object) {
  if (!kernels.count(object.getKernel()))
    return object.emitError() << "there is no kernel @" << object.getKernel();
  if (!objects.try_emplace(object.getKernel(), object).second)
    return object.emitError() << "kernel @" << object.getKernel() << " has more than one object";
  if (!target)
    target = object.getTarget();
  if (*target != object.getTarget())
    return object.emitError() << "object is made for '" << object.getTarget() << "', others for '" << *target << "'";
  if (auto [other, isNew] = entries.try_emplace(object.getEntry(), object); !isNew)
    return object.emitError() << "entry '" << object.getEntry() << "' is that of kernel @" << other->second.getKernel()
                              << " too";
  return failed(checkGeometry(object)) ? failure() : checkBytes(object);
}

LogicalResult CodeVerifier::run() {
  for (auto kernel : module.getOps<KernelOp>())
    kernels[kernel.getSymName()] = kernel;
  for (auto object : module.getOps<ObjectOp>())
    if (failed(checkObject(object)))
      return failure();
  for (auto kernel : module.getOps<KernelOp>())
    if (!objects.count(kernel.getSymName()))
      return kernel.emitError("kernel has no heddle.object");
  return success();
}

namespace {
struct VerifyCode final : heddle::impl::VerifyCodeBase<VerifyCode> {
  void runOnOperation() override {
    if (failed(CodeVerifier(getOperation()).run()))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
