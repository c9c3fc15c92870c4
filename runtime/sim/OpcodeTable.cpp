// The one table of PTX opcodes, and the matching of modifiers against it.
#include "runtime/sim/OpcodeTable.h"
#include <algorithm>

namespace heddle::sim {
namespace {

#define INTEGERS "(.u16.u32.u64.s16.s32.s64)"
#define ROUNDINGS "[.rn.rz.rm.rp]"
#define SCOPES "[.cta.cluster.gpu.sys]"
#define ORDERS "[.weak.volatile.relaxed.acquire.release.acq_rel]"
#define SPACES "[.global.shared.shared::cta.local.const.param.param::entry]"
#define CACHING                                                                                                        \
  "[.ca.cg.cs.cv.lu.wb.wt] [.nc] [.L1::evict_normal.L1::evict_unchanged.L1::evict_first.L1::evict_last"                \
  ".L1::no_allocate] [.L2::64B.L2::128B.L2::256B]"
#define MEMORY_TYPES "(.b8.b16.b32.b64.u8.u16.u32.u64.s8.s16.s32.s64.f32.f64)"
#define COMPARISONS "(.eq.ne.lt.le.gt.ge.lo.ls.hi.hs.equ.neu.ltu.leu.gtu.geu.num.nan)"
#define COMPARED "(.b16.b32.b64.u16.u32.u64.s16.s32.s64.f16.bf16.f32.f64)"
#define CONVERTED "(.u8.u16.u32.u64.s8.s16.s32.s64.f16.bf16.f32.f64)"
#define HALVES "(.f16.f16x2.bf16.bf16x2)"

constexpr OpcodeRow rows[] = {
    // Integers.
    {"add", "[.sat] " INTEGERS, "=T T T", selectIntegerAdd},
    {"sub", "[.sat] " INTEGERS, "=T T T", selectIntegerSub},
    {"mul", "(.lo.hi) " INTEGERS, "=T T T", selectIntegerMul},
    {"mul", "(.wide) (.u16.u32.s16.s32)", "=W T T", selectIntegerMul},
    {"mad", "(.lo.hi) " INTEGERS, "=T T T T", selectIntegerMad},
    {"mad", "(.wide) (.u16.u32.s16.s32)", "=W T T W", selectIntegerMad},
    {"div", INTEGERS, "=T T T", selectIntegerDiv},
    {"rem", INTEGERS, "=T T T", selectIntegerRem},
    {"min", INTEGERS, "=T T T", selectIntegerMin},
    {"max", INTEGERS, "=T T T", selectIntegerMax},
    {"abs", "(.s16.s32.s64)", "=T T", selectIntegerAbs},
    {"neg", "(.s16.s32.s64)", "=T T", selectIntegerNeg},
    {"sad", INTEGERS, "=T T T T", selectSad},
    {"dp4a", "(.u32.s32) (.u32.s32)", "=b32 b32 b32 b32", selectDp4a},

    // Bits.
    {"and", "(.pred.b16.b32.b64)", "=T T T", selectAnd},
    {"or", "(.pred.b16.b32.b64)", "=T T T", selectOr},
    {"xor", "(.pred.b16.b32.b64)", "=T T T", selectXor},
    {"not", "(.pred.b16.b32.b64)", "=T T", selectNot},
    {"cnot", "(.b16.b32.b64)", "=T T", selectCnot},
    {"shl", "(.b16.b32.b64)", "=T T u32", selectShl},
    {"shr", "(.b16.b32.b64.u16.u32.u64.s16.s32.s64)", "=T T u32", selectShr},
    {"lop3", "(.b32)", "=T T T T u32", selectLop3},
    {"shf", "(.l.r) (.wrap.clamp) (.b32)", "=T T T T", selectFunnelShift},
    {"prmt", "(.b32) [.f4e.b4e.rc8.ecl.ecr.rc16]", "=T T T T", selectPermute},
    {"bfe", "(.u32.u64.s32.s64)", "=T T u32 u32", selectBfe},
    {"bfi", "(.b32.b64)", "=T T T u32 u32", selectBfi},
    {"popc", "(.b32.b64)", "=b32 T", selectPopc},
    {"clz", "(.b32.b64)", "=b32 T", selectClz},
    {"brev", "(.b32.b64)", "=T T", selectBrev},
    {"bfind", "[.shiftamt] (.u32.u64.s32.s64)", "=b32 T", selectBfind},

    // Floats.
    {"add", ROUNDINGS " [.ftz] [.sat] (.f32.f64)", "=T T T", selectFloatAdd},
    {"sub", ROUNDINGS " [.ftz] [.sat] (.f32.f64)", "=T T T", selectFloatSub},
    {"mul", ROUNDINGS " [.ftz] [.sat] (.f32.f64)", "=T T T", selectFloatMul},
    {"div", "(.rn.rz.rm.rp.approx.full) [.ftz] (.f32.f64)", "=T T T", selectFloatDiv},
    {"fma", "(.rn.rz.rm.rp) [.ftz] [.sat] (.f32.f64)", "=T T T T", selectFma},
    {"mad", "(.rn.rz.rm.rp) [.ftz] [.sat] (.f32.f64)", "=T T T T", selectFma},
    {"sqrt", "(.rn.rz.rm.rp.approx) [.ftz] (.f32.f64)", "=T T", selectSqrt},
    {"rcp", "(.rn.rz.rm.rp.approx) [.ftz] (.f32.f64)", "=T T", selectRcp},
    {"abs", "[.ftz] (.f32.f64)", "=T T", selectFloatAbs},
    {"neg", "[.ftz] (.f32.f64)", "=T T", selectFloatNeg},
    {"rsqrt", "(.approx) [.ftz] (.f32.f64)", "=T T", selectRsqrt},
    {"ex2", "(.approx) [.ftz] (.f32)", "=T T", selectEx2},
    {"lg2", "(.approx) [.ftz] (.f32)", "=T T", selectLg2},
    {"sin", "(.approx) [.ftz] (.f32)", "=T T", selectSin},
    {"cos", "(.approx) [.ftz] (.f32)", "=T T", selectCos},
    {"tanh", "(.approx) (.f32)", "=T T", selectTanh},
    {"min", "[.ftz] [.NaN] (.f32.f64)", "=T T T", selectFloatMin},
    {"max", "[.ftz] [.NaN] (.f32.f64)", "=T T T", selectFloatMax},
    {"copysign", "(.f32.f64)", "=T T T", selectCopysign},
    {"testp", "(.finite.infinite.number.notanumber.normal.subnormal) (.f32.f64)", "=pred T", selectTestp},

    // Half floats.
    {"add", "[.rn] [.ftz] [.sat] " HALVES, "=T T T", selectHalfAdd},
    {"sub", "[.rn] [.ftz] [.sat] " HALVES, "=T T T", selectHalfSub},
    {"mul", "[.rn] [.ftz] [.sat] " HALVES, "=T T T", selectHalfMul},
    {"min", "[.ftz] [.NaN] " HALVES, "=T T T", selectHalfMin},
    {"max", "[.ftz] [.NaN] " HALVES, "=T T T", selectHalfMax},
    {"fma", "(.rn) [.ftz] [.sat.relu] " HALVES, "=T T T T", selectHalfFma},
    {"abs", "[.ftz] " HALVES, "=T T", selectHalfAbs},
    {"neg", "[.ftz] " HALVES, "=T T", selectHalfNeg},
    {"ex2", "(.approx) [.ftz] " HALVES, "=T T", selectHalfEx2},
    {"tanh", "(.approx) " HALVES, "=T T", selectHalfTanh},

    // Comparison and selection.
    {"setp", COMPARISONS " [.ftz] " COMPARED, "=pred| T T", selectSetp},
    {"setp", COMPARISONS " (.and.or.xor) [.ftz] " COMPARED, "=pred| T T pred", selectSetp},
    {"set", COMPARISONS " [.ftz] (.u32.s32.f32) " COMPARED, "=T T1 T1", selectSet},
    {"selp", "(.b16.b32.b64.u16.u32.u64.s16.s32.s64.f32.f64)", "=T T T pred", selectSelp},
    {"slct", "[.ftz] (.b16.b32.b64.u16.u32.u64.s16.s32.s64.f32.f64) (.s32.f32)", "=T T T T1", selectSlct},

    // Conversion and moves.
    {"cvt", "[.rn.rz.rm.rp.rni.rzi.rmi.rpi] [.ftz] [.sat] [.relu] " CONVERTED " " CONVERTED, "=R R1", selectCvt},
    {"cvt", "(.rn.rz) [.relu] (.f16x2.bf16x2) (.f32)", "=T T1 T1", selectCvtPacked},
    {"mov", "(.pred.b16.b32.b64.u16.u32.u64.s16.s32.s64.f16.bf16.f32.f64)", "=T T", selectMov},
    {"mov", "(.b32.b64)", "=T {}", selectMovPack},
    {"mov", "(.b32.b64)", "={} T", selectMovUnpack},
    {"cvta", "(.global.shared.shared::cta.local.const.param) (.u64)", "=T T", selectCvta},
    {"cvta", "(.to) (.global.shared.shared::cta.local.const.param) (.u64)", "=T T", selectCvtaTo},
    {"isspacep", "(.global.shared.local.const.param)", "=pred u64", selectIsspacep},

    // Memory.
    {"ld", ORDERS " " SCOPES " " SPACES " " CACHING " [.v2.v4] " MEMORY_TYPES, "=V m", selectLoad},
    {"ldu", "[.global] [.v2.v4] " MEMORY_TYPES, "=V m", selectLoad},
    {"st", ORDERS " " SCOPES " [.global.shared.shared::cta.local] " CACHING " [.v2.v4] " MEMORY_TYPES, "m V",
     selectStore},
    {"prefetch", "[.global] (.L1.L2)", "m", selectNothing},
    {"prefetchu", "(.L1)", "m", selectNothing},
    {"membar", "(.cta.gl.sys)", "", selectNothing},
    {"fence", "[.sc.acq_rel] (.cta.cluster.gpu.sys)", "", selectNothing},
    {"atom",
     ORDERS " " SCOPES " [.global.shared.shared::cta] (.add.min.max.and.or.xor.exch.inc.dec) [.noftz] "
            "(.b32.b64.u32.u64.s32.s64.f16.bf16.f16x2.bf16x2.f32.f64)",
     "=T m T", selectAtomic},
    {"atom", ORDERS " " SCOPES " [.global.shared.shared::cta] (.cas) (.b16.b32.b64)", "=T m T T", selectCompareAndSwap},
    {"red",
     ORDERS " " SCOPES " [.global.shared.shared::cta] (.add.min.max.and.or.xor.inc.dec) [.noftz] "
            "(.b32.b64.u32.u64.s32.s64.f16.bf16.f16x2.bf16x2.f32.f64)",
     "m T", selectReduction},

    // Control flow.
    {"bra", "[.uni]", "label", selectBranch},
    {"brx", "(.idx) [.uni]", "b32 targets", selectBranchIndexed},
    {"ret", "[.uni]", "", selectExit},
    {"exit", "", "", selectExit},
    {"trap", "", "", selectTrap},
    {"brkpt", "", "", selectTrap},
    {"bar", "[.cta] (.sync)", "u32 u32?", selectBarrier},
    {"bar", "[.cta] (.arrive)", "u32 u32", selectBarrier},
    {"bar", "[.cta] (.red) (.popc) (.u32)", "=u32 u32 pred", selectBarrierReduction},
    {"bar", "[.cta] (.red) (.and.or) (.pred)", "=pred u32 pred", selectBarrierReduction},
    {"barrier", "[.cta] (.sync) [.aligned]", "u32 u32?", selectThreadBarrier},
    {"barrier", "[.cta] (.arrive) [.aligned]", "u32 u32", selectThreadBarrier},

    // Warps.
    {"bar", "(.warp) (.sync)", "b32", selectWarpBarrier},
    {"shfl", "(.sync) (.up.down.bfly.idx) (.b32)", "=b32| b32 b32 b32 b32", selectShuffle},
    {"vote", "(.sync) (.all.any.uni) (.pred)", "=pred pred b32", selectVote},
    {"vote", "(.sync) (.ballot) (.b32)", "=b32 pred b32", selectVote},
    {"match", "(.any) (.sync) (.b32.b64)", "=b32 T b32", selectMatch},
    {"match", "(.all) (.sync) (.b32.b64)", "=b32| T b32", selectMatch},
    {"redux", "(.sync) (.add.min.max.and.or.xor) (.b32.u32.s32)", "=T T b32", selectRedux},
    {"activemask", "(.b32)", "=T", selectActiveMask},
};

/// Takes the next blank-separated word off `text`.
std::string_view nextWord(std::string_view &text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

/// Whether `word` (with its dot) is one of a group's alternatives ".a.b.c".
bool isAlternative(std::string_view group, std::string_view word) {
  for (size_t at = group.find(word); at != std::string_view::npos; at = group.find(word, at + 1)) {
    size_t end = at + word.size();
    if (end == group.size() || group[end] == '.')
      return true;
  }
  return false;
}

} // namespace

std::span<const OpcodeRow> opcodeTable() { return rows; }

bool Modifiers::has(std::string_view word) const { return std::find(words.begin(), words.end(), word) != words.end(); }

std::vector<std::string_view> splitOpcode(std::string_view opcode, std::string_view &mnemonic) {
  size_t end = std::min(opcode.find('.'), opcode.size());
  mnemonic = opcode.substr(0, end);
  std::vector<std::string_view> words;
  while (end < opcode.size()) {
    size_t next = std::min(opcode.find('.', end + 1), opcode.size());
    words.push_back(opcode.substr(end, next - end));
    end = next;
  }
  return words;
}

int matchModifiers(const OpcodeRow &row, std::string_view opcode, Modifiers &modifiers) {
  std::string_view mnemonic;
  std::vector<std::string_view> words = splitOpcode(opcode, mnemonic);
  modifiers = {};
  size_t used = 0;
  std::string_view rest = row.modifiers;
  for (std::string_view group = nextWord(rest); !group.empty(); group = nextWord(rest)) {
    bool isOptional = group.front() == '[';
    std::string_view alternatives = group.substr(1, group.size() - 2);
    if (used < words.size() && words[used].size() > 1 && isAlternative(alternatives, words[used])) {
      modifiers.words.push_back(words[used]);
      if (std::optional<PtxType> type = ptxTypeFromName(words[used].substr(1)))
        modifiers.types.push_back(*type);
      ++used;
    } else if (isOptional) {
      modifiers.words.emplace_back();
    } else {
      return static_cast<int>(used);
    }
  }
  return used == words.size() ? -1 : static_cast<int>(used);
}

} // namespace heddle::sim
