// JSON text, written and never read.
#ifndef HEDDLE_TOOLS_COMMON_JSON_H
#define HEDDLE_TOOLS_COMMON_JSON_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// A JSON string: quotes, backslashes and control characters escaped; bytes that are no UTF-8 become U+FFFD.
std::string jsonString(std::string_view text);
/// "[2, 3]"
std::string jsonArray(std::span<const int64_t> values);

/// `{"schema_version": 1, ...}` from fields whose values are JSON already.
class JsonObject {
public:
  void add(std::string_view name, std::string value) { fields.emplace_back(name, std::move(value)); }
  std::string str() const;

private:
  std::vector<std::pair<std::string, std::string>> fields;
};

/// `[a, b]` of values that are JSON already.
std::string jsonList(const std::vector<std::string> &values);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_JSON_H
