// Reads NVRTC's log: diagnostics of its front end and of ptxas, and the resources of each kernel.
#ifndef HEDDLE_RUNTIME_NVRTC_NVRTCLOG_H
#define HEDDLE_RUNTIME_NVRTC_NVRTCLOG_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// The source lines that PTX lines were made from, by the PTX text's `.loc` and `.file` directives.
class PtxLineMap {
public:
  explicit PtxLineMap(std::string_view ptx);

  struct Line {
    std::string file; ///< Without folders; empty if unknown.
    int64_t line = 0; ///< 1-based; 0 if unknown.
  };
  /// \param ptxLine 1-based. A line belongs to the last `.loc` at or above it in the same kernel.
  Line find(int64_t ptxLine) const;

private:
  std::map<int64_t, std::pair<int64_t, int64_t>> locations; ///< PTX line -> (file number, line); line 0 ends a kernel.
  std::map<int64_t, std::string> files;
};

struct NvrtcDiagnostic {
  enum class Severity : uint8_t { Error, Warning, Note };
  Severity severity = Severity::Error;
  std::string file;    ///< Without folders; empty if the message names no place.
  int64_t line = 0;    ///< 1-based in `file`; 0 if unknown.
  int64_t ptxLine = 0; ///< ptxas messages only.
  std::string text;
};

/// What ptxas reports per kernel with `--ptxas-options=-v`. It never reports dynamic shared memory.
struct KernelResources {
  std::string kernel;
  int64_t registers = 0;
  int64_t barriers = 0;
  int64_t sharedBytes = 0;
  int64_t stackBytes = 0;
  int64_t spillStoreBytes = 0;
  int64_t spillLoadBytes = 0;
};

struct NvrtcLog {
  std::vector<NvrtcDiagnostic> diagnostics; ///< In the log's order.
  std::vector<KernelResources> resources;
};

/// \param ptx the PTX of the same compilation, to locate ptxas messages; may be empty.
NvrtcLog parseNvrtcLog(std::string_view log, std::string_view ptx);

} // namespace heddle

#endif // HEDDLE_RUNTIME_NVRTC_NVRTCLOG_H
