// Implements the loops that measure what a machine can do.
#include "tools/driver/MachinePeak.h"
#include "runtime/cpu/ThreadPool.h"
#include <algorithm>
#include <chrono>
#include <numeric>
#include <vector>

using namespace heddle;

namespace {
constexpr int64_t chains = 12;     // Latency 4 times 2 units, with some to spare, and all in registers.
constexpr int64_t rounds = 200000; // About a millisecond.
constexpr size_t bufferBytes = size_t(128) << 20;
constexpr int trials = 7;

using Vector32 = float __attribute__((vector_size(32)));
using Vector64 = float __attribute__((vector_size(64)));

template <typename Vector> [[gnu::always_inline]] inline float multiplyAdd() {
  Vector sums[chains];
  for (int64_t chain = 0; chain < chains; ++chain)
    sums[chain] = Vector{} + float(chain); // Equal chains would be computed once.
  const Vector factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
  for (int64_t round = 0; round < rounds; ++round)
    for (Vector &sum : sums)
      sum = __builtin_elementwise_fma(sum, factor, term);
  float total = 0;
  for (const Vector &sum : sums)
    total += sum[0];
  return total;
}

[[gnu::noinline]] float multiplyAdd32() { return multiplyAdd<Vector32>(); }
[[gnu::noinline, gnu::target("avx512f,avx512vl")]] float multiplyAdd64() { return multiplyAdd<Vector64>(); }

uint64_t sumWords(const uint64_t *words, int64_t count) { return std::accumulate(words, words + count, uint64_t(0)); }

/// Seconds that `work` takes when nothing else gets in its way.
template <typename Work> double fastest(const Work &work) {
  double best = 1e9;
  for (int trial = 0; trial < trials; ++trial) {
    auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}
} // namespace

MachinePeak heddle::measurePeak(unsigned threads, int64_t vectorBytes) {
  std::atomic<uint64_t> sink = 0;
  const bool isWide = vectorBytes == 64;
  double seconds = fastest([&] {
    ThreadPool::global().forRanges(threads, threads, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task)
        sink += uint64_t(isWide ? multiplyAdd64() : multiplyAdd32());
    });
  });
  MachinePeak peak;
  peak.flops = 2.0 * double(chains * rounds * threads) * double(isWide ? 16 : 8) / seconds;
  std::vector<uint64_t> words(bufferBytes / sizeof(uint64_t), 1);
  seconds = fastest([&] {
    ThreadPool::global().forRanges(int64_t(words.size() / 4096), threads, [&](int64_t begin, int64_t end) {
      sink += sumWords(words.data() + begin * 4096, (end - begin) * 4096);
    });
  });
  peak.bandwidth = double(bufferBytes) / seconds;
  return peak;
}
