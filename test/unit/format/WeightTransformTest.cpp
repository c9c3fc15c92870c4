// Types and execution of weight transforms, against a definition element by element.
#include "runtime/format/WeightTransform.h"

#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <random>

using namespace heddle;

namespace {

/// A tensor of f32 that owns its elements.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> elements;

  int64_t count() const { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); }
  DenseTensor dense() const { return {{DType::F32, shape}, std::as_bytes(std::span(elements))}; }
};

Tensor numbered(std::vector<int64_t> shape, float first = 0) {
  Tensor tensor = {std::move(shape), {}};
  tensor.elements.resize(static_cast<size_t>(tensor.count()));
  std::iota(tensor.elements.begin(), tensor.elements.end(), first);
  return tensor;
}

/// Digest to weight.
using Others = std::map<std::string, Tensor, std::less<>>;

WeightLookup lookupIn(const Others &others) {
  return [&others](std::string_view digest) {
    auto found = others.find(digest);
    return found == others.end() ? std::nullopt : std::optional(found->second.dense());
  };
}

std::vector<int64_t> indexOf(int64_t linear, const std::vector<int64_t> &shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; linear /= shape[dim])
    index[dim] = linear % shape[dim];
  return index;
}

/// The element at an index; 0 outside, which is what packing and padding need.
float at(const Tensor &tensor, const std::vector<int64_t> &index) {
  int64_t linear = 0;
  for (size_t dim = 0; dim < index.size(); ++dim) {
    if (index[dim] < 0 || index[dim] >= tensor.shape[dim])
      return 0;
    linear = linear * tensor.shape[dim] + index[dim];
  }
  return tensor.elements[static_cast<size_t>(linear)];
}

/// The definition of each step: where an element of the result comes from.
struct Definition {
  const Tensor &source;
  const Others &others;
  std::vector<int64_t> index;
  int64_t linear;

  float operator()(const weight::Cast &) const { return at(source, index); }
  float operator()(const weight::Permute &step) const {
    std::vector<int64_t> from(index.size());
    for (size_t dim = 0; dim < index.size(); ++dim)
      from[static_cast<size_t>(step.order[dim])] = index[dim];
    return at(source, from);
  }
  float operator()(const weight::Reshape &) const { return source.elements[static_cast<size_t>(linear)]; }
  float operator()(const weight::Slice &step) const {
    std::vector<int64_t> from(index.size());
    for (size_t dim = 0; dim < index.size(); ++dim)
      from[dim] = step.starts[dim] + index[dim] * step.steps[dim];
    return at(source, from);
  }
  float operator()(const weight::Concat &step) const {
    auto axis = static_cast<size_t>(step.axis);
    std::vector<int64_t> from = index;
    if (index[axis] < source.shape[axis])
      return at(source, from);
    from[axis] -= source.shape[axis];
    return at(others.find(step.digest)->second, from);
  }
  float operator()(const weight::Pad &step) const {
    std::vector<int64_t> from = index;
    bool isInside = true;
    for (size_t dim = 0; dim < index.size(); ++dim) {
      from[dim] -= step.low[dim];
      isInside &= from[dim] >= 0 && from[dim] < source.shape[dim];
    }
    return isInside ? at(source, from) : static_cast<float>(step.value);
  }
  float operator()(const weight::Scale &step) const {
    return at(source, index) *
           others.find(step.digest)->second.elements[static_cast<size_t>(index[static_cast<size_t>(step.axis)])];
  }
  float operator()(const weight::Pack &step) const {
    int64_t inner = step.layout.kr > 1 ? index[3] : 0;
    return at(source, {index[1] * step.layout.kr + inner, index[0] * step.layout.nr + index[2]});
  }
};

Tensor defined(const Tensor &source, const WeightTransform &transform, const Others &others) {
  Tensor tensor = source;
  for (const weight::Step &step : transform) {
    Result<DenseType> type = transformedType(tensor.dense().type, {step}, lookupIn(others));
    EXPECT_TRUE(type.isOk()) << type.status().message();
    Tensor next = {type->shape, {}};
    for (int64_t i = 0; i < next.count(); ++i)
      next.elements.push_back(std::visit(Definition{tensor, others, indexOf(i, next.shape), i}, step));
    tensor = std::move(next);
  }
  return tensor;
}

Tensor applied(const DenseTensor &source, const WeightTransform &transform, const Others &others) {
  Result<DenseType> type = transformedType(source.type, transform, lookupIn(others));
  EXPECT_TRUE(type.isOk()) << type.status().message();
  Tensor result = {type->shape, {}};
  result.elements.assign(static_cast<size_t>(result.count()), -12345.0f);
  Status status =
      applyTransform(source, transform, lookupIn(others), std::as_writable_bytes(std::span(result.elements)));
  EXPECT_TRUE(status.isOk()) << status.message();
  return result;
}

