// Tests the thread pool: each task once, no waiting for another caller, no harm from nesting.
#include "runtime/cpu/ThreadPool.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

// A task that ran twice or never would corrupt a kernel's result.
TEST(ThreadPool, RunsEveryTaskOnce) {
  ThreadPool pool(4);
  for (int64_t tasks : {1, 2, 3, 17, 1000}) {
    std::vector<std::atomic<int>> counts(static_cast<size_t>(tasks));
    pool.forRanges(tasks, 0, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        ++counts[size_t(i)];
    });
    for (std::atomic<int> &count : counts)
      EXPECT_EQ(count, 1);
  }
}

TEST(ThreadPool, RunsNothingForZeroTasks) {
  ThreadPool pool(2);
  bool called = false;
  pool.forRanges(0, 0, [&](int64_t, int64_t) { called = true; });
  EXPECT_FALSE(called);
}

// A kernel inside a kernel's task must not wait for the pool that it occupies.
TEST(ThreadPool, NestedCallRunsOnItsCaller) {
  ThreadPool pool(2);
  std::atomic<int64_t> sum = 0;
  pool.forRanges(8, 0, [&](int64_t begin, int64_t end) {
    std::thread::id caller = std::this_thread::get_id();
    pool.forRanges((end - begin) * 10, 0, [&](int64_t first, int64_t last) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      sum += last - first;
    });
  });
  EXPECT_EQ(sum, 80);
}

// Many callers at once: each finishes with all its tasks done.
TEST(ThreadPool, CallersDoNotDisturbEachOther) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&pool] {
      for (int round = 0; round < 200; ++round) {
        std::atomic<int64_t> sum = 0;
        pool.forRanges(50, 0, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i)
            sum += i;
        });
        ASSERT_EQ(sum, 1225);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(ThreadPool, OneThreadRunsTheWholeRangeAtOnce) {
  ThreadPool pool(3);
  int calls = 0;
  pool.forRanges(100, 1, [&](int64_t begin, int64_t end) {
    ++calls;
    EXPECT_EQ(begin, 0);
    EXPECT_EQ(end, 100);
  });
  EXPECT_EQ(calls, 1);
}

} // namespace
} // namespace heddle
