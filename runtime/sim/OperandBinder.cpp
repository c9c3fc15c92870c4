// Turns the operands of PTX instructions into places of registers and constants.
#include "runtime/sim/OperandBinder.h"
#include "runtime/sim/AddressSpace.h"
#include <algorithm>
#include <cstring>
#include <optional>

namespace heddle::sim {
namespace {

constexpr uint32_t lanes = 32;
constexpr uint32_t predicateWidth = 0; ///< Stands for "one word for all lanes" where a lane's bytes are asked for.

uint32_t widthOf(PtxType type) { return type == PtxType::Pred ? predicateWidth : byteWidth(type); }

uint32_t bytesOfAllLanes(uint32_t width) { return width == predicateWidth ? 4 : width * lanes; }

std::optional<Special> specialFromName(std::string_view name) {
  static const std::map<std::string_view, Special> names = {
      {"%tid.x", Special::TidX},
      {"%tid.y", Special::TidY},
      {"%tid.z", Special::TidZ},
      {"%ntid.x", Special::NtidX},
      {"%ntid.y", Special::NtidY},
      {"%ntid.z", Special::NtidZ},
      {"%ctaid.x", Special::CtaidX},
      {"%ctaid.y", Special::CtaidY},
      {"%ctaid.z", Special::CtaidZ},
      {"%nctaid.x", Special::NctaidX},
      {"%nctaid.y", Special::NctaidY},
      {"%nctaid.z", Special::NctaidZ},
      {"%laneid", Special::LaneId},
      {"%warpid", Special::WarpId},
      {"%nwarpid", Special::NwarpId},
      {"%lanemask_eq", Special::LanemaskEq},
      {"%lanemask_le", Special::LanemaskLe},
      {"%lanemask_lt", Special::LanemaskLt},
      {"%lanemask_ge", Special::LanemaskGe},
      {"%lanemask_gt", Special::LanemaskGt},
      {"%dynamic_smem_size", Special::DynamicSharedBytes},
      {"%total_smem_size", Special::TotalSharedBytes},
  };
  auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

std::string describe(const PtxOperand &operand) {
  switch (operand.kind) {
  case PtxOperand::Kind::Register:
    return "a register";
  case PtxOperand::Kind::Integer:
    return "an integer";
  case PtxOperand::Kind::Float32:
  case PtxOperand::Kind::Float64:
    return "a float";
  case PtxOperand::Kind::Name:
    return "the name '" + operand.name + "'";
  case PtxOperand::Kind::Address:
    return "an address";
  case PtxOperand::Kind::Vector:
    return "a vector of " + std::to_string(operand.elements.size());
  case PtxOperand::Kind::Pair:
    return "a pair";
  case PtxOperand::Kind::Sink:
    return "'_'";
  }
  return "nothing";
}

} // namespace

struct OperandBinder::Slot {
  std::string_view word; ///< Without '=' and '?'.
  bool isDestination = false;
  bool isOptional = false;
};

OperandBinder::OperandBinder(Kernel &kernel, const VariableAddresses &globals)
    : kernel(kernel), function(*kernel.function), globals(globals) {
  for (const PtxRegister &reg : function.registers)
    widths.push_back(bytesOfAllLanes(widthOf(reg.type)));
  auto place = [](uint64_t &end, const PtxVariable &variable) {
    end = (end + variable.align - 1) / variable.align * variable.align;
    uint64_t offset = end;
    end += variable.bytes;
    return offset;
  };
  std::vector<const PtxVariable *> dynamic;
  auto add = [&](const PtxVariable &variable) {
    if (variable.isDynamic)
      dynamic.push_back(&variable);
    else if (variable.space == PtxSpace::Shared)
      locals[variable.name] = {PtxSpace::Shared, place(kernel.staticShared, variable)};
    else if (variable.space == PtxSpace::Local)
      locals[variable.name] = {PtxSpace::Local, place(kernel.localBytes, variable)};
  };
  for (const PtxVariable &variable : kernel.module->variables)
    add(variable);
  for (const PtxVariable &variable : function.variables)
    add(variable);
  for (const PtxVariable *variable : dynamic) // All of them begin at one address, as the driver lays them out.
    kernel.staticShared = (kernel.staticShared + variable->align - 1) / variable->align * variable->align;
  for (const PtxVariable *variable : dynamic)
    locals[variable->name] = {PtxSpace::Shared, kernel.staticShared};
}

bool OperandBinder::mismatch(const PtxOperand &operand, const std::string &expected) {
  error = "operand " + std::to_string(operandIndex + 1) + " is " + describe(operand) + ", expected " + expected;
  return false;
}

bool OperandBinder::bind(const OpcodeRow &row, const Modifiers &modifiers, const PtxInst &source, Inst &inst,
                         RegisterUse &use) {
  operandIndex = 0;
  std::string_view rest = row.operands;
  while (!rest.empty()) {
    Slot slot;
    slot.word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(slot.word.size() + 1, rest.size()));
    slot.isDestination = slot.word.front() == '=';
    slot.word.remove_prefix(slot.isDestination);
    slot.isOptional = slot.word.back() == '?';
    slot.word.remove_suffix(slot.isOptional);
    if (operandIndex == source.operands.size()) {
      if (slot.isOptional)
        continue;
      error = "got " + std::to_string(source.operands.size()) + " operands, expected more";
      return false;
    }
    if (!bindSlot(slot, source.operands[operandIndex], modifiers, inst, use))
      return false;
    ++operandIndex;
  }
  if (operandIndex == source.operands.size())
    return true;
  error = "got " + std::to_string(source.operands.size()) + " operands, expected " + std::to_string(operandIndex);
  return false;
}

bool OperandBinder::bindSlot(const Slot &slot, const PtxOperand &operand, const Modifiers &modifiers, Inst &inst,
                             RegisterUse &use) {
  inst.hasDestination |= slot.isDestination;
  std::string_view word = slot.word;
  if (word == "m")
    return bindAddress(operand, inst, use);
  if (word == "label")
    return bindLabel(operand, inst);
  if (word == "targets")
    return bindTargets(operand, inst);
  size_t typeIndex = word.back() == '1' ? 1 : 0;
  auto type = [&] { return modifiers.types[std::min(typeIndex, modifiers.types.size() - 1)]; };
  if (word == "T" || word == "T1")
    return bindScalar(slot, type(), operand, widthOf(type()), use);
  if (word == "W")
    return bindScalar(slot, type(), operand, 2 * widthOf(type()), use);
  if (word == "R" || word == "R1")
    return bindLoose(slot, type(), operand, inst.registerBytes[slot.isDestination ? 0 : 1], use);
  if (word == "V")
    return bindVector(slot, type(), operand, inst, use);
  if (word == "{}")
    return bindPacked(slot, type(), operand, inst, use);
  bool isPair = word.back() == '|';
  PtxType fixed = *ptxTypeFromName(word.substr(0, word.size() - isPair));
  return isPair ? bindPair(slot, fixed, operand, use) : bindScalar(slot, fixed, operand, widthOf(fixed), use);
}

void OperandBinder::addRegister(uint32_t reg, bool isDestination, RegisterUse &use) {
  (isDestination ? use.defs : use.uses).push_back(reg);
  kernel.operands.push_back({reg, 0});
}

void OperandBinder::addConstant(uint64_t bits, uint32_t width) {
  uint32_t bytes = bytesOfAllLanes(width);
  auto [entry, isNew] = constantOffsets.try_emplace({bits, width}, 0);
  if (isNew) {
    uint32_t offset = (static_cast<uint32_t>(kernel.constants.size()) + 63) / 64 * 64;
    entry->second = offset;
    kernel.constants.resize(offset + bytes);
    for (uint32_t at = 0; at < bytes; at += width == predicateWidth ? 4 : width)
      std::memcpy(&kernel.constants[offset + at], &bits, width == predicateWidth ? 4 : width);
  }
  kernel.operands.push_back({entry->second, 1});
}

uint32_t OperandBinder::sinkRegister(uint32_t width) {
  auto [entry, isNew] = sinks.try_emplace(width, static_cast<uint32_t>(widths.size()));
  if (isNew)
    widths.push_back(bytesOfAllLanes(width));
  return entry->second;
}

bool OperandBinder::immediateBits(const PtxOperand &operand, PtxType type, uint64_t &bits) {
  char kind = classOf(type);
  bits = operand.bits;
  if (operand.kind == PtxOperand::Kind::Float32 && byteWidth(type) == 4 && (kind == 'f' || kind == 'b'))
    return true;
  if (operand.kind == PtxOperand::Kind::Float64 && byteWidth(type) == 8 && (kind == 'f' || kind == 'b'))
    return true;
  if (operand.kind != PtxOperand::Kind::Integer || (kind == 'f' && byteWidth(type) > 2))
    return mismatch(operand, "a " + std::string(nameOf(type)));
  if (kind == 'p')
    bits = bits ? ~0u : 0;
  else if (byteWidth(type) < 8)
    bits &= (1ull << (8 * byteWidth(type))) - 1;
  return true;
}

bool OperandBinder::bindRegister(const Slot &slot, PtxType type, const PtxOperand &operand, uint32_t width,
                                 RegisterUse &use) {
  auto reg = static_cast<uint32_t>(operand.reg);
  PtxType declared = function.registers[reg].type;
  bool isPredicate = type == PtxType::Pred;
  if ((declared == PtxType::Pred) != isPredicate || widthOf(declared) != width)
    return mismatch(operand, "a register of " + (isPredicate ? "type pred" : std::to_string(width) + " bytes"));
  if (operand.negated) {
    if (!isPredicate || slot.isDestination)
      return mismatch(operand, "no '!' here");
    auto complement = static_cast<uint32_t>(widths.size());
    widths.push_back(bytesOfAllLanes(predicateWidth));
    negations.push_back({reg, complement});
    reg = complement;
  }
  addRegister(reg, slot.isDestination, use);
  return true;
}

bool OperandBinder::bindScalar(const Slot &slot, PtxType type, const PtxOperand &operand, uint32_t width,
                               RegisterUse &use) {
  switch (operand.kind) {
  case PtxOperand::Kind::Register:
    return bindRegister(slot, type, operand, width, use);
  case PtxOperand::Kind::Sink:
    if (!slot.isDestination)
      return mismatch(operand, "a source");
    addRegister(sinkRegister(width), true, use);
    return true;
  case PtxOperand::Kind::Name:
    return slot.isDestination ? mismatch(operand, "a register") : bindName(operand, width, use);
  case PtxOperand::Kind::Integer:
  case PtxOperand::Kind::Float32:
  case PtxOperand::Kind::Float64: {
    uint64_t bits = 0;
    if (slot.isDestination || operand.negated)
      return mismatch(operand, "a register");
    if (!immediateBits(operand, type, bits))
      return false;
    if (width > widthOf(type)) // A wide operand of mad.wide.
      bits = operand.bits;
    addConstant(bits, width);
    return true;
  }
  default:
    return mismatch(operand, "a register or an immediate");
  }
}

bool OperandBinder::bindName(const PtxOperand &operand, uint32_t width, RegisterUse &use) {
  if (width != 4 && width != 8)
    return mismatch(operand, "a register");
  if (std::optional<Special> special = specialFromName(operand.name)) {
    auto [entry, isNew] = specialRegisters.try_emplace({*special, width}, static_cast<uint32_t>(widths.size()));
    if (isNew)
      widths.push_back(bytesOfAllLanes(width));
    addRegister(entry->second, false, use);
    return true;
  }
  PtxSpace space = PtxSpace::Global;
  uint64_t address = 0;
  if (!variableAddress(operand.name, space, address))
    return mismatch(operand, "a known variable or special register");
  addConstant(width == 4 ? static_cast<uint32_t>(address) : address, width);
  return true;
}

bool OperandBinder::variableAddress(const std::string &name, PtxSpace &space, uint64_t &address) const {
  if (auto found = locals.find(name); found != locals.end()) {
    std::tie(space, address) = found->second;
    return true;
  }
  for (const PtxParam &param : function.params)
    if (param.name == name) {
      space = PtxSpace::Param;
      address = param.offset;
      return true;
    }
  auto found = globals.find(name);
  if (found == globals.end())
    return false;
  space = PtxSpace::Global;
  address = found->second;
  return true;
}

bool OperandBinder::bindLoose(const Slot &slot, PtxType type, const PtxOperand &operand, uint8_t &registerBytes,
                              RegisterUse &use) {
  uint32_t least = std::max(byteWidth(type), 2u);
  uint32_t width = registerBytes ? registerBytes : least;
  if (operand.kind == PtxOperand::Kind::Register) {
    PtxType declared = function.registers[operand.reg].type;
    if (declared == PtxType::Pred || byteWidth(declared) < least || operand.negated ||
        (registerBytes && byteWidth(declared) != registerBytes))
      return mismatch(operand, "a register of at least " + std::to_string(least) + " bytes, all of one width");
    registerBytes = static_cast<uint8_t>(byteWidth(declared));
    addRegister(static_cast<uint32_t>(operand.reg), slot.isDestination, use);
    return true;
  }
  registerBytes = static_cast<uint8_t>(width);
  return bindScalar(slot, type, operand, width, use);
}

bool OperandBinder::bindVector(const Slot &slot, PtxType type, const PtxOperand &operand, Inst &inst,
                               RegisterUse &use) {
  uint8_t &registerBytes = inst.registerBytes[0];
  if (inst.count == 1)
    return bindLoose(slot, type, operand, registerBytes, use);
  if (operand.kind != PtxOperand::Kind::Vector || operand.elements.size() != inst.count)
    return mismatch(operand, "a vector of " + std::to_string(inst.count));
  for (const PtxOperand &element : operand.elements)
    if (element.kind == PtxOperand::Kind::Register && !registerBytes)
      registerBytes = static_cast<uint8_t>(byteWidth(function.registers[element.reg].type));
  for (const PtxOperand &element : operand.elements)
    if (!bindLoose(slot, type, element, registerBytes, use))
      return false;
  return true;
}

bool OperandBinder::bindPacked(const Slot &slot, PtxType type, const PtxOperand &operand, Inst &inst,
                               RegisterUse &use) {
  size_t count = operand.elements.size();
  if (operand.kind != PtxOperand::Kind::Vector || (count != 2 && count != 4) || byteWidth(type) / count < 2)
    return mismatch(operand, "a vector of registers that fill " + std::string(nameOf(type)));
  auto width = static_cast<uint8_t>(byteWidth(type) / count);
  inst.count = static_cast<uint8_t>(count);
  inst.registerBytes[0] = width;
  PtxType elementType = width == 4 ? PtxType::B32 : PtxType::B16;
  for (const PtxOperand &element : operand.elements)
    if (!bindScalar(slot, elementType, element, width, use))
      return false;
  return true;
}

bool OperandBinder::bindPair(const Slot &slot, PtxType type, const PtxOperand &operand, RegisterUse &use) {
  bool isPair = operand.kind == PtxOperand::Kind::Pair;
  if (!bindScalar(slot, type, isPair ? operand.elements[0] : operand, widthOf(type), use))
    return false;
  if (isPair)
    return bindScalar(slot, PtxType::Pred, operand.elements[1], predicateWidth, use);
  addRegister(sinkRegister(predicateWidth), true, use);
  return true;
}

bool OperandBinder::bindAddress(const PtxOperand &operand, Inst &inst, RegisterUse &use) {
  if (operand.kind != PtxOperand::Kind::Address)
    return mismatch(operand, "an address");
  inst.offset = static_cast<int64_t>(operand.bits);
  if (operand.reg >= 0) {
    PtxType declared = function.registers[operand.reg].type;
    if (declared == PtxType::Pred || byteWidth(declared) < 4)
      return mismatch(operand, "an address in a register of 4 or 8 bytes");
    inst.wideAddress = byteWidth(declared) == 8;
    addRegister(static_cast<uint32_t>(operand.reg), false, use);
    return true;
  }
  uint64_t base = 0;
  PtxSpace space = inst.space;
  if (!operand.name.empty() && !variableAddress(operand.name, space, base))
    return mismatch(operand, "a known variable");
  bool isConstVariable = inst.space == PtxSpace::Const && space == PtxSpace::Global;
  if (inst.space == PtxSpace::Generic)
    base = genericAddress(space, base);
  else if (space != inst.space && !isConstVariable)
    return mismatch(operand, "a variable in the instruction's state space");
  addConstant(base, 8);
  return true;
}

bool OperandBinder::bindLabel(const PtxOperand &operand, Inst &inst) {
  auto found = function.labels.find(operand.name);
  if (operand.kind != PtxOperand::Kind::Name || found == function.labels.end())
    return mismatch(operand, "a label");
  inst.target = found->second;
  return true;
}

bool OperandBinder::bindTargets(const PtxOperand &operand, Inst &inst) {
  auto list = function.branchTargets.find(operand.name);
  if (operand.kind != PtxOperand::Kind::Name || list == function.branchTargets.end())
    return mismatch(operand, "a label of branch targets");
  for (const std::string &name : list->second) {
    auto found = function.labels.find(name);
    if (found == function.labels.end())
      return mismatch(operand, "targets that are labels; '" + name + "' is none");
    inst.targets.push_back(found->second);
  }
  return true;
}

std::vector<uint32_t> OperandBinder::specials() const {
  std::vector<uint32_t> result;
  for (const auto &[key, reg] : specialRegisters)
    result.push_back(reg);
  return result;
}

void OperandBinder::finish(const FrameLayout &layout) {
  kernel.frameBytes = layout.bytes;
  for (Ref &ref : kernel.operands)
    if (!ref.isConstant)
      ref.offset = layout.offsets[ref.offset];
  std::vector<bool> isSpecial(widths.size(), false);
  for (const auto &[key, reg] : specialRegisters) {
    isSpecial[reg] = true;
    kernel.specials.push_back({key.first, layout.offsets[reg], static_cast<uint8_t>(key.second)});
  }
  for (uint32_t reg : layout.liveIn)
    if (!isSpecial[reg])
      kernel.zeroed.push_back({layout.offsets[reg], widths[reg]});
}

} // namespace heddle::sim
