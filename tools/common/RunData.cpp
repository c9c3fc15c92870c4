// Implements drawing, summarizing and comparing tensors.
#include "tools/common/RunData.h"
#include "tools/common/Elements.h"
#include <cmath>
#include <cstdio>
#include <limits>

using namespace heddle;

namespace {
/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same on every machine.
class Random {
public:
  Random(uint64_t seed, const std::string &name) : state(seed) {
    for (unsigned char letter : name)
      state = next() ^ letter;
  }
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in (0, 1].
  double uniform() { return static_cast<double>((next() >> 11) + 1) * 0x1p-53; }
  /// Standard normal, by Box and Muller.
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }

private:
  uint64_t state;
};
} // namespace

Result<Tensor> heddle::drawTensor(const std::string &name, DType type, std::vector<int64_t> shape, uint64_t seed) {
  if (type == DType::String)
    return Status(Code::Unsupported, "input '" + name + "': random strings are not drawn, give them");
  Result<Tensor> tensor = Tensor::allocate(type, std::move(shape), {.tensorBytes = mostDrawnBytes});
  if (!tensor)
    return Status(tensor.status().code(), "input '" + name + "': " + tensor.status().message());
  Random random(seed, name);
  for (int64_t index = 0; index < tensor->elementCount(); ++index)
    storeElement(*tensor, index, isFloat(type) ? random.normal() : static_cast<double>(random.next() & 1));
  return tensor;
}

std::string heddle::summarize(const Tensor &tensor) {
  std::string text = describe(tensor.type(), tensor.shape());
  if (tensor.type() == DType::String || tensor.elementCount() == 0)
    return text;
  double low = std::numeric_limits<double>::infinity(), high = -low, sum = 0;
  int64_t finite = 0, count = tensor.elementCount();
  std::string first;
  for (int64_t index = 0; index < count; ++index) {
    double value = loadElement(tensor, index);
    char buffer[32];
    if (index < 4) {
      std::snprintf(buffer, sizeof buffer, "%.6g", value);
      first += (index ? ", " : "") + std::string(buffer);
    }
    if (!std::isfinite(value))
      continue;
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
    ++finite;
  }
  char figures[160];
  if (finite)
    std::snprintf(figures, sizeof figures, "  min %.6g  max %.6g  mean %.6g", low, high,
                  sum / static_cast<double>(finite));
  else
    std::snprintf(figures, sizeof figures, "  no finite element");
  text += figures;
  if (finite < count)
    text += "  " + std::to_string(count - finite) + " not finite";
  return text + "  [" + first + (count > 4 ? ", ...]" : "]");
}

static Status compareNumbers(const std::string &name, const Tensor &got, const Tensor &want,
                             const Tolerance &tolerance) {
  int64_t wrong = 0, first = -1;
  double worst = 0;
  for (int64_t index = 0; index < want.elementCount(); ++index) {
    double a = loadElement(got, index), b = loadElement(want, index);
    bool areEqual = a == b || (std::isnan(a) && std::isnan(b));
    if (areEqual || std::abs(a - b) <= tolerance.absolute + tolerance.relative * std::abs(b))
      continue;
    first = wrong++ ? first : index;
    worst = std::max(worst, std::isfinite(a - b) ? std::abs(a - b) : std::numeric_limits<double>::infinity());
  }
  if (!wrong)
    return Status::ok();
  char text[256];
  std::snprintf(text, sizeof text,
                ": %lld of %lld elements differ, first at %lld: got %.9g, expected %.9g; largest difference %.3g",
                static_cast<long long>(wrong), static_cast<long long>(want.elementCount()),
                static_cast<long long>(first), loadElement(got, first), loadElement(want, first), worst);
  return Status(Code::Mismatch, "output '" + name + "'" + text);
}

Status heddle::compareTensors(const std::string &name, const Tensor &got, const Tensor &want,
                              const Tolerance &tolerance) {
  if (got.type() != want.type() || got.shape() != want.shape())
    return Status(Code::Mismatch, "output '" + name + "' is " + describe(got.type(), got.shape()) + ", expected " +
                                      describe(want.type(), want.shape()));
  if (want.type() != DType::String)
    return compareNumbers(name, got, want, tolerance);
  if (got.strings() != want.strings())
    return Status(Code::Mismatch, "output '" + name + "': strings differ");
  return Status::ok();
}
