// The simulated device: executes PTX on the CPU, shaped like a driver, and records what the kernels did wrong.
#ifndef HEDDLE_RUNTIME_SIM_SIMDEVICE_H
#define HEDDLE_RUNTIME_SIM_SIMDEVICE_H

#include "runtime/format/Status.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// An address in the device's own address space; never a host pointer. 0 is no address.
using SimAddress = uint64_t;

/// What a kernel did wrong.
enum class SimFindingKind : uint8_t {
  OutOfBounds,         ///< An access outside its allocation, or inside none.
  Misaligned,          ///< An address that is no multiple of the access's width.
  UseAfterFree,        ///< An access to memory that was freed.
  ReadOnly,            ///< A write to memory that was imported read-only.
  UninitializedShared, ///< A read of shared memory that no thread of the block has written.
  SharedRace,          ///< Two accesses of shared memory, one a write, with no barrier between them.
  BlockConflict,       ///< Two blocks of one launch wrote an address without atomics.
  DivergentBarrier,    ///< A barrier that some threads of the warp or block do not reach together.
  AbsentLane,          ///< A warp instruction names or reads a lane that does not take part.
  Deadlock,            ///< Threads that wait for ever.
  StepLimit,           ///< A block that ran longer than SimOptions::stepLimit.
};

/// The name used in text, such as "out-of-bounds".
std::string_view nameOf(SimFindingKind kind);

/// A place in CUDA source, and the PTX instruction made from it.
struct SimPlace {
  std::string file;        ///< Without folders; empty if the PTX has no line information.
  int64_t line = 0;        ///< 1-based; 0 if unknown.
  std::string inlinedAt;   ///< "k.cu:7 (inlined at k.cu:9)", innermost call first; empty if nothing was inlined.
  int64_t ptxLine = 0;     ///< 1-based line in the PTX text.
  std::string instruction; ///< PTX text.

  /// The line of `file` that the instruction comes from: its own, or that of the innermost inlined call in the file.
  /// 0 if there is none.
  int64_t lineIn(std::string_view wanted) const {
    if (file == wanted)
      return line;
    std::string call = std::string(wanted) + ":";
    for (size_t at = inlinedAt.find(call); at != std::string::npos; at = inlinedAt.find(call, at + 1))
      if (at == 0 || inlinedAt[at - 1] == ' ')
        return std::strtoll(inlinedAt.c_str() + at + call.size(), nullptr, 10);
    return 0;
  }
};

/// One kind of defect at one place; repetitions are counted, the first (lowest block) is described.
struct SimFinding {
  SimFindingKind kind = SimFindingKind::OutOfBounds;
  std::string kernel;
  SimPlace place;
  SimPlace other; ///< Races and conflicts: the second access; otherwise empty.
  std::array<uint32_t, 3> block = {0, 0, 0};
  std::array<uint32_t, 3> thread = {0, 0, 0};
  std::string allocation; ///< Name of the allocation, "shared", or empty.
  std::string detail;     ///< One sentence: what was accessed, and how it misses.
  uint64_t count = 1;     ///< Lanes that showed it, summed over the launch.

  /// One line: kind, detail, kernel, place, count.
  std::string text() const;
};

/// Work and memory traffic of one source line, summed over launches.
struct SimLineCounters {
  std::string kernel;
  std::string file;
  int64_t line = 0;
  uint64_t warpInstructions = 0;
  uint64_t threadInstructions = 0;
  uint64_t sharedRequests = 0;   ///< Warp accesses to shared memory.
  uint64_t sharedWavefronts = 0; ///< Passes they take: equal to the requests if no bank conflicts.
  uint64_t globalRequests = 0;   ///< Warp accesses to global memory.
  uint64_t globalSectors = 0;    ///< 32-byte sectors they touch.
};

struct SimOptions {
  int hostThreads = 0;              ///< Threads that run blocks; 0: as many as this process may use.
  bool checks = true;               ///< Races, initialisation and conflicts; bounds are checked always.
  bool profile = false;             ///< Count bank conflicts and sectors; instructions are counted always.
  uint64_t stepLimit = 1ull << 34;  ///< Warp instructions per block before it counts as hung.
  int64_t sharedLimit = 227 * 1024; ///< Bytes of static and dynamic shared memory per block.
};

/// A loaded module and a kernel in it; owned by the device.
struct SimModule;
struct SimFunction;

/// One kernel launch.
struct SimLaunch {
  const SimFunction *function = nullptr;
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::array<uint32_t, 3> block = {1, 1, 1};
  int64_t dynamicSharedBytes = 0;
  /// One pointer per parameter, as cuLaunchKernel takes them; the types are the kernel's.
  std::vector<const void *> params;
  /// Linear ids of the blocks to execute, ascending; empty executes all.
  std::vector<uint64_t> blocks;
};

/// Executes kernels in order on the calling thread's behalf. Results, findings and counters do not depend on the number
/// of host threads. Calls on one device must not overlap; different devices are independent.
class SimDevice {
public:
  virtual ~SimDevice() = default;

  /// Memory filled with 0xff (a NaN in every float type). `name` appears in findings: an ONNX value name.
  virtual Result<SimAddress> allocate(size_t bytes, std::string_view name) = 0;
  /// The caller's memory as an allocation, without a copy; it must outlive the allocation.
  virtual Result<SimAddress> import(void *memory, size_t bytes, bool writable, std::string_view name) = 0;
  /// A part of an allocation under its own name and bounds, such as a value in an arena. Freed on its own; freeing the
  /// allocation frees its views.
  virtual Result<SimAddress> view(SimAddress start, size_t bytes, std::string_view name) = 0;
  /// `start` must be the address that allocate, import or view returned.
  virtual Status free(SimAddress start) = 0;

  virtual Status copyToDevice(SimAddress to, const void *from, size_t bytes) = 0;
  virtual Status copyToHost(void *to, SimAddress from, size_t bytes) = 0;
  virtual Status copyOnDevice(SimAddress to, SimAddress from, size_t bytes) = 0;

  /// Parses and decodes all kernels of a PTX text. Errors: Code::Malformed names the PTX line; an unknown opcode or
  /// modifier is Code::Unsupported.
  virtual Result<const SimModule *> loadModule(std::string_view ptx) = 0;
  virtual Status unloadModule(const SimModule *module) = 0;
  virtual Result<const SimFunction *> getFunction(const SimModule *module, std::string_view name) = 0;
  /// Bytes of each parameter, as the PTX declares them.
  virtual std::vector<int64_t> parameterBytes(const SimFunction *function) const = 0;
  /// Runs to completion. Findings do not make it fail, but a deadlock or a passed step limit does (Code::DeviceError).
  virtual Status launch(const SimLaunch &launch) = 0;

  /// Findings since the last call of clearFindings, in order of launch, place and kind.
  virtual const std::vector<SimFinding> &findings() const = 0;
  virtual void clearFindings() = 0;
  /// SimFinding::text, for callers that open the library with dlopen.
  virtual std::string describe(const SimFinding &finding) const = 0;
  /// Counters since the device was made, by kernel, file and line.
  virtual std::vector<SimLineCounters> counters() const = 0;
};

std::unique_ptr<SimDevice> createSimDevice(const SimOptions &options = {});

} // namespace heddle

/// Entry of libheddle_sim.so: a device that the caller deletes.
extern "C" heddle::SimDevice *heddle_sim_create(const heddle::SimOptions *options);

#endif // HEDDLE_RUNTIME_SIM_SIMDEVICE_H
