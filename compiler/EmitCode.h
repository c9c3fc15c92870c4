// Stage code: one object per kernel.
#ifndef HEDDLE_COMPILER_EMITCODE_H
#define HEDDLE_COMPILER_EMITCODE_H

#include "compiler/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/format/Plan.h"
#include "runtime/format/Status.h"

namespace heddle {

class WeightStore;

/// The store that holds the bytes of a module's weights and objects.
WeightStore &storeOf(mlir::ModuleOp module);

/// Compiles every kernel of the module for the CPU level and adds a `heddle.object` for each; the bytes go to the
/// context's WeightStore under the object's digest. Kernels are compiled on `threads` threads, each with a context of
/// its own, or come from the cache in `cacheFolder` (the user's if empty).
Status emitCpuObjects(mlir::ModuleOp module, const std::string &level, unsigned threads,
                      const std::string &cacheFolder = {});

/// Emits every kernel as CUDA C++ and compiles it to PTX for `sm` (such as "sm_80"): a `heddle.object` for each, with
/// its launch geometry and the ONNX node of each source line. What NVRTC made before comes from the cache in
/// `cacheFolder` (the user's if empty).
Status emitCudaObjects(mlir::ModuleOp module, const std::string &sm, unsigned threads,
                       const std::string &cacheFolder = {});

/// A file that `--emit` writes, by its path below the folder.
struct EmittedFile {
  std::string path;
  std::string bytes;
};

/// What `--emit` asks for of a GPU's code.
struct CudaFileOptions {
  std::vector<std::string> smVersions;
  unsigned threads = 1;
  bool withSource = false, withPtx = false, withCubin = false;
};

/// Emits every kernel as CUDA C++ with its manifest and the device headers, as PTX and as cubin for each architecture.
/// \param warnings receives what NVRTC says besides errors.
Result<std::vector<EmittedFile>> emitCudaFiles(mlir::ModuleOp module, const CudaFileOptions &wanted,
                                               std::vector<std::string> &warnings);

/// Gives the program's only variant the PTX of its kernels.
Status linkCudaCode(mlir::ModuleOp module, Program &program);

/// Links the objects of a module at the end of stage code into one shared object, and makes all kernels of the
/// program's only variant refer to it.
Status linkCpuCode(mlir::ModuleOp module, Program &program);

} // namespace heddle

#endif // HEDDLE_COMPILER_EMITCODE_H
