// From emitted kernels to PTX and cubins: NVRTC on parallel threads, a cache on disk, messages located on ONNX nodes.
#ifndef HEDDLE_COMPILER_CUDA_COMPILECUDA_H
#define HEDDLE_COMPILER_CUDA_COMPILECUDA_H

#include "codegen/cuda/CudaKernel.h"
#include <span>

namespace heddle {

struct CudaCompileOptions {
  std::vector<std::string> targets = {"sm_80"}; ///< Such as "sm_80" and "sm_90a".
  bool withPtx = true;                          ///< With line information: what the simulator runs.
  bool withCubin = true;                        ///< Without line information, so that it is the same everywhere.
  unsigned threads = 1;
  /// Folder of the cache, made if it is not there; empty for none. One that belongs to another user, or that others may
  /// write to, is not used.
  std::string cacheFolder;
};

/// Code of one kernel for one target.
struct CudaCode {
  std::string target;
  std::string ptx;   ///< Empty if not asked for.
  std::string cubin; ///< Bytes; empty if not asked for.
};

/// One per kernel given, in the same order.
struct CompiledKernel {
  std::vector<CudaCode> codes; ///< One per target, in the order of the options.
  /// What NVRTC said besides errors, located. Emitted kernels should give none.
  std::vector<std::string> warnings;
};

/// Compiles all kernels for all targets. The result does not depend on `threads` or on what the cache holds.
///
/// Code::CompileFailed if there is no NVRTC, if it or ptxas refuses a kernel, if registers are spilled, static shared
/// memory passes 48 KiB, or ptxas serializes wgmma (C75xx): a message per kernel that names the kernel, the line and
/// the ONNX nodes.
Result<std::vector<CompiledKernel>> compileCuda(std::span<const CudaKernel> kernels, const CudaCompileOptions &options);

/// "kernel (line 12, /ffn/Add)": a line of an emitted kernel for messages; line 0 is unknown.
std::string locateLine(const CudaKernel &kernel, int64_t line);

} // namespace heddle

#endif // HEDDLE_COMPILER_CUDA_COMPILECUDA_H
