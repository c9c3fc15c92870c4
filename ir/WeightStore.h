// Constant bytes that live outside the MLIRContext, by digest.
#ifndef HEDDLE_IR_WEIGHTSTORE_H
#define HEDDLE_IR_WEIGHTSTORE_H

#include "runtime/format/DType.h"
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// Bytes of a constant whose elements differ that may stand in the IR; more live in the store.
constexpr int64_t maxInlineBytes = 1024;

/// The bytes of the model's weights, before any transform. Entries are never removed; safe under threads.
class WeightStore {
public:
  /// A source tensor. `bytes` stays valid as long as `owner` lives.
  struct Entry {
    DType type = DType::F32;
    std::vector<int64_t> shape;
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner; ///< Keeps the mapping or buffer alive.
    std::string name;                  ///< ONNX name of the first tensor with these bytes, for people.
  };

  /// Registers bytes by their digest (see `digestOf`); equal content is kept once. Returns the key, a hex digest of
  /// bytes, element type and shape.
  std::string add(Entry entry);
  /// The entry of a key; nullopt if there is none.
  std::optional<Entry> find(std::string_view digest) const;
  /// All keys in ascending order.
  std::vector<std::string> keys() const;

private:
  mutable std::mutex mutex;
  std::map<std::string, Entry, std::less<>> entries;
};

} // namespace heddle

#endif // HEDDLE_IR_WEIGHTSTORE_H
