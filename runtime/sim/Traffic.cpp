// Counts what memory accesses of a warp cost: sectors of global memory, bank conflicts of shared memory.
#include "runtime/sim/Traffic.h"
#include <algorithm>
#include <array>

namespace heddle::sim {
namespace {

constexpr unsigned banks = 32, wordBytes = 4, sectorBytes = 32;

/// Words that a group of lanes touches, distinct, at most 128.
size_t distinctWords(const uint64_t *address, unsigned bytes, uint32_t mask, std::array<uint64_t, 128> &words) {
  size_t count = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned at = 0; (mask >> lane & 1) && at < std::max(bytes, wordBytes); at += wordBytes)
      words[count++] = (address[lane] + at) / wordBytes;
  std::sort(words.begin(), words.begin() + count);
  return static_cast<size_t>(std::unique(words.begin(), words.begin() + count) - words.begin());
}

uint64_t passesOfGroup(const uint64_t *address, unsigned bytes, uint32_t mask) {
  std::array<uint64_t, 128> words;
  size_t count = distinctWords(address, bytes, mask, words);
  std::array<uint64_t, banks> perBank = {};
  for (size_t i = 0; i < count; ++i)
    ++perBank[words[i] % banks];
  return *std::max_element(perBank.begin(), perBank.end());
}

} // namespace

void countSectors(PlaceCounters &counters, const uint64_t (&address)[32], unsigned bytes, uint32_t mask) {
  std::array<uint64_t, 64> sectors;
  size_t count = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1) {
      sectors[count++] = address[lane] / sectorBytes;
      sectors[count++] = (address[lane] + bytes - 1) / sectorBytes;
    }
  std::sort(sectors.begin(), sectors.begin() + count);
  counters.globalSectors +=
      static_cast<uint64_t>(std::unique(sectors.begin(), sectors.begin() + count) - sectors.begin());
  ++counters.globalRequests;
}

void countWavefronts(PlaceCounters &counters, const uint64_t (&address)[32], unsigned bytes, uint32_t mask) {
  unsigned groups = std::max(bytes / wordBytes, 1u), lanesPerGroup = 32 / groups;
  uint32_t group = lanesPerGroup == 32 ? ~0u : (1u << lanesPerGroup) - 1;
  for (unsigned i = 0; i < groups; ++i)
    counters.sharedWavefronts += passesOfGroup(address, bytes, mask & (group << (i * lanesPerGroup)));
  ++counters.sharedRequests;
}

} // namespace heddle::sim
