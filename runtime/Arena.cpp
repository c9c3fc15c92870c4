// Implements the arena.
#include "runtime/Arena.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

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
    device.release(chunk.memory);
}

Result<Arena::Chunk> Arena::allocate(int64_t bytes) {
  bytes = (std::max<int64_t>(bytes, 1) + arenaAlignment - 1) / arenaAlignment * arenaAlignment;
  if (bytes > limit - total)
    return Status(Code::OverLimit, "the arena needs " + std::to_string(total + bytes) + " bytes, over the limit of " +
                                       std::to_string(limit));
  Result<void *> memory = device.allocate(bytes);
  if (!memory)
    return Status(memory.status().code(), "arena: " + memory.status().message());
  total += bytes;
  if (poison)
    fillWithPoison(*memory, bytes);
  return Chunk{*memory, bytes};
}

Status Arena::begin(int64_t bytes) {
  if (chunks.size() == 1 && chunks[0].bytes >= bytes) {
    if (poison)
      fillWithPoison(chunks[0].memory, chunks[0].bytes);
    return Status::ok();
  }
  // What had to grow once will grow again, as with a cache of past tokens: leave room. Several chunks become one, or
  // sizes that grow from run to run would add a chunk each time.
  if (chunks.size() > 1)
    bytes = std::max(bytes, total);
  else if (!chunks.empty() && bytes / 8 < limit - bytes)
    bytes += bytes / 8;
  for (Chunk &chunk : chunks)
    device.release(chunk.memory);
  chunks.clear();
  total = 0;
  Result<Chunk> chunk = allocate(bytes);
  if (!chunk)
    return chunk.status();
  chunks.push_back(*chunk);
  return Status::ok();
}

Status Arena::growTo(int64_t wanted) {
  if (wanted <= end())
    return Status::ok();
  Result<Chunk> chunk = allocate(wanted - end());
  if (!chunk)
    return chunk.status();
  chunks.push_back(*chunk);
  return Status::ok();
}

std::vector<Interval> Arena::walls() const {
  std::vector<Interval> walls;
  int64_t offset = 0;
  for (const Chunk &chunk : chunks) {
    offset += chunk.bytes;
    walls.push_back({0, std::numeric_limits<int64_t>::max(), arenaAlignment, offset});
    offset += arenaAlignment;
  }
  return walls;
}

int64_t Arena::end() const {
  int64_t offset = 0;
  for (const Chunk &chunk : chunks)
    offset += chunk.bytes + arenaAlignment;
  return offset;
}

std::byte *Arena::address(int64_t offset) const {
  for (const Chunk &chunk : chunks) {
    if (offset < chunk.bytes)
      return static_cast<std::byte *>(chunk.memory) + offset;
    offset -= chunk.bytes + arenaAlignment;
  }
  assert(false && "an offset that no chunk covers");
  return nullptr;
}

} // namespace heddle
