// Implements command lines.
#include "tools/common/CommandLine.h"
#include <algorithm>
#include <charconv>

using namespace heddle;

/// Levenshtein's distance, one row at a time.
static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t column = 0; column <= b.size(); ++column)
    row[column] = column;
  for (size_t line = 1; line <= a.size(); ++line) {
    size_t diagonal = row[0];
    row[0] = line;
    for (size_t column = 1; column <= b.size(); ++column) {
      size_t replaced = diagonal + (a[line - 1] != b[column - 1]);
      diagonal = row[column];
      row[column] = std::min({replaced, row[column] + 1, row[column - 1] + 1});
    }
  }
  return row.back();
}

std::string_view heddle::nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  size_t bestDistance = std::max<size_t>(2, word.size() / 3) + 1;
  for (std::string_view candidate : candidates)
    if (size_t distance = editDistance(word.substr(0, 64), candidate); distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  return best;
}

std::string heddle::didYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view match = nearest(word, candidates);
  return match.empty() ? "" : ", did you mean '" + std::string(match) + "'?";
}

std::string heddle::forTerminal(std::string text) {
  auto byte = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
  for (size_t index = 0; index < text.size(); ++index) {
    bool isLong = byte(index) == 0xc2 && index + 1 < text.size() && byte(index + 1) >= 0x80 && byte(index + 1) < 0xa0;
    if (isLong)
      text.erase(index, 1);
    if (isLong || byte(index) < 0x20 || byte(index) == 0x7f)
      text[index] = '?';
  }
  return text;
}

std::string heddle::helpText(std::string_view usage, std::string_view summary, std::span<const Flag> flags) {
  constexpr size_t column = 30;
  std::string text = "usage: " + std::string(usage) + "\n" + std::string(summary) + "\n\n";
  for (const Flag &flag : flags) {
    std::string line = "  " + std::string(flag.name) + (flag.value.empty() ? "" : " ") + std::string(flag.value);
    line.resize(std::max(line.size() + 2, column), ' ');
    text += line + std::string(flag.help) + "\n";
  }
  return text;
}

static Status unknownFlag(const std::string &name, std::span<const Flag> flags) {
  std::vector<std::string_view> names;
  for (const Flag &flag : flags)
    names.push_back(flag.name);
  return Status(Code::Malformed, "unknown flag '" + name.substr(0, 64) + "'" + didYouMean(name, names));
}

Result<CommandLine> CommandLine::parse(std::span<char *const> words, std::span<const Flag> flags) {
  CommandLine line;
  for (size_t index = 0; index < words.size(); ++index) {
    std::string word = words[index];
    if (word == "--") {
      line.words.insert(line.words.end(), words.begin() + index + 1, words.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      line.words.push_back(word);
      continue;
    }
    size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    auto flag = std::find_if(flags.begin(), flags.end(), [&](const Flag &candidate) { return candidate.name == name; });
    if (flag == flags.end())
      return unknownFlag(name, flags);
    if (flag->value.empty() && equals != std::string::npos)
      return Status(Code::Malformed, "flag '" + name + "' takes no value");
    std::string value;
    if (equals != std::string::npos)
      value = word.substr(equals + 1);
    else if (!flag->value.empty() && index + 1 == words.size())
      return Status(Code::Malformed, "flag '" + name + "' needs a value: " + std::string(flag->value));
    else if (!flag->value.empty())
      value = words[++index];
    line.values[name].push_back(std::move(value));
  }
  return line;
}

std::string CommandLine::get(std::string_view flag, std::string otherwise) const {
  auto found = values.find(flag);
  return found == values.end() ? otherwise : found->second.back();
}

std::vector<std::string> CommandLine::all(std::string_view flag) const {
  auto found = values.find(flag);
  return found == values.end() ? std::vector<std::string>() : found->second;
}

template <typename Number> static Status parseNumber(std::string_view flag, const std::string &text, Number &number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return Status(Code::Malformed, "flag '" + std::string(flag) + "' got '" + text + "', expected a number");
  return Status::ok();
}

Result<int64_t> CommandLine::number(std::string_view flag, int64_t otherwise, int64_t low) const {
  if (!has(flag))
    return otherwise;
  int64_t value = 0;
  HEDDLE_RETURN_IF_ERROR(parseNumber(flag, get(flag), value));
  if (value < low)
    return Status(Code::Malformed, "flag '" + std::string(flag) + "' got " + std::to_string(value) +
                                       ", expected at least " + std::to_string(low));
  return value;
}

Result<double> CommandLine::real(std::string_view flag, double otherwise) const {
  if (!has(flag))
    return otherwise;
  double value = 0;
  HEDDLE_RETURN_IF_ERROR(parseNumber(flag, get(flag), value));
  if (!(value >= 0)) // NaN too
    return Status(Code::Malformed, "flag '" + std::string(flag) + "' got " + get(flag) + ", expected at least 0");
  return value;
}
