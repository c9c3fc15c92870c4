// Comparison and selection.
#include "runtime/sim/Half.h"
#include "runtime/sim/Lanes.h"
#include <array>
#include <cmath>

namespace heddle::sim {
namespace {

struct Eq {
  template <typename T> static bool apply(T a, T b) { return a == b; }
};
struct Ne { // Ordered: a NaN is not "not equal".
  template <typename T> static bool apply(T a, T b) { return a < b || a > b; }
};
struct Lt {
  template <typename T> static bool apply(T a, T b) { return a < b; }
};
struct Le {
  template <typename T> static bool apply(T a, T b) { return a <= b; }
};
struct Gt {
  template <typename T> static bool apply(T a, T b) { return a > b; }
};
struct Ge {
  template <typename T> static bool apply(T a, T b) { return a >= b; }
};
/// Unordered forms hold for NaNs as well.
template <typename Opposite> struct Unordered {
  template <typename T> static bool apply(T a, T b) { return !Opposite::apply(a, b); }
};
struct Num {
  template <typename T> static bool apply(T a, T b) { return !std::isnan(a) && !std::isnan(b); }
};

using Compare = uint32_t (*)(const void *a, const void *b);

template <typename Op, typename T> uint32_t compare(const void *a, const void *b) {
  return compareLanes<Op, T>(static_cast<const T *>(a), static_cast<const T *>(b));
}

template <typename Op, typename H> uint32_t compareHalves(const void *a, const void *b) {
  float wideA[32], wideB[32];
  for (unsigned i = 0; i < 32; ++i) {
    wideA[i] = H::load(static_cast<const uint16_t *>(a)[i]);
    wideB[i] = H::load(static_cast<const uint16_t *>(b)[i]);
  }
  return compareLanes<Op, float>(wideA, wideB);
}

template <typename Op> Compare floatComparison(PtxType type) {
  switch (type) {
  case PtxType::F16:
    return &compareHalves<Op, F16>;
  case PtxType::BF16:
    return &compareHalves<Op, BF16>;
  case PtxType::F32:
    return &compare<Op, float>;
  case PtxType::F64:
    return &compare<Op, double>;
  default:
    return nullptr;
  }
}

template <typename Op> Compare integerComparison(PtxType type) {
  switch (type) {
  case PtxType::U16:
  case PtxType::B16:
    return &compare<Op, uint16_t>;
  case PtxType::U32:
  case PtxType::B32:
    return &compare<Op, uint32_t>;
  case PtxType::U64:
  case PtxType::B64:
    return &compare<Op, uint64_t>;
  case PtxType::S16:
    return &compare<Op, int16_t>;
  case PtxType::S32:
    return &compare<Op, int32_t>;
  case PtxType::S64:
    return &compare<Op, int64_t>;
  default:
    return nullptr;
  }
}

template <typename Op> Compare anyComparison(PtxType type) {
  return classOf(type) == 'f' ? floatComparison<Op>(type) : integerComparison<Op>(type);
}

/// `lo ls hi hs` are the unsigned names of `lt le gt ge`.
Compare findUnsigned(std::string_view name, PtxType type) {
  if (classOf(type) != 'u' && classOf(type) != 'b')
    return nullptr;
  if (name == ".lo")
    return integerComparison<Lt>(type);
  if (name == ".ls")
    return integerComparison<Le>(type);
  return name == ".hi" ? integerComparison<Gt>(type) : integerComparison<Ge>(type);
}

Compare findUnordered(std::string_view name, PtxType type) {
  if (name == ".equ")
    return floatComparison<Unordered<Ne>>(type);
  if (name == ".neu")
    return floatComparison<Unordered<Eq>>(type);
  if (name == ".ltu")
    return floatComparison<Unordered<Ge>>(type);
  if (name == ".leu")
    return floatComparison<Unordered<Gt>>(type);
  if (name == ".gtu")
    return floatComparison<Unordered<Le>>(type);
  if (name == ".geu")
    return floatComparison<Unordered<Lt>>(type);
  if (name == ".num")
    return floatComparison<Num>(type);
  return floatComparison<Unordered<Num>>(type);
}

Compare findComparison(const Modifiers &modifiers, PtxType type) {
  std::string_view name = modifiers.words[0];
  if (modifiers.has(".ftz")) // Not modelled, so refused.
    return nullptr;
  if (name == ".eq")
    return anyComparison<Eq>(type);
  if (name == ".ne")
    return anyComparison<Ne>(type);
  if (classOf(type) == 'b') // Bits have no order.
    return nullptr;
  if (name == ".lt")
    return anyComparison<Lt>(type);
  if (name == ".le")
    return anyComparison<Le>(type);
  if (name == ".gt")
    return anyComparison<Gt>(type);
  if (name == ".ge")
    return anyComparison<Ge>(type);
  return name == ".lo" || name == ".ls" || name == ".hi" || name == ".hs" ? findUnsigned(name, type)
                                                                          : findUnordered(name, type);
}

enum class Combine { None, And, Or, Xor };

uint32_t combine(Combine how, uint32_t a, uint32_t b) {
  switch (how) {
  case Combine::None:
    return a;
  case Combine::And:
    return a & b;
  case Combine::Or:
    return a | b;
  case Combine::Xor:
    return a ^ b;
  }
  return a;
}

/// setp: p = (a op b) combined with c, q = the complement of (a op b) combined with c.
template <Combine how> void setp(Warp &warp, const Inst &inst, uint32_t mask) {
  auto compareAll = inst.compare;
  uint32_t holds = compareAll(warp.lanes<uint8_t>(inst.op[2]), warp.lanes<uint8_t>(inst.op[3]));
  uint32_t c = how == Combine::None ? 0 : warp.predicate(inst.op[4]);
  setPredicate(warp, inst.op[0], combine(how, holds, c), mask);
  setPredicate(warp, inst.op[1], combine(how, ~holds, c), mask);
}

void set(Warp &warp, const Inst &inst, uint32_t mask) {
  uint32_t holds = inst.compare(warp.lanes<uint8_t>(inst.op[1]), warp.lanes<uint8_t>(inst.op[2]));
  uint32_t *d = warp.lanes<uint32_t>(inst.op[0]);
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(mask, i))
      d[i] = isActive(holds, i) ? inst.trueBits : 0;
}

template <typename T> void selp(Warp &warp, const Inst &inst, uint32_t mask) {
  T *d = warp.lanes<T>(inst.op[0]);
  const T *a = warp.lanes<T>(inst.op[1]), *b = warp.lanes<T>(inst.op[2]);
  uint32_t holds = warp.predicate(inst.op[3]);
  HEDDLE_LANES(i) {
    T r = isActive(holds, i) ? a[i] : b[i];
    d[i] = isActive(mask, i) ? r : d[i];
  }
}

/// d = c >= 0 ? a : b.
template <typename C> struct Slct {
  template <typename T> static T apply(T a, T b, C c) { return c >= 0 ? a : b; }
};

} // namespace

