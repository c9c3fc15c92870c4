// The threads that share the tasks of a kernel launch.
#ifndef HEDDLE_RUNTIME_CPU_THREADPOOL_H
#define HEDDLE_RUNTIME_CPU_THREADPOOL_H

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace heddle {

/// Threads that this process may use at once: its affinity mask, capped by the quotas of its control groups (rounded
/// up). At least 1.
unsigned availableThreads();

/// A fixed set of threads that runs one job at a time. A caller that finds it busy does its work alone, so nothing ever
/// waits for another caller, and nested calls are safe.
class ThreadPool {
public:
  /// The pool of the process, with `availableThreads()` threads, the caller's included.
  static ThreadPool &global();

  /// `threads` counts the caller: 1 starts none.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  unsigned size() const { return unsigned(workers.size()) + 1; }

  /// Calls `body(begin, end)` for ranges that cover `[0, tasks)` once, on at most `maxThreads` threads (0: all), and
  /// returns when all are done. How the ranges are cut depends on the threads: a body's result must not.
  template <typename Body> void forRanges(int64_t tasks, unsigned maxThreads, const Body &body) {
    Job job{[](const void *context, int64_t begin, int64_t end) { (*static_cast<const Body *>(context))(begin, end); },
            &body, tasks, maxThreads == 0 ? size() : maxThreads, 1};
    run(job);
  }

private:
  struct Job {
    void (*call)(const void *context, int64_t begin, int64_t end) = nullptr;
    const void *context = nullptr;
    int64_t tasks = 0;
    unsigned maxThreads = 1;
    int64_t chunk = 1;
  };

  void run(Job job);
  void drain();
  bool enter();
  void leave();
  void work();

  std::atomic<bool> busy{false}; ///< A caller's job is running. Not a mutex: nested calls come from the same thread.
  Job current;                   ///< Written only while no worker is inside.
  std::atomic<int64_t> next{0};
  std::atomic<uint32_t> state{0};      ///< Bit 0: the job takes workers; the rest counts the workers inside, times 2.
  std::atomic<uint32_t> generation{0}; ///< Moves on with every job; what idle workers wait for.
  std::atomic<bool> stopping{false};
  std::vector<std::thread> workers;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_CPU_THREADPOOL_H
