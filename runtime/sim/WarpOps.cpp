// Instructions in which the lanes of a warp take part together.
#include "runtime/sim/Lanes.h"
#include <bit>

namespace heddle::sim {
namespace {

enum class ShuffleMode { Up, Down, Bfly, Idx };

/// PTX ISA, shfl.sync: the lane that `lane` reads, or none if it is outside the lane's segment.
template <ShuffleMode mode> bool sourceLane(unsigned lane, uint32_t b, uint32_t c, unsigned &source) {
  auto by = static_cast<int>(b & 31), bound = static_cast<int>(c & 31), segment = static_cast<int>(c >> 8 & 31);
  auto self = static_cast<int>(lane);
  int least = self & segment, most = least | (bound & ~segment & 31);
  int from = mode == ShuffleMode::Up     ? self - by
             : mode == ShuffleMode::Down ? self + by
             : mode == ShuffleMode::Bfly ? self ^ by
                                         : least | (by & ~segment & 31);
  bool isInside = mode == ShuffleMode::Up ? from >= most : from <= most;
  source = isInside ? static_cast<unsigned>(from) : lane;
  return isInside;
}

template <ShuffleMode mode> void shuffle(Warp &warp, const Inst &inst, uint32_t mask) {
  uint32_t values[32];
  std::memcpy(values, warp.lanes<uint32_t>(inst.op[2]), sizeof(values));
  uint32_t *d = warp.lanes<uint32_t>(inst.op[0]);
  const uint32_t *b = warp.lanes<uint32_t>(inst.op[3]), *c = warp.lanes<uint32_t>(inst.op[4]);
  uint32_t inside = 0;
  for (unsigned i = 0; i < 32; ++i) {
    if (!isActive(mask, i))
      continue;
    unsigned source = i;
    inside |= uint32_t(sourceLane<mode>(i, b[i], c[i], source)) << i;
    d[i] = values[source];
    if (isActive(mask, source)) [[likely]]
      continue;
    SimFinding *finding = warp.block->report(SimFindingKind::AbsentLane, warp, inst, i);
    if (finding)
      finding->detail =
          "lane " + std::to_string(i) + " reads lane " + std::to_string(source) + ", which does not take part";
  }
  setPredicate(warp, inst.op[1], inside, mask);
}

enum class Vote { All, Any, Uni };

template <Vote kind> void vote(Warp &warp, const Inst &inst, uint32_t mask) {
  uint32_t holds = warp.predicate(inst.op[1]) & mask;
  bool all = holds == mask, any = holds != 0;
  bool result = kind == Vote::All ? all : kind == Vote::Any ? any : all || !any;
  setPredicate(warp, inst.op[0], result ? ~0u : 0, mask);
}

void storeToLanes(Warp &warp, Ref ref, uint32_t value, uint32_t mask) {
  uint32_t *d = warp.lanes<uint32_t>(ref);
  HEDDLE_LANES(i) d[i] = isActive(mask, i) ? value : d[i];
}

void ballot(Warp &warp, const Inst &inst, uint32_t mask) {
  storeToLanes(warp, inst.op[0], warp.predicate(inst.op[1]) & mask, mask);
}

template <typename T> uint32_t lanesEqualTo(const T *a, T value, uint32_t mask) {
  uint32_t equal = 0;
  for (unsigned i = 0; i < 32; ++i)
    equal |= uint32_t(a[i] == value) << i;
  return equal & mask;
}

template <typename T> void matchAny(Warp &warp, const Inst &inst, uint32_t mask) {
  T a[32];
  std::memcpy(a, warp.lanes<T>(inst.op[1]), sizeof(a));
  uint32_t *d = warp.lanes<uint32_t>(inst.op[0]);
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(mask, i))
      d[i] = lanesEqualTo(a, a[i], mask);
}

template <typename T> void matchAll(Warp &warp, const Inst &inst, uint32_t mask) {
  const T *a = warp.lanes<T>(inst.op[2]);
  bool isSame = lanesEqualTo(a, a[std::countr_zero(mask)], mask) == mask;
  storeToLanes(warp, inst.op[0], isSame ? mask : 0, mask);
  setPredicate(warp, inst.op[1], isSame ? ~0u : 0, mask);
}

struct Add {
  template <typename T> static T apply(T a, T b) { return static_cast<T>(uint32_t(a) + uint32_t(b)); }
};
struct Min {
  template <typename T> static T apply(T a, T b) { return b < a ? b : a; }
};
struct Max {
  template <typename T> static T apply(T a, T b) { return b > a ? b : a; }
};
struct And {
  template <typename T> static T apply(T a, T b) { return a & b; }
};
struct Or {
  template <typename T> static T apply(T a, T b) { return a | b; }
};
struct Xor {
  template <typename T> static T apply(T a, T b) { return a ^ b; }
};

template <typename Op, typename T> void redux(Warp &warp, const Inst &inst, uint32_t mask) {
  const T *a = warp.lanes<T>(inst.op[1]);
  T result = a[std::countr_zero(mask)];
  for (uint32_t rest = mask & (mask - 1); rest != 0; rest &= rest - 1)
    result = Op::apply(result, a[std::countr_zero(rest)]);
  storeToLanes(warp, inst.op[0], static_cast<uint32_t>(result), mask);
}

template <typename Op> Handler arithmeticRedux(PtxType type) {
  if (type == PtxType::B32)
    return nullptr;
  return type == PtxType::S32 ? &redux<Op, int32_t> : &redux<Op, uint32_t>;
}

template <typename Op> Handler logicRedux(PtxType type) {
  return type == PtxType::B32 ? &redux<Op, uint32_t> : nullptr;
}

void activeMask(Warp &warp, const Inst &inst, uint32_t mask) { storeToLanes(warp, inst.op[0], mask, mask); }

void warpBarrier(Warp &warp, const Inst &, uint32_t) { warp.block->sharedShadow.syncWarp(warp.index); }

/// Marks an instruction that waits for the lanes named by an operand.
Handler together(Inst &inst, uint8_t memberOperand, Handler handler) {
  inst.flow = Flow::WarpSync;
  inst.memberOperand = memberOperand;
  return handler;
}

} // namespace

