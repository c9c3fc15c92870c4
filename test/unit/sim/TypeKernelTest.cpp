// Kernels on every element type: integer division, casts out of range, halves, doubles, bool.
#include "test/unit/sim/KernelTest.h"
#include <cmath>
#include <limits>

namespace heddle::sim {
namespace {

using TypeKernelTest = KernelTest;
HEDDLE_FOR_ARCHITECTURES(TypeKernelTest);

constexpr int count = 64;

/// Runs a kernel `f(const A *, const B *, C *, int)` on `count` elements.
template <typename C, typename A, typename B>
std::vector<C> runBinary(const std::string &ptx, const std::vector<A> &a, const std::vector<B> &b) {
  Bench bench;
  SimAddress deviceA = bench.upload("a", a), deviceB = bench.upload("b", b);
  SimAddress deviceC = bench.allocate<C>("c", count);
  Status status = bench.launch(ptx, "f", {.grid = {2, 1, 1}}, {deviceA, deviceB, deviceC, count});
  EXPECT_TRUE(status.isOk()) << status.message();
  EXPECT_EQ(bench.findingText(), "");
  return bench.download<C>(deviceC, count);
}

std::string binaryKernel(const std::string &a, const std::string &b, const std::string &c, const std::string &body) {
  return "extern \"C\" __global__ void f(const " + a + " *__restrict__ a, const " + b + " *__restrict__ b, " + c +
         " *__restrict__ c, int n) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < n)\n    c[i] = " +
         body + ";\n}\n";
}

template <typename T> std::vector<T> numbers(int64_t first, int64_t step) {
  std::vector<T> values(count);
  for (int i = 0; i < count; ++i)
    values[i] = static_cast<T>(first + i * step);
  return values;
}

TEST_P(TypeKernelTest, Int64DivisionAndRemainder) {
  HEDDLE_COMPILE(binaryKernel("long long", "long long", "long long", "a[i] / b[i] * 1000 + a[i] % b[i]"));
  std::vector<int64_t> a = numbers<int64_t>(-5000000000, 333333333), b = numbers<int64_t>(-32, 1);
  b[32] = 7;
  std::vector<int64_t> c = runBinary<int64_t>(ptx, a, b);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(c[i], a[i] / b[i] * 1000 + a[i] % b[i]) << i;
}

// Undefined in C++ and in PTX, but a compiled model meets it: it must give a value, not a trap.
TEST_P(TypeKernelTest, IntegerDivisionByZeroGivesAllOnes) {
  HEDDLE_COMPILE(binaryKernel("int", "int", "int", "a[i] / b[i]"));
  std::vector<int32_t> c = runBinary<int32_t>(ptx, numbers<int32_t>(-32, 1), std::vector<int32_t>(count, 0));
  EXPECT_EQ(c, std::vector<int32_t>(count, -1));
}

TEST_P(TypeKernelTest, Int8ArithmeticWraps) {
  HEDDLE_COMPILE(binaryKernel("signed char", "signed char", "signed char", "(signed char)(a[i] * b[i] - 3)"));
  std::vector<int8_t> a = numbers<int8_t>(-128, 5), b = numbers<int8_t>(7, 9);
  std::vector<int8_t> c = runBinary<int8_t>(ptx, a, b);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(c[i], static_cast<int8_t>(a[i] * b[i] - 3)) << i;
}

TEST_P(TypeKernelTest, BoolOfComparisons) {
  HEDDLE_COMPILE(binaryKernel("float", "unsigned char", "unsigned char", "(a[i] > 0.5f && b[i]) || a[i] < -2.0f"));
  std::vector<float> a(count);
  std::vector<uint8_t> b(count);
  for (int i = 0; i < count; ++i) {
    a[i] = static_cast<float>(i % 9) - 4;
    b[i] = i % 2;
  }
  std::vector<uint8_t> c = runBinary<uint8_t>(ptx, a, b);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(c[i], (a[i] > 0.5f && b[i]) || a[i] < -2.0f) << i;
}

TEST_P(TypeKernelTest, FloatToIntegerCastsSaturate) {
  HEDDLE_COMPILE(binaryKernel("float", "float", "int", "(int)a[i] ^ (int)(unsigned char)(int)b[i]"));
  std::vector<float> a(count, 0.0f), b(count, 3.0f);
  a[0] = 1e20f;
  a[1] = -1e20f;
  a[2] = std::numeric_limits<float>::quiet_NaN();
  a[3] = -7.9f;
  std::vector<int32_t> c = runBinary<int32_t>(ptx, a, b);
  EXPECT_EQ(c[0], INT32_MAX ^ 3);
  EXPECT_EQ(c[1], INT32_MIN ^ 3);
  EXPECT_EQ(c[2], 3);
  EXPECT_EQ(c[3], -7 ^ 3);
}

TEST_P(TypeKernelTest, DoubleArithmetic) {
  HEDDLE_COMPILE(binaryKernel("double", "float", "double", "fma(a[i], (double)b[i], sqrt(fabs(a[i]))) / 3.0"));
  std::vector<double> a(count);
  std::vector<float> b(count);
  for (int i = 0; i < count; ++i) {
    a[i] = 0.1 * i - 2;
    b[i] = 0.3f * static_cast<float>(i);
  }
  std::vector<double> c = runBinary<double>(ptx, a, b);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(c[i], std::fma(a[i], double(b[i]), std::sqrt(std::fabs(a[i]))) / 3.0) << i;
}

// Half types as the device headers write them: two bytes, converted by cvt, arithmetic in f32.
TEST_P(TypeKernelTest, HalvesByInlineConversions) {
  HEDDLE_COMPILE(R"(
__device__ __forceinline__ float widen(unsigned short h) {
  float f;
  asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h));
  return f;
}
__device__ __forceinline__ unsigned short narrow(float f) {
  unsigned short h;
  asm("{ .reg .b16 t; cvt.rn.f16.f32 t, %1; mov.b16 %0, t; }" : "=h"(h) : "f"(f));
  return h;
}
)" + binaryKernel("unsigned short", "float", "unsigned short", "narrow(widen(a[i]) * b[i])"));
  std::vector<uint16_t> a(count, 0x3e00); // 1.5
  std::vector<float> b(count, 2.0f);
  b[1] = 1e9f;
  std::vector<uint16_t> c = runBinary<uint16_t>(ptx, a, b);
  EXPECT_EQ(c[0], 0x4200); // 3
  EXPECT_EQ(c[1], 0x7c00); // Infinity.
}

