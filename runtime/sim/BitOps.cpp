// Operations on bits.
#include "runtime/sim/Lanes.h"
#include <algorithm>
#include <bit>

namespace heddle::sim {
namespace {

struct And {
  template <typename T> static T apply(T a, T b) { return a & b; }
};
struct Or {
  template <typename T> static T apply(T a, T b) { return a | b; }
};
struct Xor {
  template <typename T> static T apply(T a, T b) { return a ^ b; }
};
struct Not {
  template <typename T> static T apply(T a) { return static_cast<T>(~a); }
};
struct Cnot {
  template <typename T> static T apply(T a) { return a == 0 ? 1 : 0; }
};
/// Shifts by the width or more give zero, or copies of the sign.
struct Shl {
  template <typename T> static T apply(T a, uint32_t by) {
    return by < 8 * sizeof(T) ? static_cast<T>(a << (by & (8 * sizeof(T) - 1))) : T(0);
  }
};
struct Shr {
  template <typename T> static T apply(T a, uint32_t by) {
    return static_cast<T>(a >> std::min<uint32_t>(by, 8 * sizeof(T) - 1) >> (by >= 8 * sizeof(T) ? 1 : 0));
  }
};
/// PTX ISA, prmt: each selector nibble picks a byte of {b, a}; bit 3 replicates its sign.
struct Permute {
  static uint32_t apply(uint32_t a, uint32_t b, uint32_t selector) {
    uint64_t bytes = (uint64_t(b) << 32) | a;
    uint32_t result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      uint32_t nibble = selector >> (4 * i) & 15;
      auto byte = static_cast<uint32_t>(bytes >> (8 * (nibble & 7)) & 0xff);
      if (nibble & 8)
        byte = byte & 0x80 ? 0xff : 0;
      result |= byte << (8 * i);
    }
    return result;
  }
};
enum class PermuteMode { F4e, B4e, Rc8, Ecl, Ecr, Rc16 };
/// PTX ISA, prmt's other modes, as selectors of the plain one; rows by the low two bits of c.
template <PermuteMode mode> struct PermuteByMode {
  static uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    constexpr uint32_t selectors[6][4] = {{0x3210, 0x4321, 0x5432, 0x6543}, {0x5670, 0x6701, 0x7012, 0x0123},
                                          {0x0000, 0x1111, 0x2222, 0x3333}, {0x3210, 0x3211, 0x3222, 0x3333},
                                          {0x0000, 0x1110, 0x2210, 0x3210}, {0x1010, 0x3232, 0x1010, 0x3232}};
    return Permute::apply(a, b, selectors[static_cast<unsigned>(mode)][c & 3]);
  }
};

/// PTX ISA, bfe: the bits above the field repeat the sign of its last bit that exists.
struct BitFieldExtract {
  template <typename T> static T apply(T a, uint32_t position, uint32_t length) {
    constexpr uint32_t top = 8 * sizeof(T) - 1;
    using U = std::make_unsigned_t<T>;
    position &= 0xff;
    length &= 0xff;
    if (length == 0)
      return 0;
    bool sign = std::is_signed_v<T> && (U(a) >> std::min(position + length - 1, top) & 1);
    U field = position <= top ? U(a) >> position : 0;
    uint32_t kept = position <= top ? std::min(length, top + 1 - position) : 0;
    if (kept > top)
      return static_cast<T>(field);
    U low = (U(1) << kept) - 1;
    return static_cast<T>(sign ? (field & low) | ~low : field & low);
  }
};

/// d = b with `length` bits at `position` taken from a.
template <typename T> void bitFieldInsert(Warp &warp, const Inst &inst, uint32_t mask) {
  constexpr uint32_t width = 8 * sizeof(T);
  T *d = warp.lanes<T>(inst.op[0]);
  const T *a = warp.lanes<T>(inst.op[1]), *b = warp.lanes<T>(inst.op[2]);
  const uint32_t *positions = warp.lanes<uint32_t>(inst.op[3]), *lengths = warp.lanes<uint32_t>(inst.op[4]);
  for (unsigned i = 0; i < 32; ++i) {
    if (!isActive(mask, i))
      continue;
    uint32_t position = positions[i] & 0xff, length = lengths[i] & 0xff;
    if (position >= width || length == 0) {
      d[i] = b[i];
      continue;
    }
    T field = length >= width ? ~T(0) : (T(1) << length) - 1;
    d[i] = (b[i] & ~(field << position)) | ((a[i] & field) << position);
  }
}

struct Popc {
  template <typename T> static uint32_t apply(T a) { return static_cast<uint32_t>(std::popcount(a)); }
};
struct Clz {
  template <typename T> static uint32_t apply(T a) { return static_cast<uint32_t>(std::countl_zero(a)); }
};
struct Brev {
  template <typename T> static T apply(T a) {
    T result = 0;
    for (unsigned i = 0; i < 8 * sizeof(T); ++i)
      result |= (a >> i & 1) << (8 * sizeof(T) - 1 - i);
    return result;
  }
};
/// Position of the highest bit that differs from the sign, or ~0; as a shift amount: from the top.
template <bool isShift> struct Bfind {
  template <typename T> static uint32_t apply(T a) {
    using U = std::make_unsigned_t<T>;
    U bits = a < 0 ? static_cast<U>(~a) : static_cast<U>(a);
    if (bits == 0)
      return ~0u;
    auto zeros = static_cast<uint32_t>(std::countl_zero(bits));
    return isShift ? zeros : 8 * sizeof(T) - 1 - zeros;
  }
};

