// Facts about what code is made for: CPU levels and CUDA architectures.
#ifndef HEDDLE_RUNTIME_FORMAT_TARGET_H
#define HEDDLE_RUNTIME_FORMAT_TARGET_H

#include "runtime/format/Status.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heddle {

/// A CPU level: a set of instructions that code may use. Cache sizes are nominal, never probed: the same level must
/// give the same code on every machine.
struct CpuTarget {
  std::string_view name;     ///< Such as "x86-64-v4+vnni".
  std::string_view llvmCpu;  ///< LLVM's name of the base level.
  std::string_view features; ///< LLVM's features beyond it, such as "+avx512vnni"; empty if none.
  int64_t vectorBytes;       ///< Of the widest vectors.
  int64_t vectorRegisters;
  bool hasVnni;    ///< vpdpbusd: u8 x s8 dot products into i32.
  bool hasBf16;    ///< vdpbf16ps: bf16 dot products into f32.
  int64_t l1Bytes; ///< Data cache of one core.
  int64_t l2Bytes; ///< Of one core.
  int64_t l3Bytes; ///< Share of one core.
};

/// All levels, from the least to the best; each runs whatever those before it run.
std::span<const CpuTarget> cpuTargets();
/// The level of a name; an error lists the levels.
Result<const CpuTarget *> parseCpuTarget(std::string_view name);
/// Does this machine have the instructions of the level?
bool hostRuns(const CpuTarget &target);
/// The best level of this machine; null below the least one.
const CpuTarget *hostCpuTarget();

/// A CUDA architecture.
struct CudaTarget {
  std::string_view name;       ///< Such as "sm_90a".
  int64_t computeCapability;   ///< 80 for 8.0.
  bool isArchitectureSpecific; ///< Has the `a` suffix: its code runs on this very capability only.
  int64_t staticSharedBytes;   ///< Per block, without opting in.
  int64_t dynamicSharedBytes;  ///< Per block at most, static part included, after opting in.
  int64_t sharedBytesPerUnit;  ///< Per multiprocessor.
  int64_t registersPerUnit;    ///< Of 32 bits, per multiprocessor and at most per block.
  int64_t registersPerThread;
  int64_t threadsPerUnit;
  int64_t threadsPerBlock;
};

std::span<const CudaTarget> cudaTargets();
/// Takes "80", "sm_80" and the like; an error lists the architectures.
Result<const CudaTarget *> parseCudaTarget(std::string_view name);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_TARGET_H
