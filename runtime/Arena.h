// The memory of a run's intermediate tensors: chunks that are added and never move.
#ifndef HEDDLE_RUNTIME_ARENA_H
#define HEDDLE_RUNTIME_ARENA_H

#include "runtime/Device.h"
#include "runtime/format/IntervalPacking.h"

namespace heddle {

/// Alignment of every value in the arena, in bytes.
inline constexpr int64_t arenaAlignment = 64;

/// Chunks of memory behind one range of offsets. Between two chunks lies a wall of offsets that belong to none, so that
/// a packer which keeps clear of the walls never lets a value straddle two chunks. Belongs to one run at a time; kept
/// between runs.
class Arena {
public:
  /// \param limit bytes that all chunks together may take.
  /// \param poison fill the memory with signalling NaNs before each run.
  Arena(Device &device, int64_t limit, bool poison) : device(device), limit(limit), poison(poison) {}
  ~Arena();
  Arena(const Arena &) = delete;
  Arena &operator=(const Arena &) = delete;

  /// Leaves one chunk, at least `bytes` long. All contents are lost: called when a run begins. Fails with
  /// Code::OverLimit.
  Status begin(int64_t bytes);
  /// Adds a chunk if offsets up to `end` are not covered yet.
  Status growTo(int64_t end);
  /// One pinned interval per chunk, over all time: offsets that no value may cover.
  std::vector<Interval> walls() const;
  /// One past the last offset of the last chunk's wall.
  int64_t end() const;
  /// The memory at an offset in a chunk.
  std::byte *address(int64_t offset) const;

  /// Bytes held now.
  int64_t bytes() const { return total; }

private:
  struct Chunk {
    void *memory = nullptr;
    int64_t bytes = 0;
  };

  Result<Chunk> allocate(int64_t bytes);

  Device &device;
  int64_t limit;
  bool poison;
  int64_t total = 0;
  std::vector<Chunk> chunks;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_ARENA_H