Handler selectShuffle(const Modifiers &modifiers, Inst &inst) {
  constexpr uint8_t members = 5;
  if (modifiers.has(".up"))
    return together(inst, members, &shuffle<ShuffleMode::Up>);
  if (modifiers.has(".down"))
    return together(inst, members, &shuffle<ShuffleMode::Down>);
  return together(inst, members, modifiers.has(".bfly") ? &shuffle<ShuffleMode::Bfly> : &shuffle<ShuffleMode::Idx>);
}

Handler selectVote(const Modifiers &modifiers, Inst &inst) {
  constexpr uint8_t members = 2;
  if (modifiers.has(".ballot"))
    return together(inst, members, &ballot);
  if (modifiers.has(".all"))
    return together(inst, members, &vote<Vote::All>);
  return together(inst, members, modifiers.has(".any") ? &vote<Vote::Any> : &vote<Vote::Uni>);
}

Handler selectMatch(const Modifiers &modifiers, Inst &inst) {
  bool isWide = modifiers.types[0] == PtxType::B64;
  if (modifiers.has(".any"))
    return together(inst, 2, isWide ? &matchAny<uint64_t> : &matchAny<uint32_t>);
  return together(inst, 3, isWide ? &matchAll<uint64_t> : &matchAll<uint32_t>);
}

Handler selectRedux(const Modifiers &modifiers, Inst &inst) {
  PtxType type = modifiers.types[0];
  constexpr uint8_t members = 2;
  if (modifiers.has(".add"))
    return together(inst, members, arithmeticRedux<Add>(type));
  if (modifiers.has(".min"))
    return together(inst, members, arithmeticRedux<Min>(type));
  if (modifiers.has(".max"))
    return together(inst, members, arithmeticRedux<Max>(type));
  if (modifiers.has(".and"))
    return together(inst, members, logicRedux<And>(type));
  return together(inst, members, modifiers.has(".or") ? logicRedux<Or>(type) : logicRedux<Xor>(type));
}

Handler selectActiveMask(const Modifiers &, Inst &) { return &activeMask; }

Handler selectWarpBarrier(const Modifiers &, Inst &inst) { return together(inst, 0, &warpBarrier); }

} // namespace heddle::sim
