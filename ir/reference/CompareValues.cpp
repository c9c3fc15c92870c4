// Implements comparing tensors of the evaluator.
#include "ir/reference/CompareValues.h"
#include "runtime/format/ElementConvert.h"
#include <cmath>

using namespace heddle;

static std::vector<double> elementsOf(const TensorValue &value) {
  std::vector<double> elements(static_cast<size_t>(value.elementCount()));
  convertElements(value.type, value.bytes.data(), DType::F64, reinterpret_cast<std::byte *>(elements.data()),
                  value.elementCount());
  return elements;
}

static std::string describe(const TensorValue &value) {
  std::string text;
  for (int64_t size : value.shape)
    text += std::to_string(size) + "x";
  return text + std::string(nameOf(value.type));
}

/// The sum of roundings that one pass may add, relative to the largest element.
static double boundOf(DType type) {
  if (type == DType::F64 || type == DType::F32)
    return 1e-4;
  return type == DType::F16 ? 1e-2 : 5e-2;
}

/// The sentence about the elements for which `differs(index)` holds; nullopt if there is none.
template <typename Differs>
static std::optional<std::string> describeDifference(const std::vector<double> &got, const std::vector<double> &want,
                                                     Differs differs) {
  size_t wrong = 0, first = 0;
  double worst = 0;
  for (size_t index = 0; index < want.size(); ++index) {
    if (!differs(index))
      continue;
    first = wrong++ ? first : index;
    worst = std::max(worst, std::isfinite(got[index] - want[index]) ? std::abs(got[index] - want[index]) : INFINITY);
  }
  if (!wrong)
    return std::nullopt;
  char text[200];
  std::snprintf(text, sizeof text,
                "%zu of %zu elements differ, first at %zu: got %.9g, expected %.9g; largest difference %.3g", wrong,
                want.size(), first, got[first], want[first], worst);
  return text;
}

static std::optional<std::string> differenceInType(const TensorValue &got, const TensorValue &want) {
  if (got.type == want.type && got.shape == want.shape)
    return std::nullopt;
  return "got " + describe(got) + ", expected " + describe(want);
}

std::optional<std::string> heddle::differenceInBits(const TensorValue &got, const TensorValue &want) {
  if (std::optional<std::string> difference = differenceInType(got, want))
    return difference;
  if (std::equal(got.bytes.begin(), got.bytes.end(), want.bytes.begin(), want.bytes.end()))
    return std::nullopt;
  std::vector<double> a = elementsOf(got), b = elementsOf(want);
  size_t width = static_cast<size_t>(byteWidth(want.type));
  return describeDifference(a, b, [&](size_t index) {
    return !(std::isnan(a[index]) && std::isnan(b[index])) &&
           std::memcmp(got.element(index), want.element(index), width) != 0;
  });
}

std::optional<std::string> heddle::differenceBeyondRounding(const TensorValue &got, const TensorValue &want) {
  if (!isFloat(want.type))
    return differenceInBits(got, want);
  if (std::optional<std::string> difference = differenceInType(got, want))
    return difference;
  std::vector<double> a = elementsOf(got), b = elementsOf(want);
  double largest = 0;
  for (double element : b)
    largest = std::isfinite(element) ? std::max(largest, std::abs(element)) : largest;
  double bound = boundOf(want.type) * largest;
  return describeDifference(a, b, [&](size_t index) {
    bool isSpecial = !std::isfinite(a[index]) || !std::isfinite(b[index]);
    if (isSpecial)
      return a[index] != b[index] && !(std::isnan(a[index]) && std::isnan(b[index]));
    return std::abs(a[index] - b[index]) > bound;
  });
}
