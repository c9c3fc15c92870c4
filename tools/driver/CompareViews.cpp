// Implements comparing tensors in memory.
#include "tools/driver/CompareViews.h"
#include "runtime/format/ElementConvert.h"
#include "runtime/host/StridedCopy.h"
#include <cmath>

using namespace heddle;

SharedTensor heddle::denseCopy(const View &view) {
  auto bytes =
      std::make_shared<std::vector<std::byte>>(static_cast<size_t>(view.elementCount() * byteWidth(view.type)));
  View copy{bytes->data(), view.type, view.shape, rowMajorStrides(view.shape)};
  copyElements(view, copy);
  return {std::move(copy), std::move(bytes)};
}

std::string heddle::describe(const View &view) { return describe(view.type, view.shape); }

static std::vector<double> elementsOf(const View &view) {
  SharedTensor dense = denseCopy(view);
  std::vector<double> elements(static_cast<size_t>(view.elementCount()));
  convertElements(view.type, static_cast<const std::byte *>(dense.view.data), DType::F64,
                  reinterpret_cast<std::byte *>(elements.data()), view.elementCount());
  return elements;
}

Agreement heddle::compareViews(const View &got, const View &want, const Tolerance &tolerance) {
  Agreement agreement;
  if (got.type != want.type || got.shape != want.shape) {
    agreement.agrees = false;
    agreement.message = "got " + describe(got) + ", expected " + describe(want);
    return agreement;
  }
  std::vector<double> a = elementsOf(got), b = elementsOf(want);
  for (double element : b)
    if (std::isfinite(element))
      agreement.largestValue = std::max(agreement.largestValue, std::abs(element));
  double bound = isFloat(want.type) ? tolerance.absolute + tolerance.relative * agreement.largestValue : 0;
  size_t wrong = 0, first = 0;
  for (size_t index = 0; index < b.size(); ++index) {
    double difference = std::abs(a[index] - b[index]);
    bool isFinite = std::isfinite(a[index]) && std::isfinite(b[index]);
    if (isFinite)
      agreement.largestDifference = std::max(agreement.largestDifference, difference);
    bool agrees =
        isFinite ? difference <= bound : a[index] == b[index] || (std::isnan(a[index]) && std::isnan(b[index]));
    if (!agrees)
      first = wrong++ ? first : index;
  }
  if (wrong == 0)
    return agreement;
  char text[200];
  std::snprintf(text, sizeof text,
                ": %zu of %zu elements differ, first at %zu: got %.9g, expected %.9g; largest difference %.3g", wrong,
                b.size(), first, a[first], b[first], agreement.largestDifference);
  agreement.agrees = false;
  agreement.message = describe(want) + text;
  return agreement;
}

NotFinite heddle::findNotFinite(const View &view) {
  NotFinite found;
  if (!isFloat(view.type))
    return found;
  for (double element : elementsOf(view)) {
    found.nan |= std::isnan(element);
    found.infinity |= std::isinf(element);
  }
  return found;
}
