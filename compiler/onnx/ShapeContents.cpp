// Looks up how an op computes known elements.
#include "compiler/onnx/ShapeContents.h"
#include <map>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

static const std::map<std::string_view, Folder> &folderTable() {
  static const std::map<std::string_view, Folder> table = [] {
    std::map<std::string_view, Folder> folders;
    for (std::span<const FolderEntry> family : {arithmeticFolders(), movementFolders()})
      for (const FolderEntry &entry : family)
        folders.try_emplace(entry.op, entry.fold);
    return folders;
  }();
  return table;
}

bool onnximport::foldShapeArithmetic(Node &node) {
  auto found = folderTable().find(node.proto().op_type());
  if (found == folderTable().end() || !node.proto().domain().empty())
    return false;
  Folded folded = found->second(node);
  if (!folded)
    return false;
  node.set(0, node.importer().newTensor(std::move(*folded)));
  return true;
}

const Contents *onnximport::contentsOf(Node &node, int position) {
  if (!node.hasInput(position))
    return nullptr;
  const Tensor &tensor = node.tensor(position);
  return tensor.contents ? &*tensor.contents : nullptr;
}

Tensor onnximport::knownTensor(Contents contents, Shape shape, Type element) {
  Tensor tensor;
  tensor.contents = std::move(contents);
  tensor.shape = std::move(shape);
  tensor.element = element;
  return tensor;
}

std::vector<int64_t> onnximport::broadcastPositions(const std::vector<int64_t> &from, const std::vector<int64_t> &to) {
  std::vector<int64_t> positions = {0};
  size_t offset = to.size() - from.size();
  int64_t stride = 1;
  for (int64_t size : from)
    stride *= size;
  for (size_t dim = 0; dim < to.size(); ++dim) {
    int64_t step = 0;
    if (dim >= offset) {
      stride = from[dim - offset] ? stride / from[dim - offset] : 0;
      step = from[dim - offset] == 1 ? 0 : stride;
    }
    std::vector<int64_t> next;
    for (int64_t position : positions)
      for (int64_t i = 0; i < to[dim]; ++i)
        next.push_back(position + i * step);
    positions = std::move(next);
  }
  return positions;
}
