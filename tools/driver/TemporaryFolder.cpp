// Implements temporary folders.
#include "tools/driver/TemporaryFolder.h"
#include "runtime/format/SystemReason.h"
#include <cstdlib>
#include <filesystem>

using namespace heddle;

Result<TemporaryFolder> TemporaryFolder::make() {
  const char *given = std::getenv("TMPDIR");
  const std::string parent = given && *given ? given : "/tmp";
  std::string path = parent + "/heddle-XXXXXX";
  if (!mkdtemp(path.data()))
    return Status(Code::Malformed, "no folder for temporary files can be made in '" + parent + "': " + systemReason());
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!folder.empty())
    std::filesystem::remove_all(folder, ignored);
}