std::string errorOf(const DenseType &type, const char *transform, const Others &others = {}) {
  Result<DenseType> result = transformedType(type, *parseTransform(transform), lookupIn(others));
  return result.isOk() ? "no error" : result.status().message();
}

TEST(WeightTransform, PacksAMatrixIntoPanels) {
  Tensor matrix = numbered({2, 3}, 1);
  Tensor packed = applied(matrix.dense(), *parseTransform("[pack<nr = 2>]"), {});
  EXPECT_EQ(packed.shape, (std::vector<int64_t>{2, 2, 2}));
  EXPECT_EQ(packed.elements, (std::vector<float>{1, 2, 4, 5, 3, 0, 6, 0}));
}

TEST(WeightTransform, PacksPairsOfRows) {
  Tensor matrix = numbered({3, 2}, 1);
  Tensor packed = applied(matrix.dense(), *parseTransform("[pack<nr = 2, kr = 2>]"), {});
  EXPECT_EQ(packed.shape, (std::vector<int64_t>{1, 2, 2, 2}));
  EXPECT_EQ(packed.elements, (std::vector<float>{1, 3, 2, 4, 5, 0, 6, 0}));
}

/// Draws a step that fits the operand.
weight::Step drawStep(std::mt19937 &random, const Tensor &operand, Others &others) {
  auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  };
  size_t rank = operand.shape.size();
  bool canPack = rank == 2, hasDims = rank > 0;
  switch (random() % 7) {
  case 0: {
    weight::Permute step;
    step.order.resize(rank);
    std::iota(step.order.begin(), step.order.end(), 0);
    std::shuffle(step.order.begin(), step.order.end(), random);
    return step;
  }
  case 1:
    return rank == 3 ? weight::Reshape{{operand.shape[0] * operand.shape[1], operand.shape[2]}}
                     : weight::Reshape{{1, operand.count()}};
  case 2: {
    weight::Slice step;
    for (int64_t size : operand.shape) {
      int64_t start = size > 0 ? draw(0, size - 1) : 0, stride = draw(0, 1) ? draw(1, 2) : -draw(1, 2);
      int64_t room = size == 0 ? 0 : stride > 0 ? (size - 1 - start) / stride + 1 : start / -stride + 1;
      step.starts.push_back(start);
      step.steps.push_back(stride);
      step.sizes.push_back(std::max<int64_t>(room - draw(0, 1), std::min<int64_t>(room, 1)));
    }
    return step;
  }
  case 3: {
    weight::Pad step;
    for (size_t dim = 0; dim < rank; ++dim) {
      step.low.push_back(draw(0, 2));
      step.high.push_back(draw(0, 2));
    }
    step.value = 0.5;
    return step;
  }
  case 4:
    if (canPack)
      return weight::Pack{{draw(1, 5), draw(1, 3)}};
    return weight::Cast{DType::F32};
  default:
    break;
  }
  if (!hasDims)
    return weight::Cast{DType::F32};
  int64_t axis = draw(0, static_cast<int64_t>(rank) - 1);
  std::string digest = "d" + std::to_string(others.size());
  if (random() % 2) {
    others.emplace(digest, numbered({operand.shape[static_cast<size_t>(axis)]}, 2));
    return weight::Scale{axis, digest};
  }
  std::vector<int64_t> shape = operand.shape;
  shape[static_cast<size_t>(axis)] = draw(0, 3);
  others.emplace(digest, numbered(shape, 1000));
  return weight::Concat{axis, digest};
}

// Permutations and slices are views, reads go through them: every order of steps must still mean the definition.
TEST(WeightTransform, RandomStepsAgreeWithTheDefinition) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::vector<int64_t> shape;
    for (uint32_t dim = 0, rank = random() % 4; dim < rank; ++dim)
      shape.push_back(random() % 50 == 0 ? 0 : 1 + static_cast<int64_t>(random() % 6));
    Tensor source = numbered(shape, 1);
    Others others;
    WeightTransform transform;
    for (uint32_t i = 0, steps = 1 + random() % 4; i < steps; ++i)
      transform.push_back(drawStep(random, defined(source, transform, others), others));
    Tensor wanted = defined(source, transform, others), got = applied(source.dense(), transform, others);
    ASSERT_EQ(got.shape, wanted.shape) << printTransform(transform);
    ASSERT_EQ(got.elements, wanted.elements) << "seed " << seed << ": " << printTransform(transform);
  }
}

