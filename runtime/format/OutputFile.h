// Files written as a whole or not at all.
#ifndef HEDDLE_RUNTIME_FORMAT_OUTPUTFILE_H
#define HEDDLE_RUNTIME_FORMAT_OUTPUTFILE_H

#include "runtime/format/Status.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heddle {

/// A file in the making: a temporary file beside the target, moved to the target's name by commit(). Without commit()
/// the destructor removes it. Symbolic links in place of the file itself are never followed: one at the target's name
/// is replaced.
class OutputFile {
public:
  /// Code::Malformed if the folder cannot be written to or the target exists and is not a regular file or a link.
  /// \param mode permission bits, cut by the process's umask.
  static Result<OutputFile> create(const std::string &path, unsigned mode = 0666);

  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&) = delete;
  ~OutputFile();

  /// Appends. Code::OverLimit if the disk is full.
  Status write(std::span<const std::byte> bytes);
  Status write(std::string_view text) { return write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Replaces bytes that have been written.
  Status writeAt(uint64_t offset, std::span<const std::byte> bytes);
  /// Bytes written so far.
  uint64_t size() const { return written; }
  /// Brings the bytes to disk and gives the file its name. Nothing else may be called afterwards.
  Status commit();

private:
  void release();

  OutputFile(int folder, int descriptor, std::string path, std::string temporary, std::string name)
      : folder(folder), descriptor(descriptor), path(std::move(path)), temporary(std::move(temporary)),
        name(std::move(name)) {}
  int folder = -1;
  int descriptor = -1;
  std::string path;      ///< As the user gave it, for messages.
  std::string temporary; ///< Name in `folder`; empty once moved.
  std::string name;      ///< Final name in `folder`.
  uint64_t written = 0;
  int slot = -1; ///< Where removeUnfinishedFiles finds the temporary file; -1 if nowhere.
};

/// Removes the temporary files of every OutputFile that is neither committed nor destroyed. For a handler of SIGINT or
/// SIGTERM that ends the process afterwards: safe in a signal handler. Knows the first 64 files that are open at once.
void removeUnfinishedFiles();

/// Writes one file at once.
Status writeFile(const std::string &path, std::string_view content);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_OUTPUTFILE_H
