// Expected results of PTX instructions on floats.
#include "test/unit/sim/OpcodeCases.h"
#include <cmath>
#include <limits>

namespace heddle::sim {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float tiny = 0x1p-24f; ///< Half of the distance from 1 to the next float.
constexpr uint64_t minusZero32 = 0x80000000;
constexpr uint64_t subnormal32 = 0x00000001;

/// f16 numbers.
constexpr uint64_t one16 = 0x3c00, two16 = 0x4000, three16 = 0x4200, half16 = 0x3800, nan16 = 0x7fff,
                   infinity16 = 0x7c00;
/// bf16 numbers.
constexpr uint64_t oneB = 0x3f80, twoB = 0x4000, threeB = 0x4040;

} // namespace

std::vector<AluCase> floatCases() {
  return {
      {"add.f32", "w=ww", {{f32(3.5f), f32(1.0f), f32(2.5f)}, {nan32, f32(infinity), f32(-infinity)}}},
      {"add.rz.f32", "w=ww", {{f32(1.0f), f32(1.0f), f32(tiny * 1.5f)}}},
      {"add.rp.f32", "w=ww", {{f32(1.0f + 2 * tiny), f32(1.0f), f32(tiny / 4)}}},
      {"add.rm.f64", "d=dd", {{f64(1.0), f64(1.0), f64(0x1p-53 * 1.5)}}},
      {"add.ftz.f32", "w=ww", {{0, subnormal32, subnormal32}}},
      {"add.sat.f32", "w=ww", {{f32(1.0f), f32(1.0f), f32(2.5f)}, {f32(0.0f), f32(1.0f), f32(-2.5f)}}},
      {"sub.f32", "w=ww", {{f32(-1.5f), f32(1.0f), f32(2.5f)}}},
      {"sub.f64", "d=dd", {{f64(-1.5), f64(1.0), f64(2.5)}}},
      {"mul.f32", "w=ww", {{f32(2.5f), f32(1.0f), f32(2.5f)}, {subnormal32, subnormal32, f32(1.0f)}}},
      {"mul.f64", "d=dd", {{f64(6.25), f64(2.5), f64(2.5)}}},
      {"div.rn.f32", "w=ww", {{f32(1.0f / 3.0f), f32(1.0f), f32(3.0f)}, {f32(infinity), f32(1.0f), f32(0.0f)}}},
      {"div.full.f32", "w=ww", {{f32(0.5f), f32(1.0f), f32(2.0f)}}},
      {"div.rn.f64", "d=dd", {{f64(1.0 / 3.0), f64(1.0), f64(3.0)}}},
      {"fma.rn.f32", "w=www", {{f32(std::fma(1.1f, 1.1f, -1.21f)), f32(1.1f), f32(1.1f), f32(-1.21f)}}},
      {"fma.rm.f32", "w=www", {{f32(1.0f), f32(tiny), f32(1.0f), f32(1.0f)}}},
      {"fma.rn.f64", "d=ddd", {{f64(std::fma(1.1, 1.1, -1.21)), f64(1.1), f64(1.1), f64(-1.21)}}},
      {"mad.rn.f32", "w=www", {{f32(7.0f), f32(2.0f), f32(3.0f), f32(1.0f)}}},
      {"sqrt.rn.f32", "w=w", {{f32(std::sqrt(2.0f)), f32(2.0f)}, {nan32, f32(-1.0f)}}},
      {"sqrt.rn.f64", "d=d", {{f64(std::sqrt(2.0)), f64(2.0)}}},
      {"rcp.rn.f32", "w=w", {{f32(1.0f / 3.0f), f32(3.0f)}}},
      {"rcp.rz.f32", "w=w", {{f32(std::nextafter(1.0f / 3.0f, 0.0f)), f32(3.0f)}}},
      {"abs.f32", "w=w", {{f32(1.5f), f32(-1.5f)}}},
      {"neg.f32", "w=w", {{f32(-1.5f), f32(1.5f)}, {minusZero32, f32(0.0f)}}},
      {"neg.ftz.f32", "w=w", {{minusZero32, subnormal32}}},
      {"rsqrt.approx.f32", "w=w", {{f32(0.5f), f32(4.0f)}}},
      {"ex2.approx.f32", "w=w", {{f32(8.0f), f32(3.0f)}, {f32(0.0f), f32(-infinity)}}},
      {"ex2.approx.ftz.f32", "w=w", {{f32(0.0f), f32(-140.0f)}}},
      {"lg2.approx.f32", "w=w", {{f32(3.0f), f32(8.0f)}, {f32(-infinity), f32(0.0f)}}},
      {"sin.approx.f32", "w=w", {{f32(0.0f), f32(0.0f)}}},
      {"cos.approx.f32", "w=w", {{f32(1.0f), f32(0.0f)}}},
      {"tanh.approx.f32", "w=w", {{f32(1.0f), f32(20.0f)}}},
      // One NaN yields the other operand, unless .NaN says otherwise; -0 is below +0.
      {"min.f32",
       "w=ww",
       {{f32(1.0f), f32(1.0f), nan32}, {minusZero32, f32(0.0f), minusZero32}, {nan32, nan32, nan32}}},
      {"min.NaN.f32", "w=ww", {{nan32, f32(1.0f), nan32}, {f32(-1.0f), f32(1.0f), f32(-1.0f)}}},
      {"max.f32", "w=ww", {{f32(1.0f), nan32, f32(1.0f)}, {f32(0.0f), minusZero32, f32(0.0f)}}},
      {"max.f64", "d=dd", {{f64(2.0), f64(1.0), f64(2.0)}}},
      {"copysign.f32", "w=ww", {{f32(-2.0f), f32(-1.0f), f32(2.0f)}}},
      {"copysign.f64", "d=dd", {{f64(2.0), f64(1.0), f64(-2.0)}}},
      {"testp.finite.f32", "p=w", {{1, f32(1.0f)}, {0, f32(infinity)}}},
      {"testp.infinite.f32", "p=w", {{0, f32(1.0f)}, {1, f32(-infinity)}}},
      {"testp.number.f32", "p=w", {{1, f32(1.0f)}, {0, nan32}}},
      {"testp.notanumber.f32", "p=w", {{0, f32(1.0f)}, {1, nan32}}},
      {"testp.normal.f32", "p=w", {{1, f32(0.0f)}, {0, subnormal32}}},
      {"testp.subnormal.f64", "p=d", {{0, f64(0.0)}, {1, 1}}},
  };
}

