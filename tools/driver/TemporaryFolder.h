// A folder for files that end with a command.
#ifndef HEDDLE_TOOLS_DRIVER_TEMPORARYFOLDER_H
#define HEDDLE_TOOLS_DRIVER_TEMPORARYFOLDER_H

#include "runtime/format/Status.h"
#include <string>

namespace heddle {

/// Is there as long as this object, with mode 0700; then it is removed with all that is in it.
class TemporaryFolder {
public:
  /// Below `$TMPDIR`, or /tmp; Code::Malformed if none can be made there.
  static Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder &&other) noexcept : folder(std::exchange(other.folder, {})) {}
  ~TemporaryFolder();

  const std::string &path() const { return folder; }

private:
  explicit TemporaryFolder(std::string folder) : folder(std::move(folder)) {}

  std::string folder;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_TEMPORARYFOLDER_H
