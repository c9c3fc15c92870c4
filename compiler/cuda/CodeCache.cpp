// Implements the cache of compiled code.
#include "compiler/cuda/CodeCache.h"
#include "runtime/format/Digest.h"
#include "runtime/format/OutputFile.h"
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace heddle;
namespace fs = std::filesystem;

/// Whether nobody else can put code into the folder that we would run.
static bool isOurs(const std::string &folder) {
  struct stat info;
  return lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

CodeCache::CodeCache(std::string path, int64_t limit) : folder(std::move(path)), limit(limit) {
  if (folder.empty())
    return;
  std::error_code failure;
  fs::create_directories(fs::path(folder).parent_path(), failure);
  ::mkdir(folder.c_str(), 0700);
  if (!isOurs(folder))
    folder.clear();
}

std::optional<std::string> CodeCache::find(std::string_view key) const {
  if (!isOpen())
    return std::nullopt;
  fs::path path = fs::path(folder) / key;
  std::ifstream file(path, std::ios::binary);
  std::string digest;
  if (!file || !std::getline(file, digest))
    return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  std::string bytes = std::move(content).str();
  if (digestOf(bytes) != digest)
    return std::nullopt;
  // The time of the last use decides which entries go.
  std::error_code failure;
  fs::last_write_time(path, fs::file_time_type::clock::now(), failure);
  return bytes;
}

void CodeCache::insert(std::string_view key, std::string_view content) const {
  if (!isOpen())
    return;
  Result<OutputFile> file = OutputFile::create((fs::path(folder) / key).string(), 0600);
  if (!file)
    return;
  bool isWritten = file->write(digestOf(content) + "\n").isOk() && file->write(content).isOk();
  if (isWritten && file->commit().isOk())
    evict();
}

void CodeCache::evict() const {
  struct Entry {
    fs::file_time_type used;
    fs::path path;
    int64_t bytes;
  };
  std::vector<Entry> entries;
  int64_t total = 0;
  std::error_code failure;
  for (const fs::directory_entry &file : fs::directory_iterator(folder, failure)) {
    std::error_code gone;
    Entry entry{file.last_write_time(gone), file.path(), static_cast<int64_t>(file.file_size(gone))};
    if (gone)
      continue;
    total += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry &a, const Entry &b) { return a.used != b.used ? a.used < b.used : a.path < b.path; });
  for (const Entry &entry : entries) {
    if (total <= limit)
      return;
    fs::remove(entry.path, failure);
    total -= entry.bytes;
  }
}
