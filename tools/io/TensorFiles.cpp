// Implements archives and folders of named tensors.
#include "tools/io/TensorFiles.h"
#include "runtime/format/SystemReason.h"
#include "tools/io/Npy.h"
#include "tools/io/Zip.h"
#include <algorithm>
#include <dirent.h>
#include <sys/stat.h>

namespace heddle {
namespace {

constexpr std::string_view suffix = ".npy";

/// Lowers what is left of the total budget by a tensor that has just been read.
void spend(ReadLimits &limits, const Tensor &tensor) {
  limits.totalBytes -= std::min<uint64_t>(limits.totalBytes, tensor.bytes().size());
  limits.tensorBytes = std::min(limits.tensorBytes, limits.totalBytes);
}

Status noStrings(const std::string &path, const std::string &name) {
  return {Code::Unsupported, "cannot write '" + name + "' to '" + path + "': .npy has no strings, use .pb"};
}

bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<std::vector<std::string>> listArrays(const std::string &path, size_t limit) {
  DIR *folder = opendir(path.c_str());
  if (!folder)
    return Status(Code::Malformed, "'" + path + "': " + systemReason());
  std::vector<std::string> files;
  while (const dirent *entry = readdir(folder))
    if (std::string_view(entry->d_name).ends_with(suffix) && files.size() <= limit)
      files.push_back(entry->d_name);
  closedir(folder);
  if (files.size() > limit)
    return Status(Code::OverLimit, "'" + path + "': more than " + std::to_string(limit) + " arrays");
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace

Result<std::vector<NamedTensor>> readNpz(const std::string &path, const ReadLimits &limits) {
  Result<ZipReader> archive = ZipReader::open(path, limits.count);
  if (!archive)
    return archive.status();
  ReadLimits left = limits;
  std::vector<NamedTensor> tensors;
  for (const ZipMember &member : archive->members()) {
    const std::string shown = path + "[" + std::to_string(tensors.size()) + "]";
    if (!member.name.ends_with(suffix))
      return Status(Code::Malformed, "'" + shown + "': not a .npy member");
    Result<std::unique_ptr<ByteSource>> content = archive->read(member);
    if (!content)
      return content.status();
    Result<Tensor> tensor = readNpy(**content, shown, left);
    if (!tensor)
      return tensor.status();
    spend(left, *tensor);
    tensors.push_back({member.name.substr(0, member.name.size() - suffix.size()), std::move(*tensor)});
  }
  return tensors;
}

Status writeNpz(const std::string &path, std::span<const TensorToWrite> tensors) {
  for (const TensorToWrite &entry : tensors)
    if (entry.tensor->type() == DType::String)
      return noStrings(path, entry.name);
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.status();
  ZipWriter archive(*file);
  for (const TensorToWrite &entry : tensors) {
    const std::string header = npyHeader(*entry.tensor);
    const auto headerBytes = std::as_bytes(std::span(header.data(), header.size()));
    HEDDLE_RETURN_IF_ERROR(archive.add(entry.name + std::string(suffix), {headerBytes, entry.tensor->bytes()}));
  }
  HEDDLE_RETURN_IF_ERROR(archive.finish());
  return file->commit();
}

Result<std::vector<NamedTensor>> readTensorFolder(const std::string &path, const ReadLimits &limits) {
  Result<std::vector<std::string>> files = listArrays(path, limits.count);
  if (!files)
    return files.status();
  ReadLimits left = limits;
  std::vector<NamedTensor> tensors;
  for (const std::string &file : *files) {
    Result<Tensor> tensor = readNpyFile(path + "/" + file, left);
    if (!tensor)
      return tensor.status();
    spend(left, *tensor);
    const std::string_view stem = std::string_view(file).substr(0, file.size() - suffix.size());
    tensors.push_back({decodeFileName(stem), std::move(*tensor)});
  }
  return tensors;
}

Status writeTensorFolder(const std::string &path, std::span<const TensorToWrite> tensors) {
  for (const TensorToWrite &entry : tensors)
    if (entry.tensor->type() == DType::String)
      return noStrings(path, entry.name);
  if (mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return {Code::Malformed, "cannot make '" + path + "': " + systemReason()};
  for (const TensorToWrite &entry : tensors)
    HEDDLE_RETURN_IF_ERROR(writeNpyFile(path + "/" + encodeFileName(entry.name) + std::string(suffix), *entry.tensor));
  return Status::ok();
}

std::string encodeFileName(std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (char c : name) {
    if (isPlain(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
}

std::string decodeFileName(std::string_view fileName) {
  std::string name;
  for (size_t i = 0; i < fileName.size(); ++i) {
    const bool escape = fileName[i] == '%' && i + 2 < fileName.size();
    const int high = escape ? hexDigit(fileName[i + 1]) : -1;
    const int low = escape ? hexDigit(fileName[i + 2]) : -1;
    if (high < 0 || low < 0) {
      name += fileName[i];
      continue;
    }
    name += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return name;
}

} // namespace heddle
