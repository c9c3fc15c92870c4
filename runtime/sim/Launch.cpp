// Runs the blocks of one launch on host threads.
#include "runtime/sim/Launch.h"
#include <algorithm>
#include <atomic>
#include <thread>

namespace heddle::sim {
namespace {

/// Findings of one block that has any.
struct BlockFindings {
  uint64_t index;
  FindingLog findings;
};

/// One host thread's blocks.
struct Worker {
  explicit Worker(LaunchContext &launch) : block(launch) {}
  Block block;
  std::vector<BlockFindings> findings;
};

class BlockRun {
public:
  BlockRun(LaunchContext &launch, const std::vector<uint64_t> &blocks)
      : launch(launch), blocks(blocks),
        count(blocks.empty() ? uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2] : blocks.size()) {}
  LaunchResult run();

private:
  unsigned threadCount() const;
  void work(Worker &worker);
  void beginShadows();
  void reportConflicts(FindingLog &findings);

  LaunchContext &launch;
  const std::vector<uint64_t> &blocks;
  uint64_t count;
  std::atomic<uint64_t> next = 0;
  std::atomic<uint64_t> firstFailed = ~0ull; ///< Position among the launch's blocks.
};

unsigned BlockRun::threadCount() const {
  if (launch.kernel->sequentialBlocks)
    return 1;
  unsigned wanted = launch.options.hostThreads > 0 ? static_cast<unsigned>(launch.options.hostThreads)
                                                   : std::max(1u, std::thread::hardware_concurrency());
  uint64_t warps = count * ((launch.threads() + 31) / 32);
  constexpr uint64_t warpsWorthAThread = 32;
  return static_cast<unsigned>(std::min<uint64_t>({wanted, count, warps / warpsWorthAThread + 1}));
}

/// A block behind one that failed is not begun, and what it found does not count: so the lowest failure decides.
void BlockRun::work(Worker &worker) {
  for (uint64_t index = next++; index < count && index < firstFailed; index = next++) {
    bool finished = worker.block.run(blocks.empty() ? index : blocks[index]);
    if (!worker.block.findings.isEmpty())
      worker.findings.push_back({index, std::exchange(worker.block.findings, {})});
    for (uint64_t seen = firstFailed; !finished && index < seen;)
      if (firstFailed.compare_exchange_weak(seen, index))
        break;
  }
}

void BlockRun::reportConflicts(FindingLog &findings) {
  const Kernel &kernel = *launch.kernel;
  for (const std::unique_ptr<Allocation> &allocation : launch.memory->all()) {
    if (!allocation->shadow)
      continue;
    for (const WriteShadow::Conflict &conflict : allocation->shadow->takeConflicts()) {
      SimFinding *finding = findings.note(SimFindingKind::BlockConflict, conflict.places[0], conflict.places[1],
                                          allocation->name, conflict.blocks[0], conflict.cells);
      if (!finding)
        continue;
      finding->kernel = kernel.function->name;
      finding->place = kernel.placeOf(conflict.places[0]);
      finding->other = kernel.placeOf(conflict.places[1]);
      finding->block = launch.blockCoordinates(conflict.blocks[0]);
      finding->detail = "linear blocks " + std::to_string(conflict.blocks[0]) + " and " +
                        std::to_string(conflict.blocks[1]) + " both write '" + allocation->name + "' at byte " +
                        std::to_string(conflict.offset);
    }
  }
}

void BlockRun::beginShadows() {
  for (const std::unique_ptr<Allocation> &allocation : launch.memory->all()) {
    if (allocation->root != allocation.get() || allocation->isFreed || !allocation->isWritable)
      continue;
    if (!allocation->shadow)
      allocation->shadow = std::make_unique<WriteShadow>(allocation->bytes);
    allocation->shadow->begin(launch.kernel->globalGranule, threadCount() > 1);
  }
}

LaunchResult BlockRun::run() {
  if (launch.options.checks)
    beginShadows();
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < threadCount(); ++i)
    workers.push_back(std::make_unique<Worker>(launch));
  std::vector<std::thread> threads;
  for (size_t i = 1; i < workers.size(); ++i)
    threads.emplace_back([this, &workers, i] { work(*workers[i]); });
  work(*workers[0]);
  for (std::thread &thread : threads)
    thread.join();

  LaunchResult result;
  result.failed = firstFailed != ~0ull;
  result.counters.resize(launch.kernel->function->insts.size() + 1);
  for (std::unique_ptr<Worker> &worker : workers) {
    for (BlockFindings &found : worker->findings)
      if (found.index <= firstFailed)
        result.findings.merge(std::move(found.findings));
    for (size_t i = 0; i < result.counters.size(); ++i)
      result.counters[i].add(worker->block.counters[i]);
  }
  reportConflicts(result.findings);
  return result;
}

} // namespace

LaunchResult runBlocks(LaunchContext &launch, const std::vector<uint64_t> &blocks) {
  return BlockRun(launch, blocks).run();
}

} // namespace heddle::sim
