// Implements JSON text.
#include "tools/common/Json.h"

namespace heddle {
namespace {

/// Bytes of the UTF-8 sequence that `text` begins with; 0 if it is none.
size_t utf8Length(std::string_view text) {
  auto byteAt = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto continues = [&](size_t i) { return (byteAt(i) & 0xc0) == 0x80; };
  unsigned first = byteAt(0), second = byteAt(1);
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first < 0xe0)
    return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    bool isLong = first == 0xe0 && second < 0xa0, isSurrogate = first == 0xed && second >= 0xa0;
    return continues(1) && continues(2) && !isLong && !isSurrogate ? 3 : 0;
  }
  bool isLong = first == 0xf0 && second < 0x90, isBeyond = first > 0xf4 || (first == 0xf4 && second >= 0x90);
  return first >= 0xf0 && !isLong && !isBeyond && continues(1) && continues(2) && continues(3) ? 4 : 0;
}

} // namespace

std::string jsonString(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string json = "\"";
  while (!text.empty()) {
    auto byte = static_cast<unsigned char>(text[0]);
    size_t length = utf8Length(text);
    if (byte == '"' || byte == '\\')
      json += '\\';
    if (length == 0)
      json += "\xef\xbf\xbd";
    else if (byte < 0x20 || byte == 0x7f)
      json += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
    else
      json += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return json + "\"";
}

std::string jsonArray(std::span<const int64_t> values) {
  std::vector<std::string> items;
  for (int64_t value : values)
    items.push_back(std::to_string(value));
  return jsonList(items);
}

std::string jsonList(const std::vector<std::string> &values) {
  std::string json = "[";
  for (size_t i = 0; i < values.size(); ++i)
    json += (i == 0 ? "" : ", ") + values[i];
  return json + "]";
}

std::string JsonObject::str() const {
  std::string json = "{";
  for (size_t i = 0; i < fields.size(); ++i)
    json += (i == 0 ? "" : ", ") + jsonString(fields[i].first) + ": " + fields[i].second;
  return json + "}";
}

} // namespace heddle
