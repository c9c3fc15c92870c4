// Implements the WeightStore and its content keys.
#include "ir/WeightStore.h"
#include "runtime/format/Digest.h"

using namespace heddle;

std::string WeightStore::add(Entry entry) {
  std::string key = digestOf(entry.bytes);
  // Equal bytes may be tensors of different types or shapes: those are different weights.
  key += "-" + std::string(nameOf(entry.type));
  for (int64_t size : entry.shape)
    key += "x" + std::to_string(size);
  std::lock_guard lock(mutex);
  entries.try_emplace(key, std::move(entry));
  return key;
}

std::optional<WeightStore::Entry> WeightStore::find(std::string_view digest) const {
  std::lock_guard lock(mutex);
  auto found = entries.find(digest);
  if (found == entries.end())
    return std::nullopt;
  return found->second;
}

std::vector<std::string> WeightStore::keys() const {
  std::lock_guard lock(mutex);
  std::vector<std::string> result;
  for (const auto &[key, entry] : entries)
    result.push_back(key);
  return result;
}
