// Copies tensors from one file to another through tools/io: `copy-tensors tensor|sequence|optional|named IN OUT`.
// Named tensors are read from a .npz or a folder and written to the other form that OUT's name asks for.
#include "tools/io/TensorFiles.h"
#include "tools/io/TensorProto.h"
#include <cstdio>

using namespace heddle;

namespace {

bool isArchive(const std::string &path) { return path.ends_with(".npz"); }

Status copyNamed(const std::string &from, const std::string &to) {
  Result<std::vector<NamedTensor>> tensors = isArchive(from) ? readNpz(from) : readTensorFolder(from);
  if (!tensors)
    return tensors.status();
  std::vector<TensorToWrite> list;
  for (const NamedTensor &entry : *tensors)
    list.push_back({entry.name, &entry.tensor});
  return isArchive(to) ? writeNpz(to, list) : writeTensorFolder(to, list);
}

Status copyMessage(ValueKind kind, const std::string &from, const std::string &to) {
  Result<Value> value = readValueFile(from, kind);
  return value ? writeValueFile(to, "", *value) : value.status();
}

Status copy(const std::string &what, const std::string &from, const std::string &to) {
  if (what == "named")
    return copyNamed(from, to);
  if (what == "sequence")
    return copyMessage(ValueKind::Sequence, from, to);
  return copyMessage(what == "optional" ? ValueKind::Optional : ValueKind::Tensor, from, to);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: copy-tensors tensor|sequence|optional|named IN OUT\n");
    return static_cast<int>(Code::Malformed);
  }
  const Status status = copy(argv[1], argv[2], argv[3]);
  if (!status.isOk())
    std::fprintf(stderr, "error: %s\n", status.message().c_str());
  return static_cast<int>(status.code());
}
