// External data of models: where it lies, and the one way to open it.
#ifndef HEDDLE_COMPILER_ONNX_EXTERNALDATA_H
#define HEDDLE_COMPILER_ONNX_EXTERNALDATA_H

#include "compiler/onnx/Limits.h"
#include "compiler/onnx/ModelFile.h"
#include <map>
#include <utility>

namespace heddle {

/// What a tensor's external_data says.
struct ExternalEntry {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

/// Reads the entries of a tensor whose data is external. Code::Malformed for a key that appears twice, a number that
/// is not an unsigned decimal, or a location that is missing, empty, absolute, or leads upwards.
Result<ExternalEntry> parseExternalEntry(const onnx::TensorProto &tensor);

/// How a location is resolved beneath a folder.
enum class OpenBy : uint8_t {
  Kernel,    ///< openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS.
  Components ///< openat with O_NOFOLLOW, folder by folder: for kernels and sandboxes without openat2.
};

/// Opens `location`, which parseExternalEntry has accepted, beneath `folder` without following any link. Never blocks:
/// what is no regular file is refused. Code::Malformed with the location and the reason.
/// \returns nullopt if the kernel does not have the call.
std::optional<Result<InputFile>> openBeneath(int folder, const std::string &location, OpenBy by);

/// The external files of one model: opens each once and adds it to `files`.
class ExternalFiles {
public:
  /// \param modelPath the folder of this file is where locations begin.
  ExternalFiles(const std::string &modelPath, const Limits &limits, std::vector<SourceFile> &files);
  ~ExternalFiles();
  ExternalFiles(const ExternalFiles &) = delete;
  ExternalFiles &operator=(const ExternalFiles &) = delete;

  /// The range that holds `bytes` bytes of external data of a tensor. Code::Malformed if it does not lie in the file,
  /// or the file has several names; Code::OverLimit for too many files.
  Result<FileRange> find(const onnx::TensorProto &tensor, uint64_t bytes);

private:
  Result<uint32_t> open(const std::string &location);

  int folder = -1;
  const Limits &limits;
  std::vector<SourceFile> &files;
  std::map<std::string, uint32_t> opened;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_EXTERNALDATA_H
