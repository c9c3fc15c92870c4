// Decodes parsed kernels by the opcode table.
#include "runtime/sim/OpcodeTable.h"
#include "runtime/sim/OperandBinder.h"
#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>

namespace heddle::sim {
namespace {

class Decoder {
public:
  Decoder(Kernel &kernel, const VariableAddresses &variables)
      : kernel(kernel), function(*kernel.function), binder(kernel, variables) {}
  Status run();

private:
  Status decode(uint32_t index);
  Status unknownOpcode(const PtxInst &source) const;
  bool tryRow(const OpcodeRow &row, const Modifiers &modifiers, const PtxInst &source, Inst &inst);
  void append(Inst inst, RegisterUse use, size_t firstOperand);
  void appendNegations(uint32_t place);
  void resolveTargets();
  void addSuccessors();
  void noteAccess(const Inst &inst);
  void decideBlockOrder();
  Status located(Code code, const PtxInst &source, const std::string &what) const {
    return Status(code, "ptx line " + std::to_string(source.ptxLine) + ": " + what);
  }

  Kernel &kernel;
  const PtxFunction &function;
  OperandBinder binder;
  RegisterUse use;
  std::vector<RegisterUse> uses;
  std::vector<size_t> firstOperands;
  std::vector<uint32_t> codeIndex; ///< Of each PTX instruction, and of the end.
  std::unordered_map<std::string_view, std::vector<const OpcodeRow *>> rowsByMnemonic;
};

Status Decoder::run() {
  for (const OpcodeRow &row : opcodeTable())
    rowsByMnemonic[row.mnemonic].push_back(&row);
  for (uint32_t i = 0; i < function.insts.size(); ++i) {
    codeIndex.push_back(static_cast<uint32_t>(kernel.code.size()));
    HEDDLE_RETURN_IF_ERROR(decode(i));
  }
  codeIndex.push_back(static_cast<uint32_t>(kernel.code.size()));
  Inst end; // A kernel whose last instruction falls through ends as if by `exit`.
  end.flow = Flow::Exit;
  end.place = function.insts.empty() ? 0 : static_cast<uint32_t>(function.insts.size() - 1);
  append(end, {}, kernel.operands.size());
  resolveTargets();
  addSuccessors();
  decideBlockOrder();
  FrameLayout layout = layOutFrame(uses, binder.registerBytes(), binder.specials());
  binder.finish(layout);
  for (size_t i = 0; i < kernel.code.size(); ++i) {
    kernel.code[i].op = kernel.operands.data() + firstOperands[i];
    if (kernel.code[i].guard != noOperand)
      kernel.code[i].guard = layout.offsets[kernel.code[i].guard];
  }
  return Status::ok();
}

bool Decoder::tryRow(const OpcodeRow &row, const Modifiers &modifiers, const PtxInst &source, Inst &inst) {
  inst = Inst();
  use = RegisterUse();
  inst.run = row.select(modifiers, inst);
  if (!inst.run) {
    binder.error = "this combination of modifiers is not supported";
    return false;
  }
  return binder.bind(row, modifiers, source, inst, use);
}

Status Decoder::decode(uint32_t index) {
  const PtxInst &source = function.insts[index];
  std::string_view mnemonic;
  splitOpcode(source.opcode, mnemonic);
  auto rows = rowsByMnemonic.find(mnemonic);
  if (rows == rowsByMnemonic.end())
    return unknownOpcode(source);
  std::string operandError;
  for (const OpcodeRow *row : rows->second) {
    Modifiers modifiers;
    Inst inst;
    if (matchModifiers(*row, source.opcode, modifiers) != -1)
      continue;
    size_t firstOperand = kernel.operands.size();
    if (tryRow(*row, modifiers, source, inst)) {
      inst.place = index;
      inst.row = static_cast<uint32_t>(row - opcodeTable().data());
      if (source.guard >= 0) {
        inst.guard = static_cast<uint32_t>(source.guard);
        inst.guardNegated = source.guardNegated;
        use.uses.push_back(inst.guard);
        use.conditional = true;
      }
      appendNegations(index);
      append(std::move(inst), std::move(use), firstOperand);
      return Status::ok();
    }
    operandError = binder.error;
    kernel.operands.resize(firstOperand);
    binder.takeNegations();
  }
  if (operandError.empty())
    return unknownOpcode(source);
  return located(Code::Malformed, source, "'" + std::string(source.opcode) + "': " + operandError);
}

/// Names the first modifier that no row of the mnemonic understands.
Status Decoder::unknownOpcode(const PtxInst &source) const {
  std::string_view mnemonic;
  std::vector<std::string_view> words = splitOpcode(source.opcode, mnemonic);
  auto rows = rowsByMnemonic.find(mnemonic);
  if (rows == rowsByMnemonic.end())
    return located(Code::Unsupported, source, "unknown opcode '" + std::string(mnemonic) + "'");
  int furthest = 0;
  Modifiers ignored;
  for (const OpcodeRow *row : rows->second)
    furthest = std::max(furthest, matchModifiers(*row, source.opcode, ignored));
  std::string what = static_cast<size_t>(furthest) < words.size()
                         ? "unknown modifier '" + std::string(words[furthest]) + "' in"
                         : "a modifier is missing in";
  return located(Code::Unsupported, source, what + " '" + std::string(source.opcode) + "'");
}

/// `!%p` as a source becomes the result of a `not` before the instruction.
void Decoder::appendNegations(uint32_t place) {
  for (OperandBinder::Negation negation : binder.takeNegations()) {
    Modifiers modifiers{{".pred"}, {PtxType::Pred}};
    Inst inst;
    inst.run = selectNot(modifiers, inst);
    inst.hasDestination = true;
    inst.place = place;
    size_t firstOperand = kernel.operands.size();
    kernel.operands.push_back({negation.to, 0});
    kernel.operands.push_back({negation.from, 0});
    RegisterUse negationUse;
    negationUse.defs = {negation.to};
    negationUse.uses = {negation.from};
    append(inst, negationUse, firstOperand);
  }
}

void Decoder::append(Inst inst, RegisterUse registers, size_t firstOperand) {
  noteAccess(inst);
  inst.operandCount = static_cast<uint8_t>(kernel.operands.size() - firstOperand);
  kernel.code.push_back(std::move(inst));
  uses.push_back(std::move(registers));
  firstOperands.push_back(firstOperand);
}

void Decoder::noteAccess(const Inst &inst) {
  if (inst.bytes == 0)
    return;
  unsigned granule = std::min<unsigned>(inst.bytes, 4);
  bool mayBeShared = inst.space == PtxSpace::Shared || inst.space == PtxSpace::Generic;
  bool mayBeGlobal = inst.space == PtxSpace::Global || inst.space == PtxSpace::Generic;
  if (mayBeShared)
    kernel.sharedGranule = std::min(kernel.sharedGranule, granule);
  if (mayBeGlobal)
    kernel.globalGranule = std::min(kernel.globalGranule, granule);
}

/// Blocks may run side by side if no atomic on global memory shows their order: by what it leaves there, or by a result
/// that something reads. Compilers write `atom` with an unused result for what could be a `red`.
void Decoder::decideBlockOrder() {
  std::set<uint32_t> used;
  for (const RegisterUse &registers : uses)
    used.insert(registers.uses.begin(), registers.uses.end());
  for (size_t i = 0; i < kernel.code.size(); ++i) {
    const Inst &inst = kernel.code[i];
    bool mayBeGlobal = inst.space == PtxSpace::Global || inst.space == PtxSpace::Generic;
    if (!inst.isAtomic || !mayBeGlobal)
      continue;
    auto isUsed = [&](uint32_t reg) { return used.count(reg) != 0; };
    bool showsResult = std::any_of(uses[i].defs.begin(), uses[i].defs.end(), isUsed);
    kernel.sequentialBlocks |= !inst.isCommutative || showsResult;
  }
}

void Decoder::resolveTargets() {
  for (Inst &inst : kernel.code) {
    if (inst.flow == Flow::Branch)
      inst.target = codeIndex[inst.target];
    for (uint32_t &target : inst.targets)
      target = codeIndex[target];
  }
}

void Decoder::addSuccessors() {
  for (uint32_t pc = 0; pc < kernel.code.size(); ++pc) {
    const Inst &inst = kernel.code[pc];
    std::vector<uint32_t> &next = uses[pc].successors;
    bool ends = inst.flow == Flow::Exit || inst.flow == Flow::Trap || inst.flow == Flow::Branch ||
                inst.flow == Flow::BranchIndexed;
    if (!ends || inst.guard != noOperand)
      next.push_back(pc + 1);
    if (inst.flow == Flow::Branch)
      next.push_back(inst.target);
    next.insert(next.end(), inst.targets.begin(), inst.targets.end());
  }
}

} // namespace

Result<std::unique_ptr<Kernel>> decodeKernel(const PtxModule &module, const PtxFunction &function,
                                             const VariableAddresses &variables) {
  auto kernel = std::make_unique<Kernel>();
  kernel->module = &module;
  kernel->function = &function;
  Decoder decoder(*kernel, variables);
  HEDDLE_RETURN_IF_ERROR(decoder.run());
  return kernel;
}

SimPlace Kernel::placeOf(uint32_t place) const {
  SimPlace result;
  if (place >= function->insts.size())
    return result;
  const PtxInst &inst = function->insts[place];
  result.ptxLine = inst.ptxLine;
  result.instruction = inst.text;
  std::replace(result.instruction.begin(), result.instruction.end(), '\t', ' ');
  if (inst.location < 0)
    return result;
  auto fileName = [&](const PtxLocation &at) {
    auto found = module->files.find(at.file);
    return found == module->files.end() ? "file" + std::to_string(at.file) : found->second;
  };
  const PtxLocation *at = &module->locations[inst.location];
  result.file = fileName(*at);
  result.line = at->line;
  std::string closing;
  while (at->inlinedAt >= 0) {
    at = &module->locations[at->inlinedAt];
    result.inlinedAt += (closing.empty() ? "" : " (inlined at ") + fileName(*at) + ":" + std::to_string(at->line);
    closing += closing.empty() ? " " : ")";
  }
  if (!closing.empty())
    result.inlinedAt += closing.substr(1);
  return result;
}

} // namespace heddle::sim
