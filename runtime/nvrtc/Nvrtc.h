// NVRTC, NVIDIA's run-time compiler, opened with dlopen: CUDA C++ text to PTX and cubin, with no GPU and no toolkit.
#ifndef HEDDLE_RUNTIME_NVRTC_NVRTC_H
#define HEDDLE_RUNTIME_NVRTC_NVRTC_H

#include <string>
#include <utility>
#include <vector>

namespace heddle {

struct NvrtcRequest {
  std::string source;
  std::string name; ///< Program name: what diagnostics and line information call the source. No folders.
  /// (name as in `#include "name"`, text)
  std::vector<std::pair<std::string, std::string>> headers;
  /// As for nvcc, such as `--gpu-architecture=sm_90a` (PTX and cubin; `compute_90a` makes PTX only), `-lineinfo`.
  /// A cubin made with `-lineinfo` names the working directory; one made without it is the same everywhere.
  std::vector<std::string> options;
};

struct NvrtcResult {
  /// Empty on success, else the call and its code: "nvrtcCompileProgram: NVRTC_ERROR_COMPILATION (6)".
  std::string error;
  std::string log;   ///< Diagnostics and ptxas output; see parseNvrtcLog.
  std::string ptx;   ///< Without the working directory in its file names. Present when only ptxas refused it, too.
  std::string cubin; ///< Bytes.

  bool isOk() const { return error.empty(); }
};

class Nvrtc {
public:
  /// The library, opened at the first call. It is looked for in $HEDDLE_NVRTC_DIR, where the system's loader finds it,
  /// in $CUDA_HOME/lib64, and in the Python package of a virtual environment `venv` beside the program's folder or the
  /// one above. \returns null if there is none; `error` then says what was tried. Safe under threads.
  static const Nvrtc *get(std::string &error);

  /// Compiles one program. Safe under threads, which run in parallel; equal requests give equal results.
  NvrtcResult compile(const NvrtcRequest &request) const;
  /// Such as "13.0".
  const std::string &version() const { return versionText; }

private:
  struct Functions;
  explicit Nvrtc(const Functions *functions, std::string version)
      : functions(functions), versionText(std::move(version)) {}
  static const Nvrtc *open(std::string &error);

  const Functions *functions;
  std::string versionText;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_NVRTC_NVRTC_H