std::vector<AluCase> halfCases() {
  return {
      {"add.f16", "h=hh", {{three16, one16, two16}, {nan16, infinity16, infinity16 | 0x8000}}},
      {"add.rn.bf16", "h=hh", {{threeB, oneB, twoB}}},
      {"add.f16x2", "w=ww", {{three16 << 16 | two16, two16 << 16 | one16, one16 << 16 | one16}}},
      {"sub.f16", "h=hh", {{one16, three16, two16}}},
      {"mul.f16", "h=hh", {{two16, two16, one16}, {infinity16, 0x7bff, two16}}},
      {"mul.rn.bf16x2", "w=ww", {{twoB << 16 | threeB, twoB << 16 | oneB, oneB << 16 | threeB}}},
      {"min.f16", "h=hh", {{one16, one16, two16}, {one16, one16, nan16}, {0x8000, 0, 0x8000}}},
      {"max.NaN.f16", "h=hh", {{nan16, one16, nan16}, {two16, one16, two16}}},
      {"max.bf16", "h=hh", {{twoB, oneB, twoB}}},
      // (1 + 2^-10) * (1 - 2^-10) - 1 = -2^-20: lost if the product were rounded first.
      {"fma.rn.f16", "h=hhh", {{0x8010, 0x3c01, 0x3bfe, 0xbc00}, {two16, one16, one16, one16}}},
      {"fma.rn.relu.f16", "h=hhh", {{0, one16, 0xbc00, 0}}},
      {"fma.rn.bf16", "h=hhh", {{threeB, oneB, twoB, oneB}}},
      {"fma.rn.f16x2",
       "w=www",
       {{three16 << 16 | two16, two16 << 16 | one16, one16 << 16 | one16, one16 << 16 | one16}}},
      {"abs.f16", "h=h", {{one16, one16 | 0x8000}}},
      {"neg.bf16x2", "w=w", {{(oneB | 0x8000) << 16 | twoB, oneB << 16 | twoB | 0x8000}}},
      {"ex2.approx.f16", "h=h", {{half16, 0xbc00}}},
      {"tanh.approx.f16", "h=h", {{0, 0}, {one16, infinity16}}},
  };
}

