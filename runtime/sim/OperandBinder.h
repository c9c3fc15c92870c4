// Turns the operands of PTX instructions into places of registers and constants.
#ifndef HEDDLE_RUNTIME_SIM_OPERANDBINDER_H
#define HEDDLE_RUNTIME_SIM_OPERANDBINDER_H

#include "runtime/sim/OpcodeTable.h"
#include <map>
#include <utility>

namespace heddle::sim {

/// Collects registers (the function's, then those it adds for special registers and sinks), constants and operands of
/// one kernel. Until the frame is laid out, a Ref that is no constant holds a register number.
class OperandBinder {
public:
  OperandBinder(Kernel &kernel, const VariableAddresses &globals);

  /// Binds the operands of `source` by the row's pattern: appends Refs, and registers to `use`.
  /// \returns false and sets `error` if they do not fit.
  bool bind(const OpcodeRow &row, const Modifiers &modifiers, const PtxInst &source, Inst &inst, RegisterUse &use);

  /// A predicate source that stands negated: the register and the one that is to hold its complement.
  struct Negation {
    uint32_t from, to;
  };
  std::vector<Negation> takeNegations() { return std::exchange(negations, {}); }

  const std::vector<uint32_t> &registerBytes() const { return widths; }
  /// The special registers: filled once, so nothing else may use their places.
  std::vector<uint32_t> specials() const;
  /// Gives every operand its final place.
  void finish(const FrameLayout &layout);

  std::string error;

private:
  struct Slot; ///< One word of a row's operand pattern.
  bool bindSlot(const Slot &slot, const PtxOperand &operand, const Modifiers &modifiers, Inst &inst, RegisterUse &use);
  bool bindScalar(const Slot &slot, PtxType type, const PtxOperand &operand, uint32_t width, RegisterUse &use);
  bool bindLoose(const Slot &slot, PtxType type, const PtxOperand &operand, uint8_t &registerBytes, RegisterUse &use);
  bool bindVector(const Slot &slot, PtxType type, const PtxOperand &operand, Inst &inst, RegisterUse &use);
  bool bindPacked(const Slot &slot, PtxType type, const PtxOperand &operand, Inst &inst, RegisterUse &use);
  bool bindPair(const Slot &slot, PtxType type, const PtxOperand &operand, RegisterUse &use);
  bool bindAddress(const PtxOperand &operand, Inst &inst, RegisterUse &use);
  bool bindLabel(const PtxOperand &operand, Inst &inst);
  bool bindTargets(const PtxOperand &operand, Inst &inst);
  bool bindName(const PtxOperand &operand, uint32_t width, RegisterUse &use);
  bool bindRegister(const Slot &slot, PtxType type, const PtxOperand &operand, uint32_t width, RegisterUse &use);
  bool immediateBits(const PtxOperand &operand, PtxType type, uint64_t &bits);
  bool variableAddress(const std::string &name, PtxSpace &space, uint64_t &address) const;

  void addRegister(uint32_t reg, bool isDestination, RegisterUse &use);
  void addConstant(uint64_t bits, uint32_t width);
  uint32_t sinkRegister(uint32_t width);
  bool mismatch(const PtxOperand &operand, const std::string &expected);

  Kernel &kernel;
  const PtxFunction &function;
  const VariableAddresses &globals;
  std::map<std::string, std::pair<PtxSpace, uint64_t>, std::less<>> locals; ///< Offsets of `.shared` and `.local`.
  std::vector<uint32_t> widths;                                             ///< Bytes of all lanes, per register.
  std::map<uint32_t, uint32_t> sinks;                                       ///< By bytes of a lane.
  std::map<std::pair<Special, uint32_t>, uint32_t> specialRegisters;        ///< By special register and bytes.
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> constantOffsets;        ///< By bits and bytes.
  std::vector<Negation> negations;
  size_t operandIndex = 0;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_OPERANDBINDER_H
