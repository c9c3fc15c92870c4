// Elementwise kernels: movement, gathers, windows, integers, run-time sizes.
#include "compiler/cuda/CompileCuda.h"
#include "test/unit/cuda/CudaHarness.h"
#include <cmath>

namespace heddle {
namespace {

using ElementwiseTest = CudaTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(ElementwiseTest);

#define SCHEDULE "schedule = #heddle.elementwise<vector = 16, threads = 64, per_thread = 1>"

double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

// Kernel e of the prototype, with sizes that no block divides.
TEST_P(ElementwiseTest, CastTransposeMulAdd) {
  if (!emit(R"(heddle.kernel @e(%x: tensor<13x21xf16>, %s: tensor<13xf32>, %y: tensor<21x1xf32>) -> tensor<21x13xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.cast %x : (tensor<13x21xf16>) -> tensor<13x21xf32>
    %1 = heddle.transpose %0 perm [1, 0] : (tensor<13x21xf32>) -> tensor<21x13xf32>
    %2 = heddle.mul %1, %s : (tensor<21x13xf32>, tensor<13xf32>) -> tensor<21x13xf32>
    %3 = heddle.add %2, %y : (tensor<21x13xf32>, tensor<21x1xf32>) -> tensor<21x13xf32>
    heddle.return %3 : tensor<21x13xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> s = wave(13, 0.7f), y = wave(21, 0.2f), x = wave(13 * 21, 0.11f);
  std::vector<uint16_t> halves;
  for (float value : x)
    halves.push_back(toHalf(value));
  SimAddress out = bench.allocate<float>("out", 273);
  launch({bench.upload("x", halves), bench.upload("s", s), bench.upload("y", y), out});
  expectNear(out, 273,
             [&](size_t i) { return double(fromHalf(halves[i % 13 * 21 + i / 13])) * s[i % 13] + y[i / 13]; });
}

// Kernel f: rows chosen by index, also from the end.
TEST_P(ElementwiseTest, TwoGathersAdd) {
  if (!emit(R"(heddle.kernel @f(%t: tensor<9x5xf32>, %p: tensor<4x5xf32>, %i: tensor<1x7xi64>, %j: tensor<1x7xi64>)
      -> tensor<1x7x5xf32> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.gather %t, %i axis 0 : (tensor<9x5xf32>, tensor<1x7xi64>) -> tensor<1x7x5xf32>
    %1 = heddle.gather %p, %j axis 0 : (tensor<4x5xf32>, tensor<1x7xi64>) -> tensor<1x7x5xf32>
    %2 = heddle.add %0, %1 : (tensor<1x7x5xf32>, tensor<1x7x5xf32>) -> tensor<1x7x5xf32>
    heddle.return %2 : tensor<1x7x5xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> t = wave(45, 0.3f), p = wave(20, 0.9f);
  std::vector<int64_t> i = {0, 8, -1, -9, 3, 3, 5}, j = {3, 2, 1, 0, -1, -4, 2};
  SimAddress out = bench.allocate<float>("out", 35);
  launch({bench.upload("t", t), bench.upload("p", p), bench.upload("i", i), bench.upload("j", j), out});
  EXPECT_EQ(errorWord(), 0u);
  expectNear(out, 35, [&](size_t at) {
    return double(t[(i[at / 5] + 9) % 9 * 5 + at % 5]) + p[(j[at / 5] + 4) % 4 * 5 + at % 5];
  });
}

// A bad index is the user's error: reported by number, and nothing out of bounds is read on the way.
TEST_P(ElementwiseTest, GatherOutOfBoundsRaisesTheErrorWord) {
  if (!emit(R"(heddle.kernel @f(%t: tensor<9x5xf32>, %i: tensor<3xi32>) -> tensor<3x5xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.gather %t, %i axis 0 : (tensor<9x5xf32>, tensor<3xi32>) -> tensor<3x5xf32> loc("/Gather")
    heddle.return %0 : tensor<3x5xf32>
  })"))
    GTEST_SKIP();
  SimAddress out = bench.allocate<float>("out", 15);
  launch({bench.upload("t", wave(45, 0.3f)), bench.upload("i", std::vector<int32_t>{2, 9, 1}), out});
  EXPECT_EQ(errorWord(), 1u);
  ASSERT_EQ(kernel.checks.size(), 1u);
  EXPECT_EQ(kernel.checks[0], "/Gather: index out of bounds, expected it in [-9, 9)");
}

// Start and step of a range may be any integers: neither parameters nor arithmetic may cut them to 32 bits.
TEST_P(ElementwiseTest, SymbolsThatAreNoSizesTake64Bits) {
  std::string type = R"-(tensor<?xi64, #heddle.dims<["max(0, -((-limit + start) floordiv step))"]>>)-";
  std::string binary = " : (" + type + ", tensor<i64>) -> " + type + "\n";
  if (!emit("heddle.kernel @r() -> " + type + R"( attributes {symbols = ["limit", "start", "step"], )" SCHEDULE R"(} {
    %start = heddle.sizes <["start"]> : tensor<i64>
    %step = heddle.sizes <["step"]> : tensor<i64>
    %i = heddle.iota : )" +
            type + "\n%0 = heddle.mul %i, %step" + binary + "%1 = heddle.add %0, %start" + binary +
            "heddle.return %1 : " + type + "}"))
    GTEST_SKIP();
  EXPECT_NE(manifestJson(kernel).find(R"("type": "i64")"), std::string::npos);
  int64_t large = int64_t(1) << 40;
  SimAddress out = bench.allocate<int64_t>("out", 3);
  launch({out}, {{"limit", -large}, {"start", large}, {"step", 1 - large}});
  EXPECT_EQ(bench.download<int64_t>(out, 3), (std::vector<int64_t>{large, 1, 2 - large}));
}

// An empty table has no element 0 to read after a failed check.
TEST_P(ElementwiseTest, GatherFromAnEmptyTableReadsNothing) {
  if (!emit(R"(heddle.kernel @f(%t: tensor<?x5xf32, #heddle.dims<["n", "5"]>>, %i: tensor<3xi64>) -> tensor<3x5xf32>
      attributes {symbols = ["n"], )" SCHEDULE R"(} {
    %0 = heddle.gather %t, %i axis 0 : (tensor<?x5xf32, #heddle.dims<["n", "5"]>>, tensor<3xi64>) -> tensor<3x5xf32>
    heddle.return %0 : tensor<3x5xf32>
  })"))
    GTEST_SKIP();
  SimAddress out = bench.allocate<float>("out", 15);
  launch({bench.allocate<float>("t", 0), bench.upload("i", std::vector<int64_t>{0, 0, 0}), out}, {{"n", 0}});
  EXPECT_EQ(errorWord(), 1u);
}

// Kernel g: parts of a concat exist only on their side of the border, and the padding nowhere.
TEST_P(ElementwiseTest, GeluConcatPad) {
  if (!emit(R"(heddle.kernel @g(%x: tensor<1x4x5x6xf32>, %y: tensor<1x4x5x3xf32>) -> tensor<1x6x7x9xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.gelu %x {tanh = false} : (tensor<1x4x5x6xf32>) -> tensor<1x4x5x6xf32>
    %1 = heddle.concat %0, %y axis 3 : (tensor<1x4x5x6xf32>, tensor<1x4x5x3xf32>) -> tensor<1x4x5x9xf32>
    %z = heddle.constant dense<2.5> : tensor<f32>
    %2 = heddle.pad %1, %z low <["0", "1", "1", "0"]> mode constant
      : (tensor<1x4x5x9xf32>, tensor<f32>) -> tensor<1x6x7x9xf32>
    heddle.return %2 : tensor<1x6x7x9xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(120, 0.3f), y = wave(60, 0.7f);
  SimAddress out = bench.allocate<float>("out", 378);
  launch({bench.upload("x", x), bench.upload("y", y), out});
  expectNear(out, 378, [&](size_t i) -> double {
    size_t c = i % 9, w = i / 9 % 7, h = i / 63;
    if (h < 1 || h > 4 || w < 1 || w > 5)
      return 2.5;
    size_t pixel = (h - 1) * 5 + w - 1;
    return c < 6 ? gelu(x[pixel * 6 + c]) : y[pixel * 3 + c - 6];
  });
}

/// A kernel that joins parts of 2 columns and `rowsOf(symbol)` rows, a part for each of the symbols s00, s01, ...
std::string joinParts(int count, const std::function<std::string(const std::string &)> &rowsOf) {
  auto typeOf = [](const std::string &rows) { return "tensor<?x2xf32, #heddle.dims<[\"" + rows + "\", \"2\"]>>"; };
  std::string arguments, symbols, parts, types, rows;
  for (int part = 0; part < count; ++part) {
    std::string comma = part == 0 ? "" : ", ";
    std::string symbol = (part < 10 ? "s0" : "s") + std::to_string(part), name = "%" + symbol;
    arguments += comma + name + ": " + typeOf(rowsOf(symbol));
    symbols += comma + '"' + symbol + '"';
    parts += comma + name;
    types += comma + typeOf(rowsOf(symbol));
    rows += (part == 0 ? "" : " + ") + rowsOf(symbol);
  }
  return "heddle.kernel @c(" + arguments + ") -> " + typeOf(rows) + " attributes {symbols = [" + symbols +
         "], " SCHEDULE "} {\n%0 = heddle.concat " + parts + " axis 0 : (" + types + ") -> " + typeOf(rows) +
         "\nheddle.return %0 : " + typeOf(rows) + "\n}";
}

// So many parts are tried by halves, and their ends are sums with names of their own; every fifth part is empty.
TEST_P(ElementwiseTest, ConcatOfManyPartsOfAnyLength) {
  constexpr int count = 20;
  if (!emit(joinParts(count, [](const std::string &symbol) { return symbol; })))
    GTEST_SKIP();
  std::map<std::string, int64_t> sizes;
  std::vector<SimAddress> buffers;
  std::vector<float> all;
  for (int part = 0; part < count; ++part) {
    const std::string &symbol = kernel.symbols[static_cast<size_t>(part)];
    sizes[symbol] = part % 5;
    std::vector<float> elements = wave(static_cast<size_t>(part % 5) * 2, 0.3f + 0.1f * static_cast<float>(part));
    buffers.push_back(bench.upload(symbol, elements));
    all.insert(all.end(), elements.begin(), elements.end());
  }
  SimAddress out = bench.allocate<float>("out", all.size());
  buffers.push_back(out);
  launch(buffers, sizes);
  expectNear(out, all.size(), [&](size_t i) -> double { return all[i]; });
}

// The sizes of 90 parts are in registers at the same time; more threads per multiprocessor are not worth a spill.
TEST_P(ElementwiseTest, ConcatOfNinetyPartsSpillsNothing) {
  std::string text = joinParts(90, [](const std::string &symbol) { return "min(60, " + symbol + ")"; });
  size_t schedule = text.find("threads = 64");
  if (!emit(text.replace(schedule, 12, "threads = 256")))
    GTEST_SKIP();
  CudaCompileOptions options;
  options.targets = {GetParam()};
  options.withPtx = false;
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, options);
  EXPECT_TRUE(compiled.isOk()) << compiled.status().message();
}

TEST_P(ElementwiseTest, MaxPoolWithPadding) {
  if (!emit(R"(heddle.kernel @p(%x: tensor<1x2x7x7xf32>) -> tensor<1x2x4x4xf32> attributes {symbols = [],
      schedule = #heddle.elementwise<vector = 16, threads = 32, per_thread = 4>} {
    %0 = heddle.pool max %x window [3, 3] strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1]
      : (tensor<1x2x7x7xf32>) -> tensor<1x2x4x4xf32>
    heddle.return %0 : tensor<1x2x4x4xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(98, 1.3f);
  SimAddress out = bench.allocate<float>("out", 32);
  launch({bench.upload("x", x), out});
  expectNear(out, 32, [&](size_t i) {
    double largest = -INFINITY;
    for (int h = int(i / 4 % 4) * 2 - 1, dy = 0; dy < 3; ++dy)
      for (int w = int(i % 4) * 2 - 1, dx = 0; dx < 3; ++dx)
        if (h + dy >= 0 && h + dy < 7 && w + dx >= 0 && w + dx < 7)
          largest = std::max(largest, double(x[i / 16 * 49 + (h + dy) * 7 + w + dx]));
    return largest;
  });
}

TEST_P(ElementwiseTest, GroupedConvolutionWithBiasAndRelu) {
  if (!emit(R"(heddle.kernel @d(%x: tensor<1x4x6x6xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6x1x1xf32>)
      -> tensor<1x6x6x6xf32> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 2 layout nchw
      : (tensor<1x4x6x6xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x6x6xf32> loc("/Conv")
    %1 = heddle.add %0, %b : (tensor<1x6x6x6xf32>, tensor<6x1x1xf32>) -> tensor<1x6x6x6xf32> loc("/Conv")
    %2 = heddle.relu %1 : (tensor<1x6x6x6xf32>) -> tensor<1x6x6x6xf32> loc("/Relu")
    heddle.return %2 : tensor<1x6x6x6xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(144, 0.5f), w = wave(108, 0.8f), b = wave(6, 0.4f);
  SimAddress out = bench.allocate<float>("out", 216);
  launch({bench.upload("x", x), bench.upload("w", w), bench.upload("b", b), out});
  expectNear(out, 216, [&](size_t i) {
    int o = int(i / 36), h = int(i / 6 % 6), v = int(i % 6);
    double sum = b[o];
    for (int c = 0; c < 2; ++c)
      for (int dy = 0; dy < 3; ++dy)
        for (int dx = 0; dx < 3; ++dx)
          if (int r = h + dy - 1, s = v + dx - 1; r >= 0 && r < 6 && s >= 0 && s < 6)
            sum += double(x[(o / 3 * 2 + c) * 36 + r * 6 + s]) * w[(o * 2 + c) * 9 + dy * 3 + dx];
    return std::max(sum, 0.0);
  });
}

// Run-time sizes are `int` arguments; the guard uses them.
TEST_P(ElementwiseTest, SymbolicSizes) {
  if (!emit(R"(heddle.kernel @s(%x: tensor<?x?xf32, #heddle.dims<["n", "m"]>>, %b: tensor<?xf32, #heddle.dims<["m"]>>)
      -> tensor<?x?xf32, #heddle.dims<["n", "m"]>> attributes {symbols = ["n", "m"], )" SCHEDULE R"(} {
    %0 = heddle.add %x, %b : (tensor<?x?xf32, #heddle.dims<["n", "m"]>>, tensor<?xf32, #heddle.dims<["m"]>>)
      -> tensor<?x?xf32, #heddle.dims<["n", "m"]>>
    heddle.return %0 : tensor<?x?xf32, #heddle.dims<["n", "m"]>>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(77, 0.3f), b = wave(11, 0.9f);
  SimAddress out = bench.allocate<float>("out", 77);
  launch({bench.upload("x", x), bench.upload("b", b), out}, {{"n", 7}, {"m", 11}});
  expectNear(out, 77, [&](size_t i) { return double(x[i]) + b[i % 11]; });
  ASSERT_EQ(kernel.guards.size(), 2u);
}

// The graph type picks signed or unsigned operations; C's promotion to int must not.
TEST_P(ElementwiseTest, NarrowIntegersWrapAndCompareByTheirOwnSign) {
  if (!emit(R"(heddle.kernel @u(%a: tensor<4xui8>, %b: tensor<4xui8>, %c: tensor<4xi8>, %d: tensor<4xi8>)
      -> (tensor<4xui8>, tensor<4xi1>, tensor<4xi8>, tensor<4xi1>) attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.add %a, %b : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
    %1 = heddle.less %a, %b : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xi1>
    %2 = heddle.add %c, %d : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
    %3 = heddle.less %2, %d : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi1>
    heddle.return %0, %1, %2, %3 : tensor<4xui8>, tensor<4xi1>, tensor<4xi8>, tensor<4xi1>
  })"))
    GTEST_SKIP();
  SimAddress sum = bench.allocate<uint8_t>("sum", 4), less = bench.allocate<uint8_t>("less", 4),
             total = bench.allocate<int8_t>("total", 4), below = bench.allocate<uint8_t>("below", 4);
  launch({bench.upload("a", std::vector<uint8_t>{200, 1, 255, 3}),
          bench.upload("b", std::vector<uint8_t>{100, 250, 1, 3}),
          bench.upload("c", std::vector<int8_t>{100, -100, 1, 2}),
          bench.upload("d", std::vector<int8_t>{100, -100, 5, -3}), sum, less, total, below});
  EXPECT_EQ(bench.download<uint8_t>(sum, 4), (std::vector<uint8_t>{44, 251, 0, 6}));
  EXPECT_EQ(bench.download<uint8_t>(less, 4), (std::vector<uint8_t>{0, 1, 0, 0}));
  EXPECT_EQ(bench.download<int8_t>(total, 4), (std::vector<int8_t>{-56, 56, 6, -1}));
  EXPECT_EQ(bench.download<uint8_t>(below, 4), (std::vector<uint8_t>{1, 0, 0, 0}));
}

// Division by zero and the one overflow of division are defined in the IR, not left to the machine.
TEST_P(ElementwiseTest, IntegerDivisionIsTotal) {
  if (!emit(R"(heddle.kernel @q(%a: tensor<5xi32>, %b: tensor<5xi32>) -> tensor<5xi32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.div %a, %b : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    heddle.return %0 : tensor<5xi32>
  })"))
    GTEST_SKIP();
  SimAddress out = bench.allocate<int32_t>("out", 5);
  launch({bench.upload("a", std::vector<int32_t>{7, -7, 5, INT32_MIN, 9}),
          bench.upload("b", std::vector<int32_t>{2, 2, 0, -1, -3}), out});
  EXPECT_EQ(bench.download<int32_t>(out, 5), (std::vector<int32_t>{3, -3, 0, INT32_MIN, -3}));
}

// Casts to integers saturate and NaN gives 0; what the hardware would do is not asked.
TEST_P(ElementwiseTest, FloatToIntegerSaturates) {
  if (!emit(R"(heddle.kernel @k(%x: tensor<5xf32>) -> (tensor<5xi32>, tensor<5xui8>)
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.cast %x : (tensor<5xf32>) -> tensor<5xi32>
    %1 = heddle.cast %x : (tensor<5xf32>) -> tensor<5xui8>
    heddle.return %0, %1 : tensor<5xi32>, tensor<5xui8>
  })"))
    GTEST_SKIP();
  SimAddress wide = bench.allocate<int32_t>("wide", 5), narrow = bench.allocate<uint8_t>("narrow", 5);
  launch({bench.upload("x", std::vector<float>{1e20f, -1e20f, NAN, -2.7f, 200.9f}), wide, narrow});
  EXPECT_EQ(bench.download<int32_t>(wide, 5), (std::vector<int32_t>{INT32_MAX, INT32_MIN, 0, -2, 200}));
  EXPECT_EQ(bench.download<uint8_t>(narrow, 5), (std::vector<uint8_t>{255, 0, 0, 0, 200}));
}

// A reversed slice and a small table of constants.
TEST_P(ElementwiseTest, ReversedSliceTimesTable) {
  if (!emit(R"(heddle.kernel @r(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.slice %x starts <["0", "6"]> steps <["1", "-2"]> : (tensor<2x8xf32>) -> tensor<2x3xf32>
    %c = heddle.constant dense<[1.5, -2.0, 0.25]> : tensor<3xf32>
    %1 = heddle.mul %0, %c : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    heddle.return %1 : tensor<2x3xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(16, 0.4f), table = {1.5f, -2.0f, 0.25f};
  SimAddress out = bench.allocate<float>("out", 6);
  launch({bench.upload("x", x), out});
  expectNear(out, 6, [&](size_t i) { return double(x[i / 3 * 8 + 6 - i % 3 * 2]) * table[i % 3]; });
}

// The three ways to pad with the tensor's own elements.
TEST_P(ElementwiseTest, ReflectEdgeAndWrap) {
  if (!emit(R"(heddle.kernel @p(%x: tensor<5xf32>) -> (tensor<9xf32>, tensor<9xf32>, tensor<9xf32>)
      attributes {symbols = [], )" SCHEDULE R"(} {
    %z = heddle.constant dense<0.0> : tensor<f32>
    %0 = heddle.pad %x, %z low <["2"]> mode reflect : (tensor<5xf32>, tensor<f32>) -> tensor<9xf32>
    %1 = heddle.pad %x, %z low <["2"]> mode edge : (tensor<5xf32>, tensor<f32>) -> tensor<9xf32>
    %2 = heddle.pad %x, %z low <["2"]> mode wrap : (tensor<5xf32>, tensor<f32>) -> tensor<9xf32>
    heddle.return %0, %1, %2 : tensor<9xf32>, tensor<9xf32>, tensor<9xf32>
  })"))
    GTEST_SKIP();
  SimAddress reflect = bench.allocate<float>("reflect", 9), edge = bench.allocate<float>("edge", 9),
             wrap = bench.allocate<float>("wrap", 9);
  launch({bench.upload("x", std::vector<float>{0, 1, 2, 3, 4}), reflect, edge, wrap});
  EXPECT_EQ(bench.download<float>(reflect, 9), (std::vector<float>{2, 1, 0, 1, 2, 3, 4, 3, 2}));
  EXPECT_EQ(bench.download<float>(edge, 9), (std::vector<float>{0, 0, 0, 1, 2, 3, 4, 4, 4}));
  EXPECT_EQ(bench.download<float>(wrap, 9), (std::vector<float>{3, 4, 0, 1, 2, 3, 4, 0, 1}));
}

// Positions are int in the text and i64 in the IR.
TEST_P(ElementwiseTest, IotaMixesWithIntegers) {
  if (!emit(R"(heddle.kernel @i(%x: tensor<?xi64, #heddle.dims<["n"]>>) -> (tensor<?xi64, #heddle.dims<["n"]>>,
      tensor<?xf32, #heddle.dims<["n"]>>) attributes {symbols = ["n"], )" SCHEDULE R"(} {
    %i = heddle.iota : tensor<?xi64, #heddle.dims<["n"]>>
    %0 = heddle.add %x, %i : (tensor<?xi64, #heddle.dims<["n"]>>, tensor<?xi64, #heddle.dims<["n"]>>)
      -> tensor<?xi64, #heddle.dims<["n"]>>
    %1 = heddle.cast %i : (tensor<?xi64, #heddle.dims<["n"]>>) -> tensor<?xf32, #heddle.dims<["n"]>>
    heddle.return %0, %1 : tensor<?xi64, #heddle.dims<["n"]>>, tensor<?xf32, #heddle.dims<["n"]>>
  })"))
    GTEST_SKIP();
  SimAddress sum = bench.allocate<int64_t>("sum", 3), position = bench.allocate<float>("position", 3);
  launch({bench.upload("x", std::vector<int64_t>{int64_t(1) << 40, -1, INT64_MAX}), sum, position}, {{"n", 3}});
  EXPECT_EQ(bench.download<int64_t>(sum, 3), (std::vector<int64_t>{int64_t(1) << 40, 0, INT64_MIN + 1}));
  EXPECT_EQ(bench.download<float>(position, 3), (std::vector<float>{0, 1, 2}));
}

// Nothing of a model's names but identifiers reaches the text.
TEST_P(ElementwiseTest, HostileNamesAreMangled) {
  if (!emit(R"(heddle.kernel @"k\0A#error"(%x: tensor<4xf32> {heddle.name = "a*/ \\\0A#include <x>"},
      %y: tensor<4xf32> {heddle.name = "int"}) -> (tensor<4xf32> {heddle.name = "i"})
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("evil\0A#error \\")
    heddle.return %0 : tensor<4xf32>
  })"))
    GTEST_SKIP();
  EXPECT_EQ(kernel.source.find("#error"), std::string::npos);
  EXPECT_EQ(kernel.source.find('\\'), std::string::npos);
  EXPECT_EQ(kernel.parameters[1].name, "int_1");
}

} // namespace
} // namespace heddle
