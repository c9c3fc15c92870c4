// Implements shapes and values on the command line.
#include "tools/common/Shapes.h"
#include "tools/common/Elements.h"
#include "tools/io/Npy.h"
#include <charconv>

using namespace heddle;

/// Splits at every `separator`.
static std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

static bool parseSize(std::string_view text, int64_t &size) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() && size >= 0;
}

Result<std::map<std::string, Shape, std::less<>>> heddle::parseShapes(std::string_view text) {
  std::map<std::string, Shape, std::less<>> shapes;
  if (text.empty())
    return shapes;
  for (std::string_view part : split(text, ',')) {
    size_t colon = part.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
      return Status(Code::Malformed, "shape '" + std::string(part) + "' is not NAME:SIZExSIZE");
    Shape shape;
    std::string_view sizes = part.substr(colon + 1);
    for (std::string_view dim : sizes.empty() ? std::vector<std::string_view>() : split(sizes, 'x')) {
      int64_t size = 0;
      if (!parseSize(dim, size))
        return Status(Code::Malformed, "shape '" + std::string(part) + "' has size '" + std::string(dim) +
                                           "', expected a number not below 0");
      shape.push_back(size);
    }
    if (!shapes.emplace(part.substr(0, colon), std::move(shape)).second)
      return Status(Code::Malformed, "the shape of '" + std::string(part.substr(0, colon)) + "' is given twice");
  }
  return shapes;
}

/// `2x3xf32=0.5`: every element has the value.
static Result<Tensor> parseFilled(const std::string &name, std::string_view text) {
  size_t equals = text.find('=');
  Status bad(Code::Malformed,
             "input '" + name + "' is neither @FILE.npy nor SIZExTYPE=VALUE: '" + std::string(text) + "'");
  if (equals == std::string_view::npos)
    return bad;
  std::vector<std::string_view> parts = split(text.substr(0, equals), 'x');
  std::optional<DType> type = dtypeFromName(parts.back());
  parts.pop_back();
  std::vector<int64_t> shape(parts.size());
  for (size_t dim = 0; dim < parts.size(); ++dim)
    if (!parseSize(parts[dim], shape[dim]))
      return bad;
  double value = 0;
  std::string_view number = text.substr(equals + 1);
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (!type || *type == DType::String || error != std::errc() || end != number.data() + number.size())
    return bad;
  Result<Tensor> tensor = Tensor::allocate(*type, shape);
  if (tensor)
    for (int64_t index = 0; index < tensor->elementCount(); ++index)
      storeElement(*tensor, index, value);
  return tensor;
}

Result<NamedTensor> heddle::parseInput(std::string_view text) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Status(Code::Malformed, "input '" + std::string(text) + "' is not NAME=@FILE.npy or NAME=SIZExTYPE=VALUE");
  std::string name(text.substr(0, equals));
  std::string_view value = text.substr(equals + 1);
  Result<Tensor> tensor = value.starts_with("@") ? readNpyFile(std::string(value.substr(1))) : parseFilled(name, value);
  if (!tensor)
    return tensor.status();
  return NamedTensor{std::move(name), std::move(*tensor)};
}
