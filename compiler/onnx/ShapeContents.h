// Computes known elements of small tensors while importing, so that shape arithmetic leaves no ops behind.
#ifndef HEDDLE_COMPILER_ONNX_SHAPECONTENTS_H
#define HEDDLE_COMPILER_ONNX_SHAPECONTENTS_H

#include "compiler/onnx/Node.h"
#include <span>
#include <string_view>

namespace heddle::onnximport {

/// A tensor computed without ops; nullopt where the elements are not known or their arithmetic is not exact.
using Folded = std::optional<Tensor>;
using Folder = Folded (*)(Node &);

struct FolderEntry {
  std::string_view op;
  Folder fold;
};

std::span<const FolderEntry> arithmeticFolders();
std::span<const FolderEntry> movementFolders();

/// Sets the result of a node whose result follows from known elements or shapes; false if it does not.
bool foldShapeArithmetic(Node &node);

/// The elements of an operand if they are known.
const Contents *contentsOf(Node &node, int position);
/// A tensor of known elements.
Tensor knownTensor(Contents contents, Shape shape, mlir::Type element);
/// For each element of `to` in row-major order the position of the element of `from` that broadcasts to it.
std::vector<int64_t> broadcastPositions(const std::vector<int64_t> &from, const std::vector<int64_t> &to);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_SHAPECONTENTS_H