std::vector<AluCase> compareCases() {
  return {
      {"setp.eq.s32", "p=ww", {{1, 3, 3}, {0, 3, 4}}},
      {"setp.lt.s32", "p=ww", {{1, 0xffffffff, 0}, {0, 0, 0}}},
      {"setp.lt.u32", "p=ww", {{0, 0xffffffff, 0}, {1, 0, 1}}},
      {"setp.hi.u32", "p=ww", {{1, 2, 1}, {0, 1, 1}}},
      {"setp.ge.s64", "p=dd", {{1, 0, ~0ull}}},
      {"setp.gt.s16", "p=hh", {{1, 1, 0xffff}}},
      {"setp.ne.b16", "p=hh", {{1, 1, 0xffff}}},
      // Ordered comparisons fail for NaNs, unordered ones hold.
      {"setp.ne.f32", "p=ww", {{1, f32(1), f32(2)}, {0, nan32, f32(2)}}},
      {"setp.neu.f32", "p=ww", {{1, nan32, f32(2)}, {0, f32(2), f32(2)}}},
      {"setp.ltu.f32", "p=ww", {{1, nan32, f32(2)}, {1, f32(1), f32(2)}, {0, f32(2), f32(2)}}},
      {"setp.geu.f64", "p=dd", {{1, f64(2), f64(2)}, {0, f64(1), f64(2)}}},
      {"setp.num.f32", "p=ww", {{1, f32(1), f32(2)}, {0, nan32, f32(2)}}},
      {"setp.nan.f32", "p=ww", {{0, f32(1), f32(2)}, {1, f32(2), nan32}}},
      {"setp.gt.f16", "p=hh", {{1, two16, one16}, {0, nan16, one16}}},
      {"setp.le.bf16", "p=hh", {{1, oneB, oneB}}},
      {"setp.eq.and.s32", "p=wwp", {{1, 3, 3, 1}, {0, 3, 3, 0}}},
      {"setp.eq.or.s32", "p=wwp", {{1, 3, 4, 1}, {0, 3, 4, 0}}},
      {"setp.eq.xor.s32", "p=wwp", {{0, 3, 3, 1}, {1, 3, 3, 0}}},
      {"set.lt.u32.s32", "w=ww", {{0xffffffff, 1, 2}, {0, 2, 1}}},
      {"set.lt.f32.f32", "w=ww", {{f32(1), f32(1), f32(2)}, {0, f32(2), f32(1)}}},
      {"selp.b32", "w=wwp", {{1, 1, 2, 1}, {2, 1, 2, 0}}},
      {"selp.f64", "d=ddp", {{f64(2), f64(1), f64(2), 0}}},
      {"selp.u16", "h=hhp", {{1, 1, 2, 1}}},
      {"slct.s32.s32", "w=www", {{1, 1, 2, 0}, {2, 1, 2, 0xffffffff}}},
      {"slct.f32.f32", "w=www", {{f32(1), f32(1), f32(2), f32(0.5f)}, {f32(2), f32(1), f32(2), nan32}}},
  };
}

