// Named tensors in archives and folders: .npz files, and folders of NAME.npy.
#ifndef HEDDLE_TOOLS_IO_TENSORFILES_H
#define HEDDLE_TOOLS_IO_TENSORFILES_H

#include "tools/io/Tensor.h"

namespace heddle {

/// A tensor to write; `tensor` is borrowed.
struct TensorToWrite {
  std::string name;
  const Tensor *tensor;
};

/// Reads every array of an archive, in the archive's order, named without ".npy". Members that are no arrays are an
/// error. Errors are those of readNpy, or Code::Malformed for a broken archive.
Result<std::vector<NamedTensor>> readNpz(const std::string &path, const ReadLimits &limits = {});
/// Writes an archive that numpy.load reads; equal tensors give equal bytes. Code::Unsupported for strings.
Status writeNpz(const std::string &path, std::span<const TensorToWrite> tensors);

/// Reads every NAME.npy of a folder, sorted by name; other files are left alone.
Result<std::vector<NamedTensor>> readTensorFolder(const std::string &path, const ReadLimits &limits = {});
/// Writes NAME.npy for each tensor into a folder, which is made if it is not there; its parent must be.
Status writeTensorFolder(const std::string &path, std::span<const TensorToWrite> tensors);

/// A file name for any tensor name: bytes outside [A-Za-z0-9_.-] become %XX.
std::string encodeFileName(std::string_view name);
/// The inverse; text that encodeFileName cannot have made is kept as it is.
std::string decodeFileName(std::string_view fileName);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_TENSORFILES_H
