// Tests host functions where the backend suite is silent: NaNs, empty tensors, wrong data.
#include "test/unit/host/HostCall.h"

#include <gtest/gtest.h>
#include <limits>

namespace heddle::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

std::string messageOf(const std::string &name, const HostAttrs &attrs, const std::vector<const Tensor *> &inputs,
                      int64_t version = 1) {
  Result<std::vector<Tensor>> results = callHost(name, attrs, inputs, {DType::F32}, version);
  EXPECT_TRUE(results || results.status().code() == Code::Malformed);
  return results ? "accepted" : results.status().message();
}

// The documented rule: a NaN counts as larger than every number, infinity included.
TEST(HostFunctions, TopKPutsNaNsFirstAmongTheLargest) {
  Tensor x = tensorOf<float>(DType::F32, {5}, {1, nan, inf, nan, 2}), k = tensorOf<int64_t>(DType::I64, {1}, {3});
  Result<std::vector<Tensor>> largest = callHost("top_k", {}, {&x, &k}, {DType::F32, DType::I64});
  ASSERT_TRUE(largest);
  EXPECT_EQ(valuesOf<int64_t>((*largest)[1]), (std::vector<int64_t>{1, 3, 2}));
  Result<std::vector<Tensor>> smallest =
      callHost("top_k", {{"largest", int64_t(0)}}, {&x, &k}, {DType::F32, DType::I64});
  EXPECT_EQ(valuesOf<int64_t>((*smallest)[1]), (std::vector<int64_t>{0, 4, 2}));
}

TEST(HostFunctions, TopKBeyondTheAxisIsRefused) {
  Tensor x = tensorOf<float>(DType::F32, {2}, {1, 2}), k = tensorOf<int64_t>(DType::I64, {1}, {3});
  EXPECT_EQ(messageOf("top_k", {}, {&x, &k}), "k is 3, the axis has 2 elements");
}

