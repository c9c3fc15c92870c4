// Expected results of PTX instructions on integers and bits.
#include "test/unit/sim/OpcodeCases.h"

namespace heddle::sim {
namespace {

constexpr uint64_t minus(uint64_t value) { return -value; }
/// The low 32 and 16 bits of a negative number.
constexpr uint64_t neg32(uint64_t value) { return static_cast<uint32_t>(-value); }
constexpr uint64_t neg16(uint64_t value) { return static_cast<uint16_t>(-value); }

} // namespace

std::vector<AluCase> integerCases() {
  return {
      {"add.s32", "w=ww", {{12, 5, 7}, {0x80000000, 0x7fffffff, 1}}},
      {"add.u16", "h=hh", {{0, 0xffff, 1}}},
      {"add.s64", "d=dd", {{0x100000000, 0xffffffff, 1}}},
      {"add.sat.s32", "w=ww", {{0x7fffffff, 0x7fffffff, 1}, {0x80000000, 0x80000000, neg32(1)}}},
      {"sub.u32", "w=ww", {{0xffffffff, 0, 1}}},
      {"sub.sat.s32", "w=ww", {{0x80000000, 0x80000000, 1}}},
      {"mul.lo.s32", "w=ww", {{neg32(15), neg32(3), 5}, {0, 0x10000, 0x10000}}},
      {"mul.lo.u16", "h=hh", {{1, 0xffff, 0xffff}}},
      {"mul.hi.u32", "w=ww", {{0xfffffffe, 0xffffffff, 0xffffffff}}},
      {"mul.hi.s32", "w=ww", {{0xffffffff, neg32(1), 5}}},
      {"mul.hi.u64", "d=dd", {{1, 1ull << 63, 2}}},
      {"mul.hi.s64", "d=dd", {{minus(1), minus(1), 2}}},
      {"mul.wide.s32", "d=ww", {{minus(15), neg32(3), 5}}},
      {"mul.wide.u32", "d=ww", {{0xfffffffe00000001, 0xffffffff, 0xffffffff}}},
      {"mul.wide.s16", "w=hh", {{neg32(6), neg16(2), 3}}},
      {"mad.lo.s32", "w=www", {{22, 3, 5, 7}, {neg32(8), neg32(3), 5, 7}}},
      {"mad.hi.u32", "w=www", {{8, 0x80000000, 2, 7}}},
      {"mad.wide.s32", "d=wwd", {{minus(5), neg32(3), 5, 10}}},
      {"mad.wide.u16", "w=hhw", {{0xfffe0001 + 4, 0xffff, 0xffff, 4}}},
      // Division by zero gives all ones; INT_MIN / -1 wraps, where the processor would trap.
      {"div.s32", "w=ww", {{neg32(2), neg32(7), 3}, {0xffffffff, 9, 0}, {0x80000000, 0x80000000, neg32(1)}}},
      {"div.u64", "d=dd", {{~0ull / 3, ~0ull, 3}}},
      {"rem.s32", "w=ww", {{neg32(1), neg32(7), 3}, {0xffffffff, 9, 0}, {0, 0x80000000, neg32(1)}}},
      {"rem.u16", "h=hh", {{2, 17, 5}}},
      {"min.s32", "w=ww", {{neg32(1), neg32(1), 1}}},
      {"min.u32", "w=ww", {{1, neg32(1), 1}}},
      {"max.s64", "d=dd", {{1, minus(1), 1}}},
      {"max.u64", "d=dd", {{minus(1), minus(1), 1}}},
      {"abs.s32", "w=w", {{5, neg32(5)}, {0x80000000, 0x80000000}}},
      {"neg.s32", "w=w", {{neg32(5), 5}, {0x80000000, 0x80000000}}},
      {"neg.s64", "d=d", {{minus(5), 5}}},
      {"sad.s32", "w=www", {{15, neg32(2), 3, 10}}},
      {"sad.u32", "w=www", {{11, 3, 2, 10}}},
      {"dp4a.s32.s32", "w=www", {{10, 0x01010101, 0x04030201, 0}, {neg32(2), 0x000000ff, 0x00000002, 0}}},
      {"dp4a.u32.s32", "w=www", {{510, 0x000000ff, 0x00000002, 0}}},
      {"dp4a.u32.u32", "w=www", {{65025 + 1, 0x000000ff, 0x000000ff, 1}}},
  };
}

std::vector<AluCase> bitCases() {
  return {
      {"and.b32", "w=ww", {{0x0f00, 0xff00, 0x0f0f}}},
      {"and.pred", "p=pp", {{1, 1, 1}, {0, 1, 0}, {0, 0, 1}}},
      {"or.b64", "d=dd", {{0xff0f, 0xff00, 0x0f0f}}},
      {"or.pred", "p=pp", {{1, 1, 0}, {0, 0, 0}}},
      {"xor.b16", "h=hh", {{0xf00f, 0xff00, 0x0f0f}}},
      {"xor.pred", "p=pp", {{1, 1, 0}, {0, 1, 1}}},
      {"not.b32", "w=w", {{0xffff0000, 0xffff}}},
      {"not.pred", "p=p", {{0, 1}, {1, 0}}},
      {"cnot.b32", "w=w", {{1, 0}, {0, 5}}},
      {"shl.b32", "w=ww", {{0x80, 1, 7}, {0, 1, 32}, {0, 1, 0xffffffff}}},
      {"shl.b16", "h=hw", {{0x8000, 1, 15}, {0, 1, 16}}},
      {"shr.u32", "w=ww", {{1, 0x80, 7}, {0, 0x80000000, 32}}},
      {"shr.s32", "w=ww", {{0xffffffff, 0x80000000, 31}, {0xffffffff, 0x80000000, 99}}},
      {"shr.s16", "h=hw", {{0xffff, 0x8000, 40}}},
      {"shr.b64", "d=dw", {{1, 1ull << 63, 63}, {0, 1ull << 63, 64}}},
      {"lop3.b32", "w=wwww", {{0xf0f0 ^ 0xcccc ^ 0xaaaa, 0xf0f0, 0xcccc, 0xaaaa, 0x96}}},
      {"shf.l.wrap.b32", "w=www", {{0x23456789, 0x9abcdef0, 0x12345678, 4}, {0x12345678, 0x9abcdef0, 0x12345678, 32}}},
      {"shf.r.clamp.b32", "w=www", {{0x89abcdef, 0x9abcdef0, 0x12345678, 4}, {0x12345678, 0x9abcdef0, 0x12345678, 40}}},
      {"prmt.b32",
       "w=www",
       {{0x44332211, 0x44332211, 0x88776655, 0x3210}, {0xff115566, 0x44332211, 0x88776655, 0xf045}}},
      {"prmt.b32.f4e", "w=www", {{0x55443322, 0x44332211, 0x88776655, 1}}},
      {"prmt.b32.rc16", "w=www", {{0x44334433, 0x44332211, 0x88776655, 1}}},
      {"bfe.u32", "w=www", {{0xbc, 0x12abcd, 4, 8}, {0, 0x12abcd, 4, 0}, {1, 0x80000000, 31, 8}}},
      {"bfe.s32", "w=www", {{0xffffffbc, 0x12abcd, 4, 8}, {0xffffffff, 0x80000000, 40, 8}}},
      {"bfe.u64", "d=dww", {{0xab, 0xab00000000, 32, 8}}},
      {"bfi.b32", "w=wwww", {{0xffbf, 0x5, 0xffff, 5, 3}, {0xffff, 0x5, 0xffff, 5, 0}}},
      {"bfi.b64", "d=ddww", {{0x5 | 1ull << 40, 1, 0x5, 40, 4}}},
      {"popc.b32", "w=w", {{16, 0x0f0f0f0f}}},
      {"popc.b64", "w=d", {{64, ~0ull}}},
      {"clz.b32", "w=w", {{32, 0}, {0, 0x80000000}, {31, 1}}},
      {"clz.b64", "w=d", {{63, 1}}},
      {"brev.b32", "w=w", {{0x80000000, 1}}},
      {"brev.b64", "d=d", {{1, 1ull << 63}}},
      {"bfind.u32", "w=w", {{0xffffffff, 0}, {31, 0x80000000}, {4, 16}}},
      {"bfind.s32", "w=w", {{0xffffffff, 0xffffffff}, {0, neg32(2)}}},
      {"bfind.shiftamt.u32", "w=w", {{0, 0x80000000}, {27, 16}}},
  };
}

} // namespace heddle::sim
