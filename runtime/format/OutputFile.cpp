// Implements OutputFile: temporary file, fsync, rename.
#include "runtime/format/OutputFile.h"
#include "runtime/format/SystemReason.h"
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace heddle {
namespace {

Status outputError(const std::string &path, const std::string &call) {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == ENOMEM;
  return {full ? Code::OverLimit : Code::Malformed, "cannot write '" + path + "': " + call + ": " + systemReason()};
}

std::string temporaryName() {
  std::array<unsigned char, 8> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    random.fill(0);
  std::string name = ".heddle-";
  for (unsigned char byte : random) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    name += digits;
  }
  return name + ".tmp";
}

/// A temporary file as a signal handler can find it: no lock, no allocation.
struct Unfinished {
  enum State : int { Free, Changing, Live };
  std::atomic<int> state{Free};
  int folder = -1;
  char name[32] = {};
};
std::array<Unfinished, 64> unfinishedFiles;

/// The slot that now holds the file; -1 if all are taken.
int claimSlot(int folder, const std::string &name) {
  for (size_t i = 0; i < unfinishedFiles.size(); ++i) {
    Unfinished &slot = unfinishedFiles[i];
    int expected = Unfinished::Free;
    if (name.size() >= sizeof slot.name || !slot.state.compare_exchange_strong(expected, Unfinished::Changing))
      continue;
    slot.folder = folder;
    std::memcpy(slot.name, name.c_str(), name.size() + 1);
    slot.state = Unfinished::Live;
    return static_cast<int>(i);
  }
  return -1;
}

/// Opens a new temporary file in `folder`; its name goes to `name`. A negative result leaves errno set.
int openTemporary(int folder, unsigned mode, std::string &name) {
  for (int attempt = 0; attempt < 16; ++attempt) {
    name = temporaryName();
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const int descriptor = openat(folder, name.c_str(), flags, mode);
    if (descriptor >= 0 || errno != EEXIST)
      return descriptor;
  }
  return -1;
}

/// True if `name` is taken by what a file must not replace: a folder, pipe or device, or a link to one, or into /proc
/// as /dev/stdout is.
bool isTaken(int folder, const std::string &name) {
  struct stat info;
  if (fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return false;
  if (!S_ISLNK(info.st_mode))
    return !S_ISREG(info.st_mode);
  if (fstatat(folder, name.c_str(), &info, 0) == 0 && !S_ISREG(info.st_mode))
    return true;
  char target[6] = {};
  return readlinkat(folder, name.c_str(), target, sizeof(target)) == sizeof(target) &&
         std::string_view(target, sizeof(target)) == "/proc/";
}

} // namespace

Result<OutputFile> OutputFile::create(const std::string &path, unsigned mode) {
  const size_t slash = path.rfind('/');
  const std::string folderName = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == ".." || path.find('\0') != std::string::npos)
    return Status(Code::Malformed, "cannot write '" + path + "': not a file name");
  const int folder = open(folderName.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return outputError(path, "open the folder");
  OutputFile file(folder, -1, path, "", name);
  if (isTaken(folder, name))
    return Status(Code::Malformed, "cannot write '" + path + "': something that is not a regular file has that name");
  std::string temporary;
  file.descriptor = openTemporary(folder, mode, temporary);
  if (file.descriptor < 0)
    return outputError(path, "create");
  file.slot = claimSlot(folder, temporary);
  file.temporary = std::move(temporary);
  return file;
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : folder(std::exchange(other.folder, -1)), descriptor(std::exchange(other.descriptor, -1)),
      path(std::move(other.path)), temporary(std::exchange(other.temporary, {})), name(std::move(other.name)),
      written(other.written), slot(std::exchange(other.slot, -1)) {}

/// Lets go of the temporary name, which by now is gone or has become the target.
void OutputFile::release() {
  temporary.clear();
  if (slot >= 0)
    unfinishedFiles[slot].state = Unfinished::Free;
  slot = -1;
}

OutputFile::~OutputFile() {
  if (!temporary.empty())
    unlinkat(folder, temporary.c_str(), 0);
  release();
  if (descriptor >= 0)
    close(descriptor);
  if (folder >= 0)
    close(folder);
}

Status OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return outputError(path, "write");
    bytes = bytes.subspan(static_cast<size_t>(count));
    written += static_cast<uint64_t>(count);
  }
  return Status::ok();
}

Status OutputFile::writeAt(uint64_t offset, std::span<const std::byte> bytes) {
  assert(offset + bytes.size() <= written && "only what has been written can be replaced");
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return outputError(path, "pwrite");
    bytes = bytes.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Status::ok();
}

Status OutputFile::commit() {
  if (fsync(descriptor) != 0)
    return outputError(path, "fsync");
  if (renameat(folder, temporary.c_str(), folder, name.c_str()) != 0)
    return outputError(path, "rename");
  release();
  // The rename itself must survive a power cut; a file system that cannot sync folders says EINVAL.
  if (fsync(folder) != 0 && errno != EINVAL)
    return outputError(path, "fsync of the folder");
  return Status::ok();
}

void removeUnfinishedFiles() {
  for (Unfinished &slot : unfinishedFiles)
    if (slot.state == Unfinished::Live)
      unlinkat(slot.folder, slot.name, 0);
}

Status writeFile(const std::string &path, std::string_view content) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.status();
  HEDDLE_RETURN_IF_ERROR(file->write(content));
  return file->commit();
}

} // namespace heddle
