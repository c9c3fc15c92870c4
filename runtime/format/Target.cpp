// The tables of CPU levels and CUDA architectures.
#include "runtime/format/Target.h"

#include <algorithm>

namespace heddle {

namespace {

constexpr int64_t kib = 1024, mib = 1024 * kib;

// Nominal caches: what Haswell-class and Skylake-server-class cores and their successors have at least, but for Zen's
// and older servers' smaller shares of L3.
constexpr CpuTarget cpuRows[] = {
    {"x86-64-v3", "x86-64-v3", "", 32, 16, false, false, 32 * kib, 256 * kib, 2 * mib},
    {"x86-64-v4", "x86-64-v4", "", 64, 32, false, false, 32 * kib, mib, 2 * mib},
    {"x86-64-v4+vnni", "x86-64-v4", "+avx512vnni", 64, 32, true, false, 32 * kib, mib, 2 * mib},
    {"x86-64-v4+vnni+bf16", "x86-64-v4", "+avx512vnni,+avx512bf16", 64, 32, true, true, 32 * kib, mib, 2 * mib},
};

// Source: CUDA C++ Programming Guide, table "Technical Specifications per Compute Capability".
constexpr CudaTarget cudaRows[] = {
    {"sm_80", 80, false, 48 * kib, 163 * kib, 164 * kib, 65536, 255, 2048, 1024},
    {"sm_90a", 90, true, 48 * kib, 227 * kib, 228 * kib, 65536, 255, 2048, 1024},
};

template <class Row> std::string namesOf(std::span<const Row> rows) {
  std::string names;
  for (const Row &row : rows)
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

} // namespace

std::span<const CpuTarget> cpuTargets() { return cpuRows; }

Result<const CpuTarget *> parseCpuTarget(std::string_view name) {
  for (const CpuTarget &row : cpuRows)
    if (row.name == name)
      return &row;
  return Status(Code::Malformed,
                "unknown cpu level '" + std::string(name) + "', expected one of " + namesOf(cpuTargets()));
}

bool hostRuns(const CpuTarget &target) {
  __builtin_cpu_init();
  bool isV4 = target.llvmCpu == "x86-64-v4";
  return __builtin_cpu_supports("x86-64-v3") && (!isV4 || __builtin_cpu_supports("x86-64-v4")) &&
         (!target.hasVnni || __builtin_cpu_supports("avx512vnni")) &&
         (!target.hasBf16 || __builtin_cpu_supports("avx512bf16"));
}

const CpuTarget *hostCpuTarget() {
  const CpuTarget *best = nullptr;
  for (const CpuTarget &row : cpuRows)
    if (hostRuns(row))
      best = &row;
  return best;
}

std::span<const CudaTarget> cudaTargets() { return cudaRows; }

Result<const CudaTarget *> parseCudaTarget(std::string_view name) {
  std::string_view number = name.starts_with("sm_") ? name.substr(3) : name;
  for (const CudaTarget &row : cudaRows)
    if (row.name.substr(3) == number)
      return &row;
  return Status(Code::Malformed,
                "unknown CUDA architecture '" + std::string(name) + "', expected one of " + namesOf(cudaTargets()));
}

} // namespace heddle