// A splat of any size stays one element until a step needs more.
TEST(WeightTransform, SplatsAreReadFromOneElement) {
  float value = 3;
  DenseTensor splat = {{DType::F32, {2, 3}}, std::as_bytes(std::span(&value, 1))};
  Tensor full = {{2, 3}, std::vector<float>(6, 3.0f)};
  Others others = {{"s", numbered({3}, 1)}};
  for (const char *text : {"", "[permute<[1, 0]>, reshape<[6]>]", "[pack<nr = 2>]", "[scale<axis = 1, digest = \"s\">]",
                           "[pad<low = [1, 0], high = [0, 0], value = 7>]",
                           "[cast<f32>, slice<starts = [1, 0], sizes = [1, 2], steps = [1, 1]>]"}) {
    WeightTransform transform = *parseTransform(text);
    EXPECT_EQ(applied(splat, transform, others).elements, defined(full, transform, others).elements) << text;
  }
}

TEST(WeightTransform, CastsReadThroughViews) {
  Tensor source = numbered({3, 4});
  Result<WeightTransform> transform =
      parseTransform("[permute<[1, 0]>, cast<f16>, slice<starts = [1, 0], sizes = [2, 3], steps = [2, 1]>, cast<f32>]");
  Tensor wanted =
      defined(source, *parseTransform("[permute<[1, 0]>, slice<starts = [1, 0], sizes = [2, 3], steps = [2, 1]>]"), {});
  EXPECT_EQ(applied(source.dense(), *transform, {}).elements, wanted.elements);
}

// Element widths differ in the copy loops: one large transposition per width, past the size of a tile.
TEST(WeightTransform, TransposesEveryElementWidth) {
  constexpr int64_t rows = 67, columns = 45;
  for (DType type : {DType::U8, DType::U16, DType::U32, DType::U64}) {
    auto width = static_cast<size_t>(byteWidth(type));
    std::vector<std::byte> source(rows * columns * width), target(source.size());
    for (size_t i = 0; i < source.size(); ++i)
      source[i] = static_cast<std::byte>(i * 37 >> 3);
    ASSERT_TRUE(
        applyTransform({{type, {rows, columns}}, source}, *parseTransform("[permute<[1, 0]>]"), lookupIn({}), target));
    for (size_t i = 0; i < rows; ++i)
      for (size_t j = 0; j < columns; ++j)
        ASSERT_EQ(std::memcmp(&target[(j * rows + i) * width], &source[(i * columns + j) * width], width), 0)
            << nameOf(type);
  }
}

TEST(WeightTransform, MisfitsNameTheStep) {
  DenseType matrix = {DType::F32, {2, 3}};
  Others others = {{"v", numbered({2})}, {"m", numbered({2, 5})}};
  EXPECT_EQ(errorOf(matrix, "[permute<[0, 0]>]"),
            "weight transform [permute<[0, 0]>]: the order is no permutation of 2 dimensions");
  EXPECT_EQ(errorOf(matrix, "[reshape<[7]>]"),
            "weight transform [reshape<[7]>]: the shape has not as many elements as [2, 3]");
  EXPECT_EQ(
      errorOf(matrix, "[slice<starts = [0, 0], sizes = [2, 4], steps = [1, 1]>]"),
      "weight transform [slice<starts = [0, 0], sizes = [2, 4], steps = [1, 1]>]: dimension 1 leaves the shape [2, 3]");
  EXPECT_EQ(errorOf(matrix, "[concat<axis = 0, digest = \"none\">]"),
            "weight transform [concat<axis = 0, digest = \"none\">]: there is no weight of this digest");
  EXPECT_EQ(
      errorOf(matrix, "[concat<axis = 0, digest = \"m\">]", others),
      "weight transform [concat<axis = 0, digest = \"m\">]: the other weight is f32[2, 5], the operand f32[2, 3]");
  EXPECT_EQ(errorOf(matrix, "[scale<axis = 1, digest = \"v\">]", others),
            "weight transform [scale<axis = 1, digest = \"v\">]: the factors are f32[2], expected f32[3]");
  EXPECT_EQ(errorOf(matrix, "[pad<low = [-1, 0], high = [0, 0], value = 0>]"),
            "weight transform [pad<low = [-1, 0], high = [0, 0], value = 0>]: a padding is negative");
  EXPECT_EQ(errorOf(matrix, "[pad<low = [9223372036854775807, 0], high = [0, 0], value = 0>]"),
            "weight transform [pad<low = [9223372036854775807, 0], high = [0, 0], value = 0>]: the size does not fit "
            "in 64 bits");
  EXPECT_EQ(errorOf({DType::F32, {6}}, "[pack<nr = 4>]"),
            "weight transform [pack<nr = 4>]: only a matrix is packed, the operand has the shape [6]");
  EXPECT_EQ(errorOf(matrix, "[pack<nr = 0>]"), "weight transform [pack<nr = 0>]: nr and kr must be in [1, 4096]");
}

TEST(WeightTransform, BytesThatDoNotMatchAreAnError) {
  std::vector<std::byte> bytes(20);
  Status status = applyTransform({{DType::F32, {2, 3}}, bytes}, {}, lookupIn({}), {});
  EXPECT_EQ(status.message(), "the weight has 20 bytes, expected 24");
}

} // namespace
