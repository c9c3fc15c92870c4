// The state of running blocks and warps that instruction handlers work on.
#ifndef HEDDLE_RUNTIME_SIM_EXECUTION_H
#define HEDDLE_RUNTIME_SIM_EXECUTION_H

#include "runtime/sim/DeviceMemory.h"
#include "runtime/sim/FindingLog.h"
#include "runtime/sim/Kernel.h"
#include "runtime/sim/SharedShadow.h"
#include <array>
#include <cstring>
#include <vector>

namespace heddle::sim {

struct Block;

/// What all blocks of a launch share; read-only while they run, but for the write shadows.
struct LaunchContext {
  const Kernel *kernel = nullptr;
  DeviceMemory *memory = nullptr;
  SimOptions options;
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::array<uint32_t, 3> blockSize = {1, 1, 1};
  uint64_t sharedBytes = 0; ///< Static and dynamic.
  uint64_t dynamicShared = 0;
  std::vector<uint8_t> params;

  uint32_t threads() const { return blockSize[0] * blockSize[1] * blockSize[2]; }
  std::array<uint32_t, 3> blockCoordinates(uint64_t id) const {
    return {static_cast<uint32_t>(id % grid[0]), static_cast<uint32_t>(id / grid[0] % grid[1]),
            static_cast<uint32_t>(id / grid[0] / grid[1])};
  }
};

/// Work counted per instruction of the kernel.
struct PlaceCounters {
  uint64_t warps = 0;
  uint64_t threads = 0;
  uint64_t sharedRequests = 0, sharedWavefronts = 0;
  uint64_t globalRequests = 0, globalSectors = 0;

  void add(const PlaceCounters &other) {
    warps += other.warps;
    threads += other.threads;
    sharedRequests += other.sharedRequests;
    sharedWavefronts += other.sharedWavefronts;
    globalRequests += other.globalRequests;
    globalSectors += other.globalSectors;
  }
};

/// Lanes of a warp that are at the same instruction.
struct Fragment {
  enum class State : uint8_t { Ready, AtBarrier, AtWarpSync };
  uint32_t pc = 0;
  uint32_t mask = 0;
  State state = State::Ready;
};

/// 64-byte pieces, so that frames are aligned for vector loads.
struct alignas(64) FramePiece {
  uint8_t bytes[64];
};

struct Warp {
  Block *block = nullptr;
  uint8_t *base[2] = {nullptr, nullptr}; ///< Frame and constants; see Ref.
  uint32_t index = 0;
  uint32_t live = 0; ///< Lanes that have not exited.
  uint32_t fragmentCount = 0;
  std::array<Fragment, 32> fragments;
  std::vector<FramePiece> frame;
  std::vector<uint8_t> local; ///< Each lane's local memory in turn.

  template <typename T> T *lanes(Ref ref) { return reinterpret_cast<T *>(base[ref.isConstant] + ref.offset); }
  uint32_t &predicate(Ref ref) { return *lanes<uint32_t>(ref); }
  bool isDone() const { return fragmentCount == 0; }
};

/// A barrier of the block, and who has arrived.
struct Barrier {
  uint32_t arrived = 0;                  ///< Threads.
  uint32_t expected = 0;                 ///< Threads; 0: all of the block.
  uint32_t firstWarp = 0;                ///< The first to arrive.
  SharedShadow::Clocks clocks = {};      ///< What those that arrived had done.
  uint32_t pc = 0;                       ///< Of the first to arrive.
  uint32_t votes = 0;                    ///< Threads whose predicate holds (bar.red).
  std::array<uint32_t, 32> waiting = {}; ///< Lanes per warp that wait.
};

/// One block at a time; a host thread uses the same Block for all of its blocks.
struct Block {
  Block(LaunchContext &launch);
  /// Runs one block to its end. \returns false on deadlock, trap or a passed step limit.
  bool run(uint64_t id);

  LaunchContext &launch;
  const Kernel &kernel;
  uint64_t id = 0;
  uint64_t steps = 0;
  uint32_t liveThreads = 0;
  bool failed = false;
  std::vector<Warp> warps;
  std::vector<FramePiece> shared;
  SharedShadow sharedShadow;
  std::array<Barrier, 16> barriers;
  std::vector<PlaceCounters> counters; ///< By PTX instruction.
  FindingLog findings;

  uint8_t *sharedBytes() { return shared.data()->bytes; }
  /// Counts a finding; \returns its record if it is the first of its place, to be described, else null.
  SimFinding *report(SimFindingKind kind, const Warp &warp, const Inst &inst, unsigned lane,
                     std::string_view allocation = {}, uint32_t otherPlace = noPlace, uint64_t lanes = 1);

private:
  void begin(uint64_t newId);
  void beginWarp(Warp &warp);
  void fillSpecial(Warp &warp, const SpecialRegister &reg);
  void reportDeadlock();
};

// Executor.cpp
/// Runs a warp until all of its fragments wait or have exited.
/// \param isForced one fragment that waits for absent lanes goes on without them; for when nothing else can run.
/// \returns whether anything was executed.
bool runWarp(Warp &warp, bool isForced);

// BlockBarrier.cpp
/// A fragment arrives at a barrier.
void arriveAtBarrier(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t mask);
/// Lanes have exited: barriers that waited for them may open.
void threadsExited(Block &block);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_EXECUTION_H
