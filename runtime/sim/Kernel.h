// A kernel decoded for execution: instructions with handlers, operands as places in a frame of 32-lane registers.
#ifndef HEDDLE_RUNTIME_SIM_KERNEL_H
#define HEDDLE_RUNTIME_SIM_KERNEL_H

#include "runtime/sim/Ptx.h"
#include "runtime/sim/SimDevice.h"
#include <string>
#include <vector>

namespace heddle::sim {

struct Warp;
struct Inst;

/// Executes one instruction for the lanes in `mask` (never empty).
using Handler = void (*)(Warp &warp, const Inst &inst, uint32_t mask);

/// What the fragment scheduler does with an instruction.
enum class Flow : uint8_t {
  Straight,
  Branch,        ///< To `target`.
  BranchIndexed, ///< To `targets[operand 0]`.
  Exit,
  Trap,
  Barrier,  ///< A barrier of the block.
  WarpSync, ///< Waits until the lanes named by the last operand are here.
};

enum class Rounding : uint8_t { Nearest, Zero, Down, Up };

/// Where an operand's 32 lanes lie: `frame + offset` of the warp, or in the kernel's constants.
struct Ref {
  uint32_t offset = 0;
  uint32_t isConstant = 0;
};

/// An absent operand (`_`).
constexpr uint32_t noOperand = ~0u;

struct BarrierInfo {
  bool isAligned = true;
  bool arriveOnly = false;
  enum class Reduction : uint8_t { None, Popc, And, Or } reduction = Reduction::None;
};

struct Inst {
  Handler run = nullptr;
  uint32_t (*compare)(const void *a, const void *b) = nullptr; ///< setp and set: which lanes hold.
  Handler fast = nullptr;                                      ///< cvt: for registers of exactly the types' widths.
  const Ref *op = nullptr;                                     ///< Destinations first. An address is one operand.
  uint32_t guard = noOperand;
  bool guardNegated = false;
  bool hasDestination = false;
  Flow flow = Flow::Straight;
  PtxType types[2] = {PtxType::B32, PtxType::B32}; ///< cvt: destination and source.
  Rounding rounding = Rounding::Nearest;
  bool saturate = false;
  bool flushToZero = false;
  bool wideAddress = true; ///< The address register has 64 bits.
  bool toInteger = false;  ///< cvt: round to an integral float.
  bool isAtomic = false;
  bool isCommutative = false; ///< Atomic whose memory does not depend on the order of accesses.
  bool relu = false;
  PtxSpace space = PtxSpace::Generic;
  uint8_t operandCount = 0;
  uint8_t memberOperand = 0; ///< WarpSync: which operand names the lanes.
  uint8_t bytes = 0;         ///< Memory: bytes of one element.
  uint8_t count = 1;         ///< Memory: elements per lane.
  uint8_t registerBytes[2] = {0,
                              0}; ///< Loose operands: bytes of the first destination's and the first source's register.
  BarrierInfo barrier;
  uint32_t trueBits = 0; ///< set: what stands for true.
  int64_t offset = 0;    ///< Memory: added to the address.
  uint32_t target = 0;   ///< Branch.
  uint32_t row = 0;      ///< Index of the opcode table's row.
  uint32_t place = 0;    ///< Index of the PTX instruction in the function.
  std::vector<uint32_t> targets;
};

/// A register that the hardware fills.
enum class Special : uint8_t {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NwarpId,
  LanemaskEq,
  LanemaskLe,
  LanemaskLt,
  LanemaskGe,
  LanemaskGt,
  DynamicSharedBytes,
  TotalSharedBytes,
};

struct SpecialRegister {
  Special special;
  uint32_t offset; ///< In the frame.
  uint8_t bytes;   ///< 4 or 8.
};

/// All of it is read-only while blocks run.
struct Kernel {
  const PtxModule *module = nullptr;
  const PtxFunction *function = nullptr;
  std::vector<Inst> code;
  std::vector<Ref> operands; ///< What Inst::op points into.
  std::vector<uint8_t> constants;
  std::vector<SpecialRegister> specials;
  std::vector<std::pair<uint32_t, uint32_t>> zeroed; ///< (offset, bytes) of registers that may be read before written.
  uint32_t frameBytes = 0;
  uint64_t staticShared = 0;     ///< The dynamic part begins here.
  uint64_t localBytes = 0;       ///< Per thread.
  unsigned sharedGranule = 4;    ///< Bytes of the narrowest access to shared memory, at most 4.
  unsigned globalGranule = 4;    ///< The same for stores to global memory.
  bool sequentialBlocks = false; ///< Its atomics show in which order blocks run.

  SimPlace placeOf(uint32_t inst) const;
};

/// Addresses of a module's `.global` and `.const` variables.
using VariableAddresses = std::map<std::string, uint64_t, std::less<>>;

/// Decodes one kernel by the opcode table. Errors: Code::Unsupported names an opcode or modifier that the table lacks,
/// Code::Malformed an operand that does not fit; both name the PTX line.
Result<std::unique_ptr<Kernel>> decodeKernel(const PtxModule &module, const PtxFunction &function,
                                             const VariableAddresses &variables);

/// Gives each register a place in the frame. Two registers share bytes only if no path needs both.
/// \param uses, defs registers per instruction; \param successors instructions per instruction.
struct RegisterUse {
  std::vector<uint32_t> uses;
  std::vector<uint32_t> defs;
  std::vector<uint32_t> successors;
  bool conditional = false; ///< Guarded: the old value may survive.
};
struct FrameLayout {
  std::vector<uint32_t> offsets; ///< Per register.
  std::vector<uint32_t> liveIn;  ///< Registers that may be read before they are written.
  uint32_t bytes = 0;
};
/// \param pinned registers whose places nothing else may use.
FrameLayout layOutFrame(const std::vector<RegisterUse> &code, const std::vector<uint32_t> &registerBytes,
                        const std::vector<uint32_t> &pinned);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_KERNEL_H
