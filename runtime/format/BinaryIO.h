// Reading and writing of records as little-endian bytes, with one field list per record for both directions.
#ifndef HEDDLE_RUNTIME_FORMAT_BINARYIO_H
#define HEDDLE_RUNTIME_FORMAT_BINARYIO_H

#include "runtime/format/Expr.h"
#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <span>
#include <variant>

namespace heddle {

/// One past the last enumerator; specialized for every enum that is stored.
template <typename T> inline constexpr unsigned enumLimit = 0;

/// Writes records. An aggregate type R takes part through a function `fields(archive, R &)` that lists its members.
/// Expressions are stored once each, as text, in a table before the records.
class BinaryWriter {
public:
  template <typename... Ts> void operator()(const Ts &...items) { (put(items), ...); }

  /// The table of expressions, then everything written.
  std::vector<std::byte> finish() const {
    BinaryWriter table;
    table.put(expressions);
    table.bytes.insert(table.bytes.end(), bytes.begin(), bytes.end());
    return std::move(table.bytes);
  }

private:
  template <typename T> void raw(T value) {
    static_assert(std::endian::native == std::endian::little, "the format is little-endian");
    std::array<std::byte, sizeof(T)> image = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    bytes.insert(bytes.end(), image.begin(), image.end());
  }

  void put(int64_t value) { raw(value); }
  void put(double value) { raw(value); }
  void put(const std::string &text) {
    raw(uint32_t(text.size()));
    std::span<const std::byte> image = std::as_bytes(std::span(text.data(), text.size()));
    bytes.insert(bytes.end(), image.begin(), image.end());
  }
  void put(const Expr &expr) {
    auto [position, isNew] = expressionIds.try_emplace(expr, uint32_t(expressions.size()));
    if (isNew)
      expressions.push_back(expr.str());
    raw(position->second);
  }
  template <typename T>
    requires std::is_enum_v<T>
  void put(T value) {
    raw(uint8_t(value));
  }
  template <typename T> void put(const std::vector<T> &list) {
    raw(uint32_t(list.size()));
    for (const T &item : list)
      put(item);
  }
  template <typename T, size_t N> void put(const std::array<T, N> &list) {
    for (const T &item : list)
      put(item);
  }
  template <typename A, typename B> void put(const std::pair<A, B> &pair) { (*this)(pair.first, pair.second); }
  template <typename K, typename V, typename C> void put(const std::map<K, V, C> &map) {
    raw(uint32_t(map.size()));
    for (const auto &[key, value] : map)
      (*this)(key, value);
  }
  template <typename... Ts> void put(const std::variant<Ts...> &choice) {
    raw(uint8_t(choice.index()));
    std::visit([this](const auto &item) { this->put(item); }, choice);
  }
  template <typename R>
    requires std::is_class_v<R>
  void put(const R &record) {
    fields(*this, record);
  }

  std::vector<std::byte> bytes;
  std::vector<std::string> expressions;
  std::map<Expr, uint32_t> expressionIds;
};

/// Reads what BinaryWriter has written, from bytes that may be anything. After the first error every read gives zeros
/// and empty lists; the caller looks at `status` once, at the end.
class BinaryReader {
public:
  explicit BinaryReader(std::span<const std::byte> bytes) : rest(bytes) {
    std::vector<std::string> texts;
    get(texts);
    for (const std::string &text : texts) {
      Result<Expr> expr = Expr::parse(text);
      if (!expr)
        fail("expression: " + expr.status().message());
      else
        expressions.push_back(*expr);
    }
  }

  template <typename... Ts> void operator()(Ts &...items) { (get(items), ...); }

  void fail(const std::string &why) {
    if (failure.empty())
      failure = why;
    rest = {};
  }
  /// Code::BadArtifact for the first error, or for bytes left over.
  Status status() const {
    if (failure.empty() && rest.empty())
      return Status::ok();
    return Status(Code::BadArtifact, failure.empty() ? std::to_string(rest.size()) + " bytes left over" : failure);
  }

private:
  /// Records nest as deep as regions do; the limit keeps hostile bytes from using up the stack.
  static constexpr int maxDepth = 100;

  template <typename T> T raw() {
    std::array<std::byte, sizeof(T)> image = {};
    if (rest.size() < sizeof(T)) {
      fail("ends within a number");
    } else {
      std::memcpy(image.data(), rest.data(), sizeof(T));
      rest = rest.subspan(sizeof(T));
    }
    return std::bit_cast<T>(image);
  }
  /// The length of a list; every element takes at least one byte.
  uint32_t length() {
    uint32_t count = raw<uint32_t>();
    if (count <= rest.size())
      return count;
    fail("a list of " + std::to_string(count) + " elements in " + std::to_string(rest.size()) + " bytes");
    return 0;
  }

  void get(int64_t &value) { value = raw<int64_t>(); }
  void get(double &value) { value = raw<double>(); }
  void get(std::string &text) {
    uint32_t count = length();
    text.assign(reinterpret_cast<const char *>(rest.data()), count);
    rest = rest.subspan(count);
  }
  void get(Expr &expr) {
    uint32_t id = raw<uint32_t>();
    if (id < expressions.size())
      expr = expressions[id];
    else
      fail("expression " + std::to_string(id) + " of " + std::to_string(expressions.size()));
  }
  template <typename T>
    requires std::is_enum_v<T>
  void get(T &value) {
    static_assert(enumLimit<T> != 0, "a stored enum needs its limit");
    uint8_t number = raw<uint8_t>();
    if (number < enumLimit<T>)
      value = T(number);
    else
      fail("enumerator " + std::to_string(number) + " of " + std::to_string(enumLimit<T>));
  }
  template <typename T> void get(std::vector<T> &list) {
    uint32_t count = length();
    for (uint32_t i = 0; i < count && failure.empty(); ++i)
      get(list.emplace_back());
  }
  template <typename T, size_t N> void get(std::array<T, N> &list) {
    for (T &item : list)
      get(item);
  }
  template <typename A, typename B> void get(std::pair<A, B> &pair) { (*this)(pair.first, pair.second); }
  template <typename K, typename V, typename C> void get(std::map<K, V, C> &map) {
    uint32_t count = length();
    for (uint32_t i = 0; i < count && failure.empty(); ++i) {
      K key;
      V value;
      (*this)(key, value);
      if (!map.empty() && !map.key_comp()(map.rbegin()->first, key))
        fail("keys out of order");
      map.emplace_hint(map.end(), std::move(key), std::move(value));
    }
  }
  template <typename... Ts> void get(std::variant<Ts...> &choice) {
    uint8_t index = raw<uint8_t>();
    if (index >= sizeof...(Ts))
      return fail("alternative " + std::to_string(index) + " of " + std::to_string(sizeof...(Ts)));
    uint8_t number = 0;
    ((number++ == index ? get(choice.template emplace<Ts>()) : void()), ...);
  }
  template <typename R>
    requires std::is_class_v<R>
  void get(R &record) {
    if (++depth > maxDepth)
      fail("records nest deeper than " + std::to_string(maxDepth));
    else
      fields(*this, record);
    --depth;
  }

  std::span<const std::byte> rest;
  std::vector<Expr> expressions;
  std::string failure;
  int depth = 0;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_BINARYIO_H