TEST_P(TypeKernelTest, LibraryMathMatchesTheHost) {
  HEDDLE_COMPILE(binaryKernel("float", "float", "float",
                              "expf(a[i]) + logf(b[i]) * tanhf(a[i]) + erff(a[i]) "
                              "+ powf(b[i], 1.7f) + sinf(a[i] * 1e4f)"));
  std::vector<float> a(count), b(count);
  for (int i = 0; i < count; ++i) {
    a[i] = 0.1f * static_cast<float>(i) - 3;
    b[i] = 0.2f * static_cast<float>(i) + 0.1f;
  }
  std::vector<float> c = runBinary<float>(ptx, a, b);
  for (int i = 0; i < count; ++i) {
    double x = a[i], y = b[i];
    double expected =
        std::exp(x) + std::log(y) * std::tanh(x) + std::erf(x) + std::pow(y, 1.7f) + std::sin(double(a[i] * 1e4f));
    ASSERT_NEAR(c[i], expected, 2e-6 * (1 + std::fabs(expected))) << i;
  }
}

// A table indexed by data goes through local memory or a jump table.
TEST_P(TypeKernelTest, LocalArraysAndSwitches) {
  HEDDLE_COMPILE(R"(
__device__ __forceinline__ int choose(int a, int b) {
  int table[8];
  for (int k = 0; k < 8; ++k)
    table[k] = a * k + b;
  switch (b & 7) {
  case 0: return table[a & 7] + 1;
  case 1: return table[a & 3] * 3;
  case 2: return table[b & 7] ^ a;
  case 3: return a - b;
  case 4: return table[(a + b) & 7];
  case 5: return a | 64;
  default: return -b;
  }
})" + binaryKernel("int", "int", "int", "choose(a[i], b[i])"));
  auto choose = [](int a, int b) {
    auto table = [&](int k) { return a * k + b; };
    switch (b & 7) {
    case 0:
      return table(a & 7) + 1;
    case 1:
      return table(a & 3) * 3;
    case 2:
      return table(b & 7) ^ a;
    case 3:
      return a - b;
    case 4:
      return table((a + b) & 7);
    case 5:
      return a | 64;
    default:
      return -b;
    }
  };
  std::vector<int32_t> a = numbers<int32_t>(-9, 3), b = numbers<int32_t>(0, 1);
  std::vector<int32_t> c = runBinary<int32_t>(ptx, a, b);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(c[i], choose(a[i], b[i])) << i;
}

} // namespace
} // namespace heddle::sim
