// The text form of weight transforms.
#include "runtime/format/WeightTransform.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace heddle {

namespace {

constexpr size_t maxSteps = 64, maxNumbers = 64, maxDigestLength = 128;

/// Keys of the WeightStore join a hash, type and shape by dashes.
bool isDigestCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

std::string printList(const std::vector<int64_t> &numbers) {
  std::string text = "[";
  for (size_t i = 0; i < numbers.size(); ++i)
    text += (i ? ", " : "") + std::to_string(numbers[i]);
  return text + "]";
}

std::string printReal(double value) {
  std::array<char, 32> buffer;
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  assert(error == std::errc() && "the shortest form of a double has at most 24 characters");
  return std::string(buffer.data(), end);
}

struct StepPrinter {
  std::string operator()(const weight::Cast &step) const { return "cast<" + std::string(nameOf(step.type)) + ">"; }
  std::string operator()(const weight::Permute &step) const { return "permute<" + printList(step.order) + ">"; }
  std::string operator()(const weight::Reshape &step) const { return "reshape<" + printList(step.shape) + ">"; }
  std::string operator()(const weight::Slice &step) const {
    return "slice<starts = " + printList(step.starts) + ", sizes = " + printList(step.sizes) +
           ", steps = " + printList(step.steps) + ">";
  }
  std::string operator()(const weight::Concat &step) const { return printWithDigest("concat", step.axis, step.digest); }
  std::string operator()(const weight::Pad &step) const {
    return "pad<low = " + printList(step.low) + ", high = " + printList(step.high) +
           ", value = " + printReal(step.value) + ">";
  }
  std::string operator()(const weight::Scale &step) const { return printWithDigest("scale", step.axis, step.digest); }
  std::string operator()(const weight::Pack &step) const {
    std::string kr = step.layout.kr == 1 ? "" : ", kr = " + std::to_string(step.layout.kr);
    return "pack<nr = " + std::to_string(step.layout.nr) + kr + ">";
  }

  static std::string printWithDigest(const char *name, int64_t axis, const std::string &digest) {
    return std::string(name) + "<axis = " + std::to_string(axis) + ", digest = \"" + digest + "\">";
  }
};

class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}

  Result<WeightTransform> run() {
    WeightTransform transform;
    skipSpace();
    if (position == text.size())
      return transform;
    expect("[");
    while (failure.isOk() && !take("]")) {
      if (!transform.empty())
        expect(",");
      if (transform.size() == maxSteps)
        fail("more than " + std::to_string(maxSteps) + " steps");
      transform.push_back(parseStep());
    }
    skipSpace();
    if (failure.isOk() && position != text.size())
      fail("expected the end");
    return failure.isOk() ? Result<WeightTransform>(std::move(transform)) : Result<WeightTransform>(failure);
  }

private:
  /// Keeps the first error; every later step of the parser does nothing.
  void fail(const std::string &message) {
    if (failure.isOk())
      failure = Status(Code::Malformed, "column " + std::to_string(position + 1) + " of the transform: " + message);
    position = text.size();
  }

  void skipSpace() {
    while (position < text.size() && text[position] == ' ')
      ++position;
  }

  bool take(std::string_view token) {
    skipSpace();
    if (text.substr(position, token.size()) != token)
      return false;
    position += token.size();
    return true;
  }

  void expect(std::string_view token) {
    if (failure.isOk() && !take(token))
      fail("expected '" + std::string(token) + "'");
  }

  void expectField(std::string_view name) {
    expect(name);
    expect("=");
  }

  std::string_view parseWord() {
    skipSpace();
    size_t start = position;
    while (position < text.size() && isDigestCharacter(text[position]))
      ++position;
    return text.substr(start, position - start);
  }

  template <class Number> Number parseNumber() {
    skipSpace();
    Number value = 0;
    auto [end, error] = std::from_chars(text.data() + position, text.data() + text.size(), value);
    if (failure.isOk() && error != std::errc())
      fail("expected a number");
    else if (failure.isOk())
      position = static_cast<size_t>(end - text.data());
    return value;
  }

  std::vector<int64_t> parseList() {
    std::vector<int64_t> numbers;
    expect("[");
    while (failure.isOk() && !take("]")) {
      if (!numbers.empty())
        expect(",");
      if (numbers.size() == maxNumbers)
        fail("more than " + std::to_string(maxNumbers) + " numbers");
      numbers.push_back(parseNumber<int64_t>());
    }
    return numbers;
  }

  template <class Step> Step parseWithDigest() {
    Step step;
    expectField("axis");
    step.axis = parseNumber<int64_t>();
    expect(",");
    expectField("digest");
    expect("\"");
    step.digest = parseWord().substr(0, maxDigestLength);
    expect("\"");
    return step;
  }

  weight::Cast parseCast() {
    size_t start = position;
    std::optional<DType> type = dtypeFromName(parseWord());
    if (!type && failure.isOk()) {
      position = start;
      fail("expected an element type");
    }
    return {type.value_or(DType::F32)};
  }

  weight::Slice parseSlice() {
    weight::Slice step;
    expectField("starts");
    step.starts = parseList();
    expect(",");
    expectField("sizes");
    step.sizes = parseList();
    expect(",");
    expectField("steps");
    step.steps = parseList();
    return step;
  }

  weight::Pad parsePad() {
    weight::Pad step;
    expectField("low");
    step.low = parseList();
    expect(",");
    expectField("high");
    step.high = parseList();
    expect(",");
    expectField("value");
    step.value = parseNumber<double>();
    return step;
  }

  weight::Pack parsePack() {
    weight::Pack step;
    expectField("nr");
    step.layout.nr = parseNumber<int64_t>();
    if (!take(","))
      return step;
    expectField("kr");
    step.layout.kr = parseNumber<int64_t>();
    return step;
  }

  weight::Step parseArguments(std::string_view name) {
    if (name == "cast")
      return parseCast();
    if (name == "permute")
      return weight::Permute{parseList()};
    if (name == "reshape")
      return weight::Reshape{parseList()};
    if (name == "slice")
      return parseSlice();
    if (name == "concat")
      return parseWithDigest<weight::Concat>();
    if (name == "pad")
      return parsePad();
    if (name == "scale")
      return parseWithDigest<weight::Scale>();
    return parsePack();
  }

  weight::Step parseStep() {
    constexpr std::string_view names[] = {"cast", "permute", "reshape", "slice", "concat", "pad", "scale", "pack"};
    skipSpace();
    size_t start = position;
    std::string_view name = parseWord();
    if (failure.isOk() && std::find(std::begin(names), std::end(names), name) == std::end(names)) {
      position = start;
      fail("expected cast, permute, reshape, slice, concat, pad, scale or pack");
      return {};
    }
    expect("<");
    weight::Step step = parseArguments(name);
    expect(">");
    return step;
  }

  std::string_view text;
  size_t position = 0;
  Status failure;
};

} // namespace

std::string printTransform(const WeightTransform &transform) {
  if (transform.empty())
    return "";
  std::string text = "[";
  for (size_t i = 0; i < transform.size(); ++i)
    text += (i ? ", " : "") + std::visit(StepPrinter(), transform[i]);
  return text + "]";
}

Result<WeightTransform> parseTransform(std::string_view text) { return Parser(text).run(); }

} // namespace heddle
