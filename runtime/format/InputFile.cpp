// Implements InputFile over the POSIX calls.
#include "runtime/format/InputFile.h"
#include "runtime/format/SystemReason.h"
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace heddle {
namespace {

constexpr uint64_t pageBytes = 4096;

Status fileError(const std::string &name, const std::string &what) {
  return {Code::Malformed, "'" + name + "': " + what};
}

} // namespace

FileBytes::~FileBytes() {
  if (begin && !copy)
    munmap(const_cast<std::byte *>(begin), size);
}

void releasePages(std::span<const std::byte> mapped) {
  const uintptr_t page = uintptr_t(sysconf(_SC_PAGESIZE)), begin = reinterpret_cast<uintptr_t>(mapped.data());
  const uintptr_t first = (begin + page - 1) / page * page, last = (begin + mapped.size()) / page * page;
  // A hint: where the system does not take it, the pages stay.
  if (first < last)
    madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
}

Result<InputFile> InputFile::open(const std::string &path) {
  if (path.find('\0') != std::string::npos)
    return fileError(path.c_str(), "the path holds a zero byte");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0)
    return fileError(path, systemReason());
  return adopt(descriptor, path);
}

Result<InputFile> InputFile::adopt(int descriptor, std::string name) {
  InputFile file(descriptor, std::move(name));
  struct stat info;
  if (fstat(descriptor, &info) != 0)
    return fileError(file.fileName, systemReason());
  if (!S_ISREG(info.st_mode))
    return fileError(file.fileName, "not a regular file");
  file.fileSize = static_cast<uint64_t>(info.st_size);
  file.links = static_cast<uint64_t>(info.st_nlink);
  file.othersMayWrite = (info.st_mode & S_IWOTH) != 0 || (info.st_uid != geteuid() && info.st_uid != 0);
  return file;
}

InputFile::InputFile(InputFile &&other) noexcept
    : descriptor(std::exchange(other.descriptor, -1)), fileName(std::move(other.fileName)), fileSize(other.fileSize),
      links(other.links), othersMayWrite(other.othersMayWrite) {}

InputFile &InputFile::operator=(InputFile &&other) noexcept {
  std::swap(descriptor, other.descriptor);
  std::swap(fileName, other.fileName);
  fileSize = other.fileSize;
  links = other.links;
  othersMayWrite = other.othersMayWrite;
  return *this;
}

InputFile::~InputFile() {
  if (descriptor >= 0)
    ::close(descriptor);
}

Status InputFile::readAt(uint64_t offset, std::span<std::byte> out) const {
  if (offset > fileSize || out.size() > fileSize - offset)
    return fileError(fileName, "bytes " + std::to_string(offset) + " to " + std::to_string(offset + out.size()) +
                                   " pass the end at " + std::to_string(fileSize));
  while (!out.empty()) {
    const ssize_t count = pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fileError(fileName, systemReason());
    if (count == 0)
      return fileError(fileName, "the file was shortened while it was read");
    out = out.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Status::ok();
}

Result<std::shared_ptr<const FileBytes>> InputFile::load(uint64_t copyBelow) const {
  std::shared_ptr<FileBytes> content(new FileBytes);
  content->size = fileSize;
  if (fileSize <= copyBelow || othersMayWrite) {
    const uint64_t pages = fileSize / pageBytes + 1;
    content->copy.reset(static_cast<std::byte *>(std::aligned_alloc(pageBytes, pages * pageBytes)));
    if (!content->copy)
      return Status(Code::OverLimit, "'" + fileName + "': no memory for " + std::to_string(fileSize) + " bytes");
    content->begin = content->copy.get();
    HEDDLE_RETURN_IF_ERROR(readAt(0, {content->copy.get(), fileSize}));
    return std::shared_ptr<const FileBytes>(content);
  }
  void *address = mmap(nullptr, fileSize, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED)
    return Status(Code::OverLimit, "'" + fileName + "': cannot map the file: " + systemReason());
  content->begin = static_cast<const std::byte *>(address);
  return std::shared_ptr<const FileBytes>(content);
}

} // namespace heddle
