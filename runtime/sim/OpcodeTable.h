// The one table of PTX opcodes: what the decoder accepts, and the handler each row selects.
#ifndef HEDDLE_RUNTIME_SIM_OPCODETABLE_H
#define HEDDLE_RUNTIME_SIM_OPCODETABLE_H

#include "runtime/sim/Kernel.h"
#include <span>
#include <string_view>
#include <vector>

namespace heddle::sim {

/// The modifiers of one instruction, in the order of its row's groups.
struct Modifiers {
  std::vector<std::string_view> words; ///< As written, with their dots; empty where an optional group is absent.
  std::vector<PtxType> types;          ///< Those of `words` that are types, in order.

  bool has(std::string_view word) const;
};

/// One form of an opcode.
struct OpcodeRow {
  std::string_view mnemonic;
  /// Groups separated by blanks: `(.a.b)` needs one of them, `[.a.b]` allows one.
  std::string_view modifiers;
  /// Separated by blanks, destinations marked `=`, `?` for optional ones at the end:
  ///   T, T1  register or immediate of the first or second type;  W  of twice its width;
  ///   R, R1  the same, in a register that may be wider;  V  one R per vector element, in braces if `.v2` or `.v4`;
  ///   {}  a vector of registers that fill T;  T|  T with an optional second, predicate destination after `|`;
  ///   m  an address;  label  a label;  targets  a `.branchtargets` label;  b32, u64, pred, ...  exactly that type.
  std::string_view operands;
  /// Completes `inst` and returns its handler; null if the combination does not exist.
  Handler (*select)(const Modifiers &modifiers, Inst &inst);
};

std::span<const OpcodeRow> opcodeTable();

/// Matches the modifiers of an opcode such as "ld.global.f32" with a row of its mnemonic.
/// \returns the number of modifiers understood if they do not all match, else -1.
int matchModifiers(const OpcodeRow &row, std::string_view opcode, Modifiers &modifiers);

/// The state space that the modifiers of an access name; generic if they name none.
PtxSpace spaceFrom(const Modifiers &modifiers);

/// The words of an opcode after its mnemonic, each with its dot.
std::vector<std::string_view> splitOpcode(std::string_view opcode, std::string_view &mnemonic);

// The selectors, by instruction family.
using Selector = Handler(const Modifiers &, Inst &);
// IntegerOps.cpp
Selector selectIntegerAdd, selectIntegerSub, selectIntegerMul, selectIntegerMad, selectIntegerDiv, selectIntegerRem,
    selectIntegerMin, selectIntegerMax, selectIntegerAbs, selectIntegerNeg, selectSad, selectDp4a;
// BitOps.cpp
Selector selectAnd, selectOr, selectXor, selectNot, selectCnot, selectShl, selectShr, selectLop3, selectFunnelShift,
    selectPermute, selectBfe, selectBfi, selectPopc, selectClz, selectBrev, selectBfind;
// FloatOps.cpp
Selector selectFloatAdd, selectFloatSub, selectFloatMul, selectFloatDiv, selectFma, selectSqrt, selectRcp, selectRsqrt,
    selectEx2, selectLg2, selectSin, selectCos, selectTanh, selectFloatMin, selectFloatMax, selectFloatAbs,
    selectFloatNeg, selectCopysign, selectTestp;
// HalfOps.cpp
Selector selectHalfAdd, selectHalfSub, selectHalfMul, selectHalfMin, selectHalfMax, selectHalfFma, selectHalfAbs,
    selectHalfNeg, selectHalfEx2, selectHalfTanh;
// CompareOps.cpp
Selector selectSetp, selectSet, selectSelp, selectSlct;
// ConvertOps.cpp and MoveOps.cpp
Selector selectCvt, selectCvtPacked, selectMov, selectMovPack, selectMovUnpack, selectCvta, selectCvtaTo,
    selectIsspacep;
// MemoryOps.cpp and AtomicOps.cpp
Selector selectLoad, selectStore, selectNothing, selectAtomic, selectCompareAndSwap, selectReduction;
// ControlOps.cpp
Selector selectBranch, selectBranchIndexed, selectExit, selectTrap, selectBarrier, selectThreadBarrier,
    selectBarrierReduction;
// WarpOps.cpp
Selector selectShuffle, selectVote, selectMatch, selectRedux, selectActiveMask, selectWarpBarrier;

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_OPCODETABLE_H
