// What a Session needs from a device: memory, loaded kernels, launches.
#ifndef HEDDLE_RUNTIME_DEVICE_H
#define HEDDLE_RUNTIME_DEVICE_H

#include "runtime/format/Plan.h"
#include <span>

namespace heddle {

/// The value in the arena that an operand is part of.
struct MemoryRange {
  const std::byte *start = nullptr; ///< Null if the operand does not lie in the arena.
  int64_t bytes = 0;
};

/// The arguments of one kernel launch, evaluated.
struct LaunchArgs {
  std::span<void *const> buffers;      ///< Inputs, then results; null for an absent optional operand.
  std::span<const MemoryRange> ranges; ///< As buffers. For devices that check bounds.
  std::span<const int64_t> sizes;      ///< Values of Kernel::symbols.
  int64_t tasks = 0;
  std::array<int64_t, 3> grid = {1, 1, 1};
  int64_t dynamicSharedBytes = 0;
  /// Linear ids of the only blocks to run, ascending; empty: all. Known to the simulator alone.
  std::span<const uint64_t> blocks;
};

/// The kernels of one variant, ready to launch.
class DeviceModule {
public:
  virtual ~DeviceModule() = default;
  /// Runs kernel `kernel` (index into Variant::kernels) to its end. A failed check of the kernel is Code::Malformed
  /// with the check's message; what the device's own checks found is Code::Mismatch. Safe from many threads.
  virtual Status launch(size_t kernel, const LaunchArgs &args) = 0;
};

/// A device that executes variants. Safe from many threads.
///
/// Host calls and kernels use the same addresses: the memory that `allocate` and `share` give can be read and written
/// by the host between launches.
class Device {
public:
  virtual ~Device() = default;

  /// Which variants it runs: Variant::device.
  virtual std::string_view kind() const = 0;
  /// How well it runs variants for `target`: negative if not at all; higher is better.
  virtual int rank(const std::string &target) const = 0;
  /// What it is, for messages: "cpu (x86-64-v4)".
  virtual std::string describe() const = 0;

  /// Loads the code of a variant's kernels. `program` and `variant` outlive the module.
  virtual Result<std::unique_ptr<DeviceModule>> load(const Program &program, const Variant &variant) = 0;

  /// Memory aligned to 64 bytes with undefined contents. Fails with Code::OverLimit naming the bytes.
  virtual Result<void *> allocate(int64_t bytes) = 0;
  virtual void release(void *memory) = 0;

  /// Lets kernels use `bytes` bytes of the host's memory until `unshare`; `name` is for findings. A range may be shared
  /// more than once, with one `unshare` each.
  virtual Status share(const void *memory, int64_t bytes, bool writable, const std::string &name);
  virtual void unshare(const void *memory);

  /// What the device's own checks found since the last call; empty on devices that check nothing.
  virtual std::vector<std::string> takeFindings();
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_DEVICE_H
