// Implements the arena.
#include "runtime/Arena.h"

#include <algorithm>
#include <cstring>

namespace heddle {
namespace {

/// Read as f16, bf16, f32 or f64 at any aligned place this is a NaN, a signalling one for f64, and for f32 at even
/// words.
constexpr uint64_t poisonPattern = 0x7FF47FF47FA07FA0;

void fillWithPoison(void *memory, int64_t bytes) {
  auto *target = static_cast<std::byte *>(memory);
  for (int64_t i = 0; i < bytes; i += int64_t(sizeof(poisonPattern)))
    std::memcpy(target + i, &poisonPattern, sizeof(poisonPattern));
}

} // namespace

Arena::~Arena() {
  for (Chunk &chunk : chunks)
    if (chunk.memory)
      device.release(chunk.memory);
}

Result<std::byte *> Arena::begin(size_t epoch, int64_t bytes) {
  if (chunks.size() <= epoch)
    chunks.resize(epoch + 1);
  Chunk &chunk = chunks[epoch];
  if (!chunk.memory || chunk.bytes < bytes) {
    if (bytes > limit - (total - chunk.bytes))
      return Status(Code::OverLimit, "the arena needs " + std::to_string(total - chunk.bytes + bytes) +
                                         " bytes, over the limit of " + std::to_string(limit));
    if (chunk.memory)
      device.release(chunk.memory);
    total -= chunk.bytes;
    // A chunk that had to grow once will grow again, as with a cache of past tokens: leave room.
    if (chunk.memory)
      bytes += std::min(bytes / 8, limit - total - bytes);
    chunk = {};
    Result<void *> memory = device.allocate(bytes);
    if (!memory)
      return Status(memory.status().code(), "arena: " + memory.status().message());
    chunk = {*memory, bytes};
    total += bytes;
  }
  if (poison)
    fillWithPoison(chunk.memory, chunk.bytes / 8 * 8);
  return static_cast<std::byte *>(chunk.memory);
}

} // namespace heddle
