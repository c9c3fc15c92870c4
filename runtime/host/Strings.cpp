// Host functions on strings: `string_concat` and `string_split`.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <algorithm>

namespace heddle::host {
namespace {

/// `view` broadcast to `shape`: new and stretched dimensions get stride 0. Code::Malformed if it does not fit.
Result<View> broadcastTo(const View &view, const std::vector<int64_t> &shape) {
  View result{view.data, view.type, shape, std::vector<int64_t>(shape.size(), 0)};
  const size_t added = shape.size() - view.shape.size();
  for (size_t dim = 0; dim < view.shape.size(); ++dim) {
    if (view.shape[dim] != shape[added + dim] && view.shape[dim] != 1)
      return Status(Code::Malformed, "dimension " + std::to_string(view.shape[dim]) + " does not broadcast to " +
                                         std::to_string(shape[added + dim]));
    result.strides[added + dim] = view.shape[dim] == 1 ? 0 : view.strides[dim];
  }
  return result;
}

std::vector<int64_t> commonShape(std::vector<int64_t> a, std::vector<int64_t> b) {
  a.insert(a.begin(), std::max(a.size(), b.size()) - a.size(), 1);
  b.insert(b.begin(), a.size() - b.size(), 1);
  for (size_t dim = 0; dim < a.size(); ++dim)
    a[dim] = a[dim] == 1 ? b[dim] : a[dim];
  return a;
}

/// Splits at runs of white space if `delimiter` is empty, else at every delimiter; at most `most` times (negative: no
/// limit).
std::vector<std::string> split(const std::string &text, const std::string &delimiter, int64_t most) {
  std::vector<std::string> parts;
  const std::string spaces = " \t\n\v\f\r";
  size_t begin = delimiter.empty() ? std::min(text.find_first_not_of(spaces), text.size()) : 0;
  if (delimiter.empty() && begin == text.size())
    return parts;
  while (most < 0 || int64_t(parts.size()) < most) {
    size_t end = delimiter.empty() ? text.find_first_of(spaces, begin) : text.find(delimiter, begin);
    size_t next = end == std::string::npos ? std::string::npos
                  : delimiter.empty()      ? text.find_first_not_of(spaces, end)
                                           : end + delimiter.size();
    if (end == std::string::npos || (delimiter.empty() && next == std::string::npos))
      break;
    parts.push_back(text.substr(begin, end - begin));
    begin = next;
  }
  std::string rest = text.substr(begin);
  if (delimiter.empty())
    rest.erase(rest.find_last_not_of(spaces) + 1);
  parts.push_back(rest);
  return parts;
}

} // namespace

/// Inputs: two tensors of strings. Result: their concatenations, broadcast. Source: ONNX StringConcat.
Status stringConcat(const HostAttrs &, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  if (inputs[0].type != DType::String || inputs[1].type != DType::String)
    return Status(Code::Malformed, "the inputs are not strings");
  std::vector<int64_t> shape = commonShape(inputs[0].shape, inputs[1].shape);
  Result<View> a = broadcastTo(inputs[0], shape), b = broadcastTo(inputs[1], shape);
  if (!a || !b)
    return a ? b.status() : a.status();
  Result<View> y = outputs.allocate(0, shape);
  if (!y)
    return y.status();
  std::vector<int64_t> first = rowMajorOffsets(*a), second = rowMajorOffsets(*b), to = rowMajorOffsets(*y);
  for (size_t i = 0; i < to.size(); ++i)
    store(*y, to[i], load<std::string>(*a, first[i]) + load<std::string>(*b, second[i]));
  return Status::ok();
}

/// Inputs: x of strings. Attributes: delimiter (""), maxsplit (no limit). Results: [..., most parts] filled up with
/// empty strings, and the i64 number of parts of each. Source: ONNX StringSplit.
Status stringSplit(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 1));
  const View &x = inputs[0];
  if (x.type != DType::String)
    return Status(Code::Malformed, "the input is not strings");
  const std::string delimiter = stringAttr(attrs, "delimiter");
  const int64_t most = intAttr(attrs, "maxsplit", -1);
  std::vector<std::vector<std::string>> parts;
  size_t widest = 0;
  for (int64_t offset : rowMajorOffsets(x)) {
    parts.push_back(split(load<std::string>(x, offset), delimiter, most));
    widest = std::max(widest, parts.back().size());
  }
  std::vector<int64_t> shape = x.shape;
  shape.push_back(int64_t(widest));
  Result<View> y = outputs.allocate(0, shape);
  Result<View> counts = outputs.allocate(1, x.shape);
  if (!y || !counts)
    return y ? counts.status() : y.status();
  std::vector<int64_t> to = rowMajorOffsets(*y), toCount = rowMajorOffsets(*counts);
  for (size_t i = 0; i < parts.size(); ++i) {
    store(*counts, toCount[i], int64_t(parts[i].size()));
    for (size_t part = 0; part < widest; ++part)
      store(*y, to[i * widest + part], part < parts[i].size() ? parts[i][part] : std::string());
  }
  return Status::ok();
}

} // namespace heddle::host