std::vector<AluCase> convertCases() {
  constexpr uint64_t minInt = 0x80000000, maxInt = 0x7fffffff;
  return {
      // Out of range saturates, NaN gives 0 (or 1 << 63 with 64 bits involved).
      {"cvt.rzi.s32.f32", "w=w", {{minInt, f32(-3e9f)}, {maxInt, f32(3e9f)}, {0, nan32}, {0xffffffff, f32(-1.9f)}}},
      {"cvt.rni.s32.f32", "w=w", {{2, f32(2.5f)}, {4, f32(3.5f)}, {maxInt, f32(infinity)}}},
      {"cvt.rmi.s32.f32", "w=w", {{0xfffffffe, f32(-1.5f)}}},
      {"cvt.rpi.u32.f32", "w=w", {{2, f32(1.5f)}, {0, f32(-7.5f)}, {0xffffffff, f32(1e20f)}}},
      {"cvt.rzi.s64.f32", "d=w", {{1ull << 63, nan32}, {~0ull >> 1, f32(1e30f)}, {-5ull, f32(-5.5f)}}},
      {"cvt.rzi.u64.f64", "d=d", {{~0ull, f64(1e30)}, {1ull << 63, f64(0x1p63)}}},
      {"cvt.rzi.s8.f32", "w=w", {{127, f32(300)}, {0xffffff80, f32(-300)}}},
      {"cvt.rzi.u8.f64", "w=d", {{255, f64(300)}, {0, f64(-300)}}},
      {"cvt.rni.s16.f16", "h=h", {{2, 0x4100}}},
      {"cvt.rn.f32.s32", "w=w", {{f32(-7), static_cast<uint32_t>(-7)}, {f32(16777216.0f), 16777217}}},
      {"cvt.rp.f32.s32", "w=w", {{f32(16777218.0f), 16777217}}},
      {"cvt.rn.f32.u64", "w=d", {{f32(0x1p64f), ~0ull}}},
      {"cvt.rn.f64.s64", "d=d", {{f64(-7), -7ull}}},
      {"cvt.rn.f16.s32", "h=w", {{three16, 3}, {infinity16, 100000}}},
      {"cvt.f32.f16", "w=h", {{f32(0.5f), half16}, {f32(0x1p-24f), 1}}},
      {"cvt.rn.f16.f32", "h=w", {{half16, f32(0.5f)}, {infinity16, f32(65520)}, {0x7bff, f32(65519)}, {nan16, nan32}}},
      {"cvt.rz.f16.f32", "h=w", {{0x7bff, f32(1e9f)}}},
      {"cvt.rp.f16.f32", "h=w", {{1, f32(1e-20f)}, {0xfbff, f32(-1e9f)}}},
      {"cvt.f32.bf16", "w=h", {{f32(1), oneB}}},
      {"cvt.rn.bf16.f32", "h=w", {{oneB, 0x3f800000}, {0x3f80, 0x3f808000}, {0x3f82, 0x3f818000}, {0x7fff, nan32}}},
      {"cvt.rn.relu.bf16.f32", "h=w", {{0, f32(-1)}, {oneB, f32(1)}}},
      {"cvt.f64.f32", "d=w", {{f64(1.5), f32(1.5f)}}},
      {"cvt.rn.f32.f64", "w=d", {{f32(1.5f), f64(1.5)}, {f32(0.1f), f64(0.1)}}},
      {"cvt.rz.f32.f64", "w=d", {{f32(std::nextafter(0.1f, 0.0f)), f64(0.1)}}},
      {"cvt.rni.f32.f32", "w=w", {{f32(2), f32(2.5f)}, {minusZero32, f32(-0.2f)}}},
      {"cvt.rpi.f64.f64", "d=d", {{f64(3), f64(2.5)}}},
      {"cvt.sat.f32.f32", "w=w", {{f32(1), f32(2.5f)}, {0, nan32}}},
      {"cvt.ftz.f32.f32", "w=w", {{0, subnormal32}}},
      {"cvt.s64.s32", "d=w", {{-5ull, static_cast<uint32_t>(-5)}}},
      {"cvt.u64.u32", "d=w", {{0xfffffffb, static_cast<uint32_t>(-5)}}},
      {"cvt.u32.u64", "w=d", {{2, 0x100000002}}},
      {"cvt.s32.s8", "w=w", {{0xffffff80, 0x180}}},
      {"cvt.u16.u8", "h=w", {{0x80, 0x180}}},
      {"cvt.sat.s8.s32", "w=w", {{127, 300}, {0xffffff80, static_cast<uint32_t>(-300)}}},
      {"cvt.sat.u8.s32", "w=w", {{255, 300}, {0, static_cast<uint32_t>(-300)}}},
      {"cvt.sat.u32.u64", "w=d", {{0xffffffff, ~0ull}}},
      {"cvt.rn.f16x2.f32", "w=ww", {{two16 << 16 | one16, f32(2), f32(1)}}},
      {"cvt.rn.relu.bf16x2.f32", "w=ww", {{twoB << 16, f32(2), f32(-1)}}},
      {"mov.b32", "w=w", {{5, 5}}},
      {"mov.pred", "p=p", {{1, 1}, {0, 0}}},
      {"mov.f64", "d=d", {{f64(5), f64(5)}}},
  };
}

} // namespace heddle::sim
