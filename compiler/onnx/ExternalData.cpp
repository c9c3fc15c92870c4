// Implements the rules for external data: semantics.md section 1, rule 4.
#include "compiler/onnx/ExternalData.h"
#include "compiler/onnx/NodePath.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/format/SystemReason.h"
#include <cctype>
#include <charconv>
#include <fcntl.h>
#include <linux/openat2.h>
#include <set>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle {
namespace {

// Models may have a file per tensor: their copies together must stay small.
constexpr uint64_t copyBelow = 65536;
constexpr int readFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;

Status broken(const std::string &what) { return {Code::Malformed, what}; }

Status locationError(const std::string &location, const std::string &what) {
  return broken("external data '" + printable(location) + "' " + what);
}

Result<uint64_t> parseDecimal(const std::string &key, const std::string &text) {
  uint64_t value = 0;
  const char *end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end)
    return broken("the " + key + " '" + printable(text) + "' of external data is not an unsigned decimal number");
  return value;
}

/// The components of a relative path; empty ones stay in.
std::vector<std::string> split(const std::string &path) {
  std::vector<std::string> parts(1);
  for (char c : path) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Status checkLocation(const std::string &location) {
  if (location.empty())
    return broken("external data has no location");
  if (location.find('\0') != std::string::npos)
    return locationError(location, "holds a zero byte");
  if (location.front() == '/' || location.front() == '\\')
    return locationError(location, "is an absolute path");
  if (location.size() > 1 && location[1] == ':' && std::isalpha(static_cast<unsigned char>(location[0])))
    return locationError(location, "has a drive letter");
  for (const std::string &part : split(location)) {
    if (part.empty())
      return locationError(location, "has an empty component");
    if (part == ".." || part.starts_with("..\\") || part.find("\\..") != std::string::npos)
      return locationError(location, "leads upwards");
  }
  return Status::ok();
}

/// Takes over `descriptor`, or says why there is none.
Result<InputFile> adoptOrExplain(int descriptor, const std::string &location) {
  if (descriptor < 0)
    return locationError(location, errno == ELOOP || errno == EXDEV ? "leads through a link"
                                                                    : "cannot be opened: " + systemReason());
  Result<InputFile> file = InputFile::adopt(descriptor, printable(location));
  if (!file)
    return locationError(location, "is not a regular file");
  return file;
}

Result<InputFile> openByComponents(int folder, const std::string &location) {
  std::vector<std::string> parts = split(location);
  const std::string name = std::move(parts.back());
  parts.pop_back();
  int current = fcntl(folder, F_DUPFD_CLOEXEC, 0);
  for (const std::string &part : parts) {
    const int next = current < 0 ? -1 : openat(current, part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int reason = errno;
    if (current >= 0)
      close(current);
    // A link where a folder is expected fails as "not a directory".
    errno = next < 0 && reason == ENOTDIR ? ELOOP : reason;
    current = next;
  }
  const int descriptor = current < 0 ? -1 : openat(current, name.c_str(), readFlags);
  const int reason = errno;
  if (current >= 0)
    close(current);
  errno = reason;
  return adoptOrExplain(descriptor, location);
}

} // namespace

Result<ExternalEntry> parseExternalEntry(const onnx::TensorProto &tensor) {
  ExternalEntry entry;
  std::set<std::string> seen;
  for (const onnx::StringStringEntryProto &pair : tensor.external_data()) {
    if (!seen.insert(pair.key()).second)
      return broken("key '" + printable(pair.key()) + "' of external data appears twice");
    if (pair.key() == "location") {
      entry.location = pair.value();
    } else if (pair.key() == "offset" || pair.key() == "length") {
      Result<uint64_t> value = parseDecimal(pair.key(), pair.value());
      if (!value)
        return value.status();
      if (pair.key() == "offset")
        entry.offset = *value;
      else
        entry.length = *value;
    }
  }
  HEDDLE_RETURN_IF_ERROR(checkLocation(entry.location));
  return entry;
}

std::optional<Result<InputFile>> openBeneath(int folder, const std::string &location, OpenBy by) {
  if (by == OpenBy::Components)
    return openByComponents(folder, location);
  open_how how = {};
  how.flags = readFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long descriptor = syscall(SYS_openat2, folder, location.c_str(), &how, sizeof how);
  if (descriptor < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
    return std::nullopt;
  return adoptOrExplain(static_cast<int>(descriptor), location);
}

ExternalFiles::ExternalFiles(const std::string &modelPath, const Limits &limits, std::vector<SourceFile> &files)
    : limits(limits), files(files) {
  const size_t slash = modelPath.rfind('/');
  const std::string name = slash == std::string::npos ? "." : modelPath.substr(0, slash + 1);
  folder = ::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

ExternalFiles::~ExternalFiles() {
  if (folder >= 0)
    close(folder);
}

Result<uint32_t> ExternalFiles::open(const std::string &location) {
  if (const auto known = opened.find(location); known != opened.end())
    return known->second;
  if (opened.size() == limits.externalFiles)
    return Status(Code::OverLimit,
                  "the number of external files passes the limit of " + std::to_string(limits.externalFiles));
  std::optional<Result<InputFile>> file = openBeneath(folder, location, OpenBy::Kernel);
  if (!file)
    file = openBeneath(folder, location, OpenBy::Components);
  if (!file->isOk())
    return file->status();
  const uint64_t links = file->value().linkCount();
  if (links != 1 && !limits.allowHardLinks)
    return locationError(location, "has " + std::to_string(links) + " names (hard links), expected 1");
  Result<std::shared_ptr<const FileBytes>> content = file->value().load(copyBelow);
  if (!content)
    return content.status();
  const auto index = static_cast<uint32_t>(files.size());
  files.push_back({location, *content});
  opened.emplace(location, index);
  return index;
}

Result<FileRange> ExternalFiles::find(const onnx::TensorProto &tensor, uint64_t bytes) {
  Result<ExternalEntry> entry = parseExternalEntry(tensor);
  if (!entry)
    return entry.status();
  if (entry->length && *entry->length != bytes)
    return locationError(entry->location,
                         "has length " + std::to_string(*entry->length) + ", expected " + std::to_string(bytes));
  Result<uint32_t> file = open(entry->location);
  if (!file)
    return file.status();
  const uint64_t size = files[*file].content->bytes().size();
  const std::optional<uint64_t> end = checkedAdd(entry->offset, bytes);
  if (!end || *end > size)
    return locationError(entry->location, "has " + std::to_string(size) + " bytes, expected " + std::to_string(bytes) +
                                              " at offset " + std::to_string(entry->offset));
  return FileRange{*file, entry->offset, bytes};
}

} // namespace heddle
