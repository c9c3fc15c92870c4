// Implements input checks and the binding of symbols.
#include "runtime/Inputs.h"

#include <charconv>
#include <cstring>

namespace heddle {
namespace {

std::string quoted(const std::string &name) { return "'" + name + "'"; }

/// "[batch, 768]"
std::string describeShape(const Shape &shape) {
  std::string text = "[";
  for (size_t dim = 0; dim < shape.size(); ++dim)
    text += (dim == 0 ? "" : ", ") + shape[dim].str();
  return text + "]";
}

/// "past = 3, seq = 4" for the symbols of `expr`.
std::string describeSymbols(const Expr &expr, const SymbolValues &values) {
  std::set<std::string> symbols;
  expr.collectSymbols(symbols);
  std::string text;
  for (const std::string &symbol : symbols) {
    auto value = values.find(symbol);
    text += text.empty() ? "" : ", ";
    text += symbol + (value == values.end() ? " is unknown" : " = " + std::to_string(value->second));
  }
  return text;
}

class ShapeBinder {
public:
  explicit ShapeBinder(const std::vector<Port> &ports) : ports(ports) {}

  /// First pass: lone symbols get values, literals are checked.
  Status bind(size_t input, const std::vector<int64_t> &shape);
  /// Second pass: expressions are checked once all symbols are known.
  Status checkExpressions(size_t input, const std::vector<int64_t> &shape) const;

  SymbolValues values;

private:
  Status bindDimension(size_t input, size_t dim, int64_t size);
  Status mismatch(size_t input, size_t dim, int64_t size, const std::string &expected) const {
    return Status(Code::Malformed, "input " + quoted(ports[input].name) + ": dimension " + std::to_string(dim) +
                                       " is " + std::to_string(size) + ", expected " + expected);
  }

  const std::vector<Port> &ports;
  std::map<std::string, size_t, std::less<>> boundBy; ///< Symbol -> the input that gave its value.
};

Status ShapeBinder::bind(size_t input, const std::vector<int64_t> &shape) {
  const Port &port = ports[input];
  if (shape.size() != port.shape.size())
    return Status(Code::Malformed, "input " + quoted(port.name) + ": rank is " + std::to_string(shape.size()) +
                                       ", expected " + std::to_string(port.shape.size()) + " " +
                                       describeShape(port.shape));
  for (size_t dim = 0; dim < shape.size(); ++dim)
    HEDDLE_RETURN_IF_ERROR(bindDimension(input, dim, shape[dim]));
  return Status::ok();
}

Status ShapeBinder::bindDimension(size_t input, size_t dim, int64_t size) {
  if (size < 0)
    return mismatch(input, dim, size, "0 or more");
  const Expr &expected = ports[input].shape[dim];
  if (std::optional<int64_t> literal = expected.literal())
    return *literal == size ? Status::ok() : mismatch(input, dim, size, std::to_string(*literal));
  std::string symbol(expected.symbolName());
  if (symbol.empty())
    return Status::ok();
  auto [position, isNew] = values.try_emplace(symbol, size);
  if (isNew)
    boundBy[symbol] = input;
  if (position->second == size)
    return Status::ok();
  return mismatch(input, dim, size,
                  symbol + " = " + std::to_string(position->second) + " as in input " +
                      quoted(ports[boundBy.at(symbol)].name));
}

Status ShapeBinder::checkExpressions(size_t input, const std::vector<int64_t> &shape) const {
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    const Expr &expected = ports[input].shape[dim];
    if (expected.literal() || !expected.symbolName().empty())
      continue;
    Result<int64_t> value = expected.evaluate(values);
    std::string symbols = describeSymbols(expected, values);
    if (!value)
      return mismatch(input, dim, shape[dim], expected.str() + " (" + symbols + "): " + value.status().message());
    if (*value != shape[dim])
      return mismatch(input, dim, shape[dim], expected.str() + " = " + std::to_string(*value) + " (" + symbols + ")");
  }
  return Status::ok();
}

Status checkCount(size_t expected, size_t got) {
  if (expected == got)
    return Status::ok();
  return Status(Code::Malformed, "the model has " + std::to_string(expected) + " inputs, got " + std::to_string(got));
}

/// Splits "in3[0]" into input and element, or "rank(in3)" into input and -1.
std::optional<std::pair<size_t, int64_t>> parseRead(std::string_view text) {
  bool isRank = text.starts_with("rank(") && text.ends_with(")");
  if (isRank)
    text = text.substr(5, text.size() - 6);
  if (!text.starts_with("in"))
    return std::nullopt;
  const char *end = text.data() + text.size();
  size_t input = 0;
  auto [rest, error] = std::from_chars(text.data() + 2, end, input);
  if (error != std::errc())
    return std::nullopt;
  if (isRank)
    return rest == end ? std::optional(std::pair(input, int64_t(-1))) : std::nullopt;
  int64_t element = 0;
  if (end - rest < 3 || *rest != '[' || end[-1] != ']')
    return std::nullopt;
  auto [last, elementError] = std::from_chars(rest + 1, end - 1, element);
  if (elementError != std::errc() || last != end - 1 || element < 0)
    return std::nullopt;
  return std::pair(input, element);
}

template <typename T> int64_t loadAs(const std::byte *address) {
  T value;
  std::memcpy(&value, address, sizeof(T));
  return int64_t(value);
}

} // namespace

