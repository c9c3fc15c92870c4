// The memory of a run's intermediate tensors: one chunk per epoch, so that nothing alive ever moves.
#ifndef HEDDLE_RUNTIME_ARENA_H
#define HEDDLE_RUNTIME_ARENA_H

#include "runtime/Device.h"

namespace heddle {

/// Belongs to one run at a time; kept between runs.
class Arena {
public:
  /// \param limit bytes that all chunks together may take.
  /// \param poison fill every chunk with signalling NaNs before an epoch uses it.
  Arena(Device &device, int64_t limit, bool poison) : device(device), limit(limit), poison(poison) {}
  ~Arena();
  Arena(const Arena &) = delete;
  Arena &operator=(const Arena &) = delete;

  /// The chunk of `epoch`, at least `bytes` long and never null. Its old contents are lost: when an epoch begins
  /// (again), no value of it is alive. Fails with Code::OverLimit.
  Result<std::byte *> begin(size_t epoch, int64_t bytes);
  /// Bytes held now.
  int64_t bytes() const { return total; }

private:
  struct Chunk {
    void *memory = nullptr;
    int64_t bytes = 0;
  };

  Device &device;
  int64_t limit;
  bool poison;
  int64_t total = 0;
  std::vector<Chunk> chunks;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_ARENA_H