TEST(HostFunctions, TopKOfAnEmptyTensorIsEmpty) {
  Tensor x = tensorOf<float>(DType::F32, {0, 4}, {}), k = tensorOf<int64_t>(DType::I64, {1}, {2});
  Result<std::vector<Tensor>> results = callHost("top_k", {}, {&x, &k}, {DType::F32, DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ((*results)[0].shape(), (std::vector<int64_t>{0, 2}));
}

TEST(HostFunctions, NonZeroCountsNaNsAndNotNegativeZero) {
  Tensor x = tensorOf<float>(DType::F32, {4}, {0.0f, nan, -0.0f, -1});
  Result<std::vector<Tensor>> results = callHost("nonzero", {}, {&x}, {DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ(valuesOf<int64_t>((*results)[0]), (std::vector<int64_t>{1, 3}));
}

TEST(HostFunctions, NonZeroOfAScalarHasNoRows) {
  Tensor x = tensorOf<float>(DType::F32, {}, {5});
  Result<std::vector<Tensor>> results = callHost("nonzero", {}, {&x}, {DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ((*results)[0].shape(), (std::vector<int64_t>{0, 1}));
}

TEST(HostFunctions, UniqueTakesAllNaNsForOne) {
  Tensor x = tensorOf<float>(DType::F32, {5}, {nan, 2, nan, 2, 1});
  Result<std::vector<Tensor>> results = callHost("unique", {}, {&x}, {DType::F32, DType::I64, DType::I64, DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ(valuesOf<int64_t>((*results)[1]), (std::vector<int64_t>{4, 1, 0}));
  EXPECT_EQ(valuesOf<int64_t>((*results)[2]), (std::vector<int64_t>{2, 1, 2, 1, 0}));
  EXPECT_EQ(valuesOf<int64_t>((*results)[3]), (std::vector<int64_t>{1, 2, 2}));
}

TEST(HostFunctions, UniqueOfAnEmptyTensorIsEmpty) {
  Tensor x = tensorOf<float>(DType::F32, {0}, {});
  Result<std::vector<Tensor>> results = callHost("unique", {}, {&x}, {DType::F32, DType::I64, DType::I64, DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ((*results)[0].shape(), std::vector<int64_t>{0});
}

TEST(HostFunctions, BadAxisNamesTheRange) {
  Tensor x = tensorOf<float>(DType::F32, {2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(messageOf("unique", {{"axis", int64_t(2)}}, {&x}), "axis is 2, expected a value in [-2, 2)");
}

TEST(HostFunctions, RangeWithoutAStepIsRefused) {
  Tensor zero = tensorOf<float>(DType::F32, {}, {0}), one = tensorOf<float>(DType::F32, {}, {1});
  EXPECT_EQ(messageOf("range", {}, {&zero, &one, &zero}), "a range of step 0.000000 has no end");
  Tensor none = tensorOf<int64_t>(DType::I64, {}, {0});
  EXPECT_EQ(messageOf("range", {}, {&none, &none, &none}), "a range of step 0 has no end");
}

TEST(HostFunctions, RangeTakesScalarsOfOneType) {
  Tensor zero = tensorOf<float>(DType::F32, {}, {0}), one = tensorOf<int64_t>(DType::I64, {}, {1});
  EXPECT_EQ(messageOf("range", {}, {&zero, &one, &zero}), "start, limit and step are not scalars of one numeric type");
}

// A plan from a file may call a function with anything.
TEST(HostFunctions, MissingInputsAreRefused) {
  EXPECT_EQ(messageOf("det", {}, {}), "got 0 inputs, expected at least 1");
}

TEST(HostFunctions, TopKTakesOneInteger) {
  Tensor x = tensorOf<float>(DType::F32, {2}, {1, 2});
  EXPECT_EQ(messageOf("top_k", {}, {&x, &x}), "k has 2 elements of f32, expected one integer");
}

TEST(HostFunctions, DeterminantTakesSquareMatrices) {
  Tensor x = tensorOf<float>(DType::F32, {1, 2}, {1, 2});
  EXPECT_EQ(messageOf("det", {}, {&x}), "the input is not made of square matrices of floats");
}

// A mutant asked for 2^61 samples per bin, and got all memory.
TEST(HostFunctions, RoiAlignTakesABoundedNumberOfSamples) {
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 2, 2}, {1, 2, 3, 4}),
         roi = tensorOf<float>(DType::F32, {1, 4}, {0, 0, 2, 2});
  Tensor owner = tensorOf<int64_t>(DType::I64, {1}, {0});
  EXPECT_EQ(messageOf("roi_align", {{"sampling_ratio", int64_t(1025)}}, {&x, &roi, &owner}),
            "sampling_ratio is 1025, expected at most 1024");
  EXPECT_EQ(messageOf("roi_align", {{"sampling_ratio", int64_t(1024)}}, {&x, &roi, &owner}), "accepted");
}

TEST(HostFunctions, CompressChecksItsCondition) {
  Tensor x = tensorOf<float>(DType::F32, {2}, {1, 2}), longer = tensorOf<uint8_t>(DType::Bool, {3}, {1, 0, 1});
  EXPECT_EQ(messageOf("compress", {}, {&x, &x}), "the condition is not bool of rank 1");
  EXPECT_EQ(messageOf("compress", {}, {&x, &longer}), "the condition has 3 elements for 2");
}

TEST(HostFunctions, StringFunctionsTakeStringsOnly) {
  Tensor x = tensorOf<float>(DType::F32, {2}, {1, 2}), axis = tensorOf<int64_t>(DType::I64, {}, {0});
  EXPECT_EQ(messageOf("string_concat", {}, {&x, &x}), "the inputs are not strings");
  EXPECT_EQ(messageOf("string_split", {}, {&x}), "the input is not strings");
  Tensor words = std::move(*Tensor::allocate(DType::String, {2}));
  EXPECT_EQ(messageOf("cum_sum", {}, {&words, &axis}), "strings cannot be added up");
}

TEST(HostFunctions, TfIdfChecksItsPool) {
  using Ints = std::vector<int64_t>;
  Tensor x = tensorOf<int64_t>(DType::I64, {2}, {1, 2}), halves = tensorOf<float>(DType::F32, {2}, {1, 2});
  EXPECT_EQ(messageOf("tfidf_vectorizer", {}, {&halves}), "the input is not signed integers of rank 1 or 2");
  EXPECT_EQ(messageOf("tfidf_vectorizer", {{"pool_int64s", Ints{1, 2, 3}}, {"ngram_counts", Ints{0, 2}}}, {&x}),
            "n-gram 0 has no column");
  EXPECT_EQ(messageOf("tfidf_vectorizer",
                      {{"pool_int64s", Ints{1, 2, 3}}, {"ngram_counts", Ints{0, 4}}, {"ngram_indexes", Ints{0, 1}}},
                      {&x}),
            "the n-grams of length 1 lie at [0, 4) of 3");
}

// Limits at the ends of the type: the distance does not fit 64 bits.
TEST(HostFunctions, RangeOverTheWholeOfI64DoesNotOverflow) {
  const int64_t low = std::numeric_limits<int64_t>::min(), high = std::numeric_limits<int64_t>::max();
  Tensor start = tensorOf<int64_t>(DType::I64, {}, {low}), limit = tensorOf<int64_t>(DType::I64, {}, {high});
  Tensor step = tensorOf<int64_t>(DType::I64, {}, {high});
  Result<std::vector<Tensor>> results = callHost("range", {}, {&start, &limit, &step}, {DType::I64});
  ASSERT_TRUE(results);
  EXPECT_EQ(valuesOf<int64_t>((*results)[0]), (std::vector<int64_t>{low, -1, high - 1}));
}

// Every index is data: one outside the tensor must not become a store outside of it.
TEST(HostFunctions, ScatterBeyondTheTensorIsRefused) {
  Tensor data = tensorOf<float>(DType::F32, {2}, {1, 2}), update = tensorOf<float>(DType::F32, {1}, {9});
  Tensor elements = tensorOf<int64_t>(DType::I64, {1}, {2}), tuples = tensorOf<int64_t>(DType::I64, {1, 1}, {-3});
  EXPECT_EQ(messageOf("scatter_elements", {}, {&data, &elements, &update}),
            "index 2 is out of bounds for a dimension of 2");
  EXPECT_EQ(messageOf("scatter_nd", {}, {&data, &tuples, &update}), "index -3 is out of bounds for a dimension of 2");
}

// The importer sees to all of this: a plan from a file may ask for something else.
TEST(HostFunctions, ScatterChecksItsReduction) {
  Tensor data = tensorOf<float>(DType::F32, {2}, {1, 2}), index = tensorOf<int64_t>(DType::I64, {1}, {0});
  Tensor update = tensorOf<float>(DType::F32, {1}, {9});
  EXPECT_EQ(messageOf("scatter_elements", {{"reduction", std::string("mean")}}, {&data, &index, &update}),
            "reduction is 'mean', expected none, add, mul, max or min");
}

TEST(HostFunctions, ScatterTakesUpdatesOfTheTypeOfItsData) {
  Tensor data = tensorOf<float>(DType::F32, {2}, {1, 2}), index = tensorOf<int64_t>(DType::I64, {1}, {0});
  EXPECT_EQ(messageOf("scatter_elements", {}, {&data, &index, &index}), "data and updates have different types");
}

TEST(HostFunctions, ScatterDoesNotCombineStrings) {
  Tensor words = std::move(*Tensor::allocate(DType::String, {1})), index = tensorOf<int64_t>(DType::I64, {1}, {0});
  EXPECT_EQ(messageOf("scatter_elements", {{"reduction", std::string("add")}}, {&words, &index, &words}),
            "strings cannot be combined");
}

TEST(HostFunctions, ScatterCombinesRepeatedIndicesInOrder) {
  Tensor data = tensorOf<float>(DType::F32, {2}, {1, 2}), updates = tensorOf<float>(DType::F32, {3}, {3, 4, 5});
  Tensor indices = tensorOf<int64_t>(DType::I64, {3}, {0, -2, 1});
  Result<std::vector<Tensor>> sums =
      callHost("scatter_elements", {{"reduction", std::string("add")}}, {&data, &indices, &updates}, {DType::F32});
  ASSERT_TRUE(sums);
  EXPECT_EQ(valuesOf<float>((*sums)[0]), (std::vector<float>{8, 7}));
  Result<std::vector<Tensor>> last = callHost("scatter_elements", {}, {&data, &indices, &updates}, {DType::F32});
  ASSERT_TRUE(last);
  EXPECT_EQ(valuesOf<float>((*last)[0]), (std::vector<float>{4, 5}));
}

TEST(HostFunctions, ScatterByMaximumKeepsNaNs) {
  Tensor data = tensorOf<float>(DType::F32, {2}, {nan, 2}), updates = tensorOf<float>(DType::F32, {2}, {3, nan});
  Tensor indices = tensorOf<int64_t>(DType::I64, {2}, {0, 1});
  Result<std::vector<Tensor>> results =
      callHost("scatter_elements", {{"reduction", std::string("max")}}, {&data, &indices, &updates}, {DType::F32});
  ASSERT_TRUE(results);
  EXPECT_NE(valuesOf<float>((*results)[0])[0], valuesOf<float>((*results)[0])[0]);
  EXPECT_NE(valuesOf<float>((*results)[0])[1], valuesOf<float>((*results)[0])[1]);
}

TEST(HostFunctions, RoiAlignOfAnImageThatIsNotThereIsRefused) {
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 2, 2}, {1, 2, 3, 4});
  Tensor rois = tensorOf<float>(DType::F32, {1, 4}, {0, 0, 1, 1}), batch = tensorOf<int64_t>(DType::I64, {1}, {1});
  EXPECT_EQ(messageOf("roi_align", {}, {&x, &rois, &batch}), "region 0 lies in image 1 of 1");
}

TEST(HostFunctions, MaxPoolGivesThePositionOfTheFirstMaximum) {
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 4}, {5, 7, 7, nan});
  Tensor sizes = tensorOf<int64_t>(DType::I64, {1}, {2}), low = tensorOf<int64_t>(DType::I64, {1}, {0});
  const std::vector<int64_t> one = {1}, two = {2};
  Result<std::vector<Tensor>> results = callHost("max_pool", {{"window", two}, {"strides", two}, {"dilations", one}},
                                                 {&x, &sizes, &low}, {DType::F32, DType::I64}, /*version=*/2);
  ASSERT_TRUE(results);
  EXPECT_EQ(valuesOf<int64_t>((*results)[1]), (std::vector<int64_t>{1, 3}));
}

// Only elements of the image are looked at, so padding of any size costs nothing.
TEST(HostFunctions, MaxPoolSkipsPadding) {
  constexpr int64_t wide = int64_t(1) << 30;
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 3}, {1, 3, 2});
  Tensor sizes = tensorOf<int64_t>(DType::I64, {1}, {1}), low = tensorOf<int64_t>(DType::I64, {1}, {wide});
  const std::vector<int64_t> one = {1}, window = {wide * 2 - 1}, two = {2};
  for (const auto &[dilations, expected] : {std::pair(one, 3.0f), std::pair(two, 2.0f)}) {
    Result<std::vector<Tensor>> results =
        callHost("max_pool", {{"window", window}, {"strides", one}, {"dilations", dilations}}, {&x, &sizes, &low},
                 {DType::F32, DType::I64}, /*version=*/2);
    ASSERT_TRUE(results);
    EXPECT_EQ(valuesOf<float>((*results)[0]), std::vector<float>{expected});
  }
}

TEST(HostFunctions, MaxPoolTakesAWindowOfTheRankOfTheImage) {
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 4}, {1, 2, 3, 4}), sizes = tensorOf<int64_t>(DType::I64, {1}, {1});
  const std::vector<int64_t> one = {1}, two = {2}, none;
  const HostAttrs noStride = {{"window", two}, {"strides", none}, {"dilations", one}};
  EXPECT_EQ(messageOf("max_pool", noStride, {&x, &sizes, &sizes}, /*version=*/2),
            "the window does not have the rank of the image");
}

// What is computed of these must not overflow, nor divide by 0.
TEST(HostFunctions, MaxPoolBoundsItsWindow) {
  Tensor x = tensorOf<float>(DType::F32, {1, 1, 4}, {1, 2, 3, 4});
  constexpr int64_t most = std::numeric_limits<int32_t>::max(), huge = most + 1;
  const auto message = [&](int64_t window, int64_t stride, int64_t dilation, int64_t pad, int64_t count) {
    using Ints = std::vector<int64_t>;
    Tensor sizes = tensorOf<int64_t>(DType::I64, {1}, {count}), pads = tensorOf<int64_t>(DType::I64, {1}, {pad});
    return messageOf("max_pool", {{"window", Ints{window}}, {"strides", Ints{stride}}, {"dilations", Ints{dilation}}},
                     {&x, &sizes, &pads}, /*version=*/2);
  };
  for (int64_t value : {int64_t(0), huge}) {
    const std::string range = " has entry " + std::to_string(value) + ", expected it in [1, 2^31)";
    EXPECT_EQ(message(value, 1, 1, 0, 1), "window" + range);
    EXPECT_EQ(message(2, value, 1, 0, 1), "strides" + range);
    EXPECT_EQ(message(2, 1, value, 0, 1), "dilations" + range);
  }
  for (int64_t value : {int64_t(-1), huge}) {
    const std::string range = " has entry " + std::to_string(value) + ", expected it in [0, 2^31)";
    EXPECT_EQ(message(2, 1, 1, value, 1), "the padding" + range);
    EXPECT_EQ(message(2, 1, 1, 0, value), "the result's size" + range);
  }
  EXPECT_EQ(message(most, most, most, 0, 0), "accepted");
  EXPECT_EQ(message(2, 1, 1, most, 1), "a window lies in the padding alone");
}

TEST(HostFunctions, ReverseSequenceChecksItsLengths) {
  Tensor x = tensorOf<float>(DType::F32, {2, 1}, {1, 2}), lengths = tensorOf<int64_t>(DType::I64, {1}, {3});
  EXPECT_EQ(messageOf("reverse_sequence", {}, {&x, &lengths}), "length 3 of batch 0 is not in [0, 2]");
  EXPECT_EQ(messageOf("reverse_sequence", {}, {&x, &x}), "the lengths are not i64 [1]");
  EXPECT_EQ(messageOf("reverse_sequence", {{"time_axis", int64_t(1)}}, {&x, &lengths}),
            "batch and time axes are 1 and 1, expected 0 and 1 of a tensor of rank 2 or more");
}

// Sums of small floats run in f32: 2048 + 1 is lost in f16 alone.
TEST(HostFunctions, CumSumOfHalvesRunsInSingle) {
  Tensor x = tensorOf<uint16_t>(DType::F16, {3}, {0x6800, 0x3c00, 0x3c00}); // 2048, 1, 1
  Tensor axis = tensorOf<int64_t>(DType::I64, {}, {0});
  Result<std::vector<Tensor>> results = callHost("cum_sum", {}, {&x, &axis}, {DType::F16});
  ASSERT_TRUE(results);
  EXPECT_EQ(valuesOf<uint16_t>((*results)[0]), (std::vector<uint16_t>{0x6800, 0x6800, 0x6801})); // ..., 2050
}

TEST(HostFunctions, NonMaxSuppressionChecksItsShapes) {
  Tensor boxes = tensorOf<float>(DType::F32, {1, 1, 3}, {0, 0, 1}),
         scores = tensorOf<float>(DType::F32, {1, 1, 1}, {1});
  EXPECT_EQ(messageOf("non_max_suppression", {}, {&boxes, &scores}),
            "boxes and scores are not [batches, boxes, 4] and [batches, classes, boxes]");
}

TEST(HostFunctions, IdentityCopiesStrings) {
  Tensor x = std::move(*Tensor::allocate(DType::String, {2}));
  x.strings() = {"warp", "weft"};
  Result<std::vector<Tensor>> results = callHost("identity", {}, {&x}, {DType::String});
  ASSERT_TRUE(results);
  EXPECT_EQ((*results)[0].strings(), x.strings());
}

} // namespace
} // namespace heddle::test