Result<SymbolValues> bindShapes(const std::vector<Port> &ports, std::span<const std::vector<int64_t>> shapes) {
  HEDDLE_RETURN_IF_ERROR(checkCount(ports.size(), shapes.size()));
  ShapeBinder binder(ports);
  for (size_t input = 0; input < shapes.size(); ++input)
    HEDDLE_RETURN_IF_ERROR(binder.bind(input, shapes[input]));
  for (size_t input = 0; input < shapes.size(); ++input)
    HEDDLE_RETURN_IF_ERROR(binder.checkExpressions(input, shapes[input]));
  return std::move(binder.values);
}

Result<SymbolValues> bindInputs(const std::vector<Port> &ports, std::span<const View> inputs) {
  HEDDLE_RETURN_IF_ERROR(checkCount(ports.size(), inputs.size()));
  std::vector<std::vector<int64_t>> shapes;
  for (size_t input = 0; input < inputs.size(); ++input) {
    const View &view = inputs[input];
    if (view.type != ports[input].type)
      return Status(Code::Malformed, "input " + quoted(ports[input].name) + ": type is " +
                                         std::string(nameOf(view.type)) + ", expected " +
                                         std::string(nameOf(ports[input].type)));
    assert(view.strides.size() == view.shape.size() && "a view has one stride per dimension");
    shapes.push_back(view.shape);
  }
  Result<SymbolValues> values = bindShapes(ports, shapes);
  if (!values)
    return values;
  for (size_t input = 0; input < inputs.size(); ++input)
    if (!inputs[input].data && inputs[input].elementCount() != 0)
      return Status(Code::Malformed, "input " + quoted(ports[input].name) + " has no data");
  return values;
}

void addNamedReads(const Expr &guard, std::span<const View> inputs, SymbolValues &values) {
  std::set<std::string> symbols;
  guard.collectSymbols(symbols);
  for (const std::string &symbol : symbols) {
    std::optional<std::pair<size_t, int64_t>> read = parseRead(symbol);
    if (!read || read->first >= inputs.size())
      continue;
    const View &view = inputs[read->first];
    std::optional<int64_t> value = read->second < 0 ? int64_t(view.shape.size()) : readInteger(view, read->second);
    if (value)
      values.try_emplace(symbol, *value);
  }
}

std::optional<int64_t> readInteger(const View &view, int64_t index) {
  if (index < 0 || index >= view.elementCount())
    return std::nullopt;
  int64_t offset = 0;
  for (size_t dim = view.shape.size(); dim-- > 0;) {
    offset += index % view.shape[dim] * view.strides[dim];
    index /= view.shape[dim];
  }
  const std::byte *address = static_cast<const std::byte *>(view.data) + offset * byteWidth(view.type);
  switch (view.type) {
  case DType::I64:
  case DType::U64:
    return loadAs<int64_t>(address);
  case DType::I32:
    return loadAs<int32_t>(address);
  case DType::U32:
    return loadAs<uint32_t>(address);
  case DType::I16:
    return loadAs<int16_t>(address);
  case DType::U16:
    return loadAs<uint16_t>(address);
  case DType::I8:
  case DType::I4:
    return loadAs<int8_t>(address);
  case DType::U8:
  case DType::U4:
  case DType::Bool:
    return loadAs<uint8_t>(address);
  default:
    return std::nullopt;
  }
}

} // namespace heddle