Handler selectSetp(const Modifiers &modifiers, Inst &inst) {
  inst.compare = findComparison(modifiers, modifiers.types[0]);
  if (!inst.compare)
    return nullptr;
  if (modifiers.has(".and"))
    return &setp<Combine::And>;
  if (modifiers.has(".or"))
    return &setp<Combine::Or>;
  return modifiers.has(".xor") ? &setp<Combine::Xor> : &setp<Combine::None>;
}

Handler selectSet(const Modifiers &modifiers, Inst &inst) {
  inst.compare = findComparison(modifiers, modifiers.types[1]);
  inst.trueBits = modifiers.types[0] == PtxType::F32 ? 0x3f800000 : ~0u;
  return inst.compare ? &set : nullptr;
}

Handler selectSelp(const Modifiers &modifiers, Inst &) {
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler { return &selp<T>; });
}

Handler selectSlct(const Modifiers &modifiers, Inst &) {
  if (modifiers.has(".ftz"))
    return nullptr;
  bool isFloat = modifiers.types[1] == PtxType::F32;
  return forWidth(byteWidth(modifiers.types[0]), [=]<typename T>(T) -> Handler {
    return isFloat ? Handler(&lanes3<Slct<float>, T, T, T, float>) : Handler(&lanes3<Slct<int32_t>, T, T, T, int32_t>);
  });
}

} // namespace heddle::sim
