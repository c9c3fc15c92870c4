// Implements the thread pool: workers enter an open job, take chunks of its tasks and leave.
#include "runtime/cpu/ThreadPool.h"

#include <algorithm>
#include <fstream>
#include <sched.h>
#include <string>

namespace heddle {
namespace {

constexpr uint32_t openBit = 1;
constexpr uint32_t oneWorker = 2;
/// Chunks per thread: enough to even out tasks of unequal cost.
constexpr int64_t chunksPerThread = 4;
/// Looks at a value that is about to change before a thread goes to sleep: some 20 us, longer than the pause between
/// two launches of one run and shorter than waking up twice.
constexpr int spins = 2000;

/// Waits until `value` is no longer `old`.
void waitFor(const std::atomic<uint32_t> &value, uint32_t old) {
  for (int spin = 0; spin < spins; ++spin) {
    if (value.load(std::memory_order_acquire) != old)
      return;
    __builtin_ia32_pause();
  }
  value.wait(old, std::memory_order_acquire);
}

/// Whole threads that one `cpu.max` file allows; 0 if it sets no limit.
unsigned threadsOfQuota(const std::string &path) {
  std::ifstream file(path);
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0)
    return 0;
  double threads = double(std::strtoll(quota.c_str(), nullptr, 10)) / period;
  return threads <= 0 ? 0 : std::max(1u, unsigned(threads + 0.999));
}

/// The tightest quota on the way from this process's control group to the root; 0 if there is none.
unsigned threadsOfControlGroups() {
  std::ifstream file("/proc/self/cgroup");
  unsigned tightest = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("0::", 0) != 0)
      continue;
    std::string group = line.substr(3);
    while (true) {
      unsigned threads = threadsOfQuota("/sys/fs/cgroup" + group + "/cpu.max");
      if (threads != 0)
        tightest = tightest == 0 ? threads : std::min(tightest, threads);
      if (group.empty())
        break;
      group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
  }
  return tightest;
}

} // namespace

unsigned availableThreads() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof(mask), &mask) == 0)
    threads = std::max(1, CPU_COUNT(&mask));
  unsigned quota = threadsOfControlGroups();
  return quota == 0 ? threads : std::min(threads, quota);
}

ThreadPool &ThreadPool::global() {
  static ThreadPool pool(availableThreads());
  return pool;
}

ThreadPool::ThreadPool(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i)
    workers.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  stopping = true;
  ++generation;
  generation.notify_all();
  for (std::thread &worker : workers)
    worker.join();
}

void ThreadPool::run(Job job) {
  if (job.tasks <= 0)
    return;
  unsigned threads = std::min(job.maxThreads, size());
  if (job.tasks == 1 || threads <= 1 || busy.exchange(true, std::memory_order_acquire)) {
    job.call(job.context, 0, job.tasks);
    return;
  }
  job.maxThreads = threads;
  job.chunk = std::max<int64_t>(1, job.tasks / (int64_t(threads) * chunksPerThread));
  current = job;
  next.store(0, std::memory_order_relaxed);
  state.store(openBit, std::memory_order_release);
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();
  drain();
  uint32_t inside = state.fetch_and(~openBit, std::memory_order_acq_rel) & ~openBit;
  while (inside != 0) {
    waitFor(state, inside);
    inside = state.load(std::memory_order_acquire);
  }
  busy.store(false, std::memory_order_release);
}

void ThreadPool::drain() {
  while (true) {
    int64_t begin = next.fetch_add(current.chunk, std::memory_order_relaxed);
    if (begin >= current.tasks)
      return;
    current.call(current.context, begin, std::min(begin + current.chunk, current.tasks));
  }
}

bool ThreadPool::enter() {
  uint32_t seen = state.load(std::memory_order_acquire);
  while ((seen & openBit) != 0) {
    if (state.compare_exchange_weak(seen, seen + oneWorker, std::memory_order_acq_rel))
      return true;
  }
  return false;
}

void ThreadPool::leave() {
  state.fetch_sub(oneWorker, std::memory_order_acq_rel);
  state.notify_all();
}

void ThreadPool::work() {
  while (true) {
    uint32_t seen = generation.load(std::memory_order_acquire);
    if (stopping)
      return;
    if (enter()) {
      // The caller is one of the threads; workers beyond the job's limit go back to sleep.
      uint32_t inside = state.load(std::memory_order_acquire) / oneWorker;
      if (inside < current.maxThreads)
        drain();
      leave();
    }
    waitFor(generation, seen);
  }
}

} // namespace heddle