void lop3(Warp &warp, const Inst &inst, uint32_t mask) {
  uint32_t *d = warp.lanes<uint32_t>(inst.op[0]);
  const uint32_t *a = warp.lanes<uint32_t>(inst.op[1]), *b = warp.lanes<uint32_t>(inst.op[2]);
  const uint32_t *c = warp.lanes<uint32_t>(inst.op[3]);
  uint32_t table = *warp.lanes<uint32_t>(inst.op[4]);
  uint32_t terms[8];
  for (unsigned k = 0; k < 8; ++k)
    terms[k] = table >> k & 1 ? ~0u : 0;
  HEDDLE_LANES(i) {
    uint32_t x = a[i], y = b[i], z = c[i];
    uint32_t r = (~x & ~y & ~z & terms[0]) | (~x & ~y & z & terms[1]) | (~x & y & ~z & terms[2]) |
                 (~x & y & z & terms[3]) | (x & ~y & ~z & terms[4]) | (x & ~y & z & terms[5]) |
                 (x & y & ~z & terms[6]) | (x & y & z & terms[7]);
    d[i] = isActive(mask, i) ? r : d[i];
  }
}

/// shf: {b, a} shifted left, its high word, or right, its low word.
template <bool isLeft, bool isClamped> struct FunnelShift {
  static uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t by = isClamped ? std::min(c, 32u) : c & 31;
    uint64_t both = (uint64_t(b) << 32) | a;
    return static_cast<uint32_t>(isLeft ? (both << by) >> 32 : both >> by);
  }
};

template <typename Op> void predicateLogic(Warp &warp, const Inst &inst, uint32_t mask) {
  setPredicate(warp, inst.op[0], Op::apply(warp.predicate(inst.op[1]), warp.predicate(inst.op[2])), mask);
}

void predicateNot(Warp &warp, const Inst &inst, uint32_t mask) {
  setPredicate(warp, inst.op[0], ~warp.predicate(inst.op[1]), mask);
}

template <typename Op> Handler logic(const Modifiers &modifiers) {
  if (modifiers.types[0] == PtxType::Pred)
    return &predicateLogic<Op>;
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes2<Op, T, T>; });
}

} // namespace

Handler selectAnd(const Modifiers &modifiers, Inst &) { return logic<And>(modifiers); }
Handler selectOr(const Modifiers &modifiers, Inst &) { return logic<Or>(modifiers); }
Handler selectXor(const Modifiers &modifiers, Inst &) { return logic<Xor>(modifiers); }

Handler selectNot(const Modifiers &modifiers, Inst &) {
  if (modifiers.types[0] == PtxType::Pred)
    return &predicateNot;
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes1<Not, T, T>; });
}

Handler selectCnot(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes1<Cnot, T, T>; });
}

Handler selectShl(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes2<Shl, T, T, uint32_t>; });
}

Handler selectShr(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0], []<typename T>(T) -> Handler { return &lanes2<Shr, T, T, uint32_t>; });
}

Handler selectLop3(const Modifiers &, Inst &) { return &lop3; }

Handler selectFunnelShift(const Modifiers &modifiers, Inst &) {
  bool isClamped = modifiers.has(".clamp");
  if (modifiers.has(".l"))
    return isClamped ? &lanes3<FunnelShift<true, true>, uint32_t, uint32_t>
                     : &lanes3<FunnelShift<true, false>, uint32_t, uint32_t>;
  return isClamped ? &lanes3<FunnelShift<false, true>, uint32_t, uint32_t>
                   : &lanes3<FunnelShift<false, false>, uint32_t, uint32_t>;
}

Handler selectPermute(const Modifiers &modifiers, Inst &) {
  constexpr std::pair<std::string_view, Handler> modes[] = {
      {".f4e", &lanes3<PermuteByMode<PermuteMode::F4e>, uint32_t, uint32_t>},
      {".b4e", &lanes3<PermuteByMode<PermuteMode::B4e>, uint32_t, uint32_t>},
      {".rc8", &lanes3<PermuteByMode<PermuteMode::Rc8>, uint32_t, uint32_t>},
      {".ecl", &lanes3<PermuteByMode<PermuteMode::Ecl>, uint32_t, uint32_t>},
      {".ecr", &lanes3<PermuteByMode<PermuteMode::Ecr>, uint32_t, uint32_t>},
      {".rc16", &lanes3<PermuteByMode<PermuteMode::Rc16>, uint32_t, uint32_t>},
  };
  for (const auto &[name, handler] : modes)
    if (modifiers.has(name))
      return handler;
  return &lanes3<Permute, uint32_t, uint32_t>;
}

Handler selectBfe(const Modifiers &modifiers, Inst &) {
  return forIntegerType(modifiers.types[0],
                        []<typename T>(T) -> Handler { return &lanes3<BitFieldExtract, T, T, uint32_t, uint32_t>; });
}

Handler selectBfi(const Modifiers &modifiers, Inst &) {
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler {
    if constexpr (sizeof(T) == 2)
      return nullptr;
    else
      return &bitFieldInsert<T>;
  });
}

Handler selectPopc(const Modifiers &modifiers, Inst &) {
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler { return &lanes1<Popc, uint32_t, T>; });
}

Handler selectClz(const Modifiers &modifiers, Inst &) {
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler { return &lanes1<Clz, uint32_t, T>; });
}

Handler selectBrev(const Modifiers &modifiers, Inst &) {
  return forWidth(byteWidth(modifiers.types[0]), []<typename T>(T) -> Handler { return &lanes1<Brev, T, T>; });
}

Handler selectBfind(const Modifiers &modifiers, Inst &) {
  bool isShift = modifiers.has(".shiftamt");
  return forIntegerType(modifiers.types[0], [=]<typename T>(T) -> Handler {
    return isShift ? &lanes1<Bfind<true>, uint32_t, T> : &lanes1<Bfind<false>, uint32_t, T>;
  });
}

} // namespace heddle::sim
