// Opens ONNX models that may be hostile: what comes out has been scanned, bounded and checked.
#ifndef HEDDLE_COMPILER_ONNX_MODELFILE_H
#define HEDDLE_COMPILER_ONNX_MODELFILE_H

#include "compiler/onnx/Limits.h"
#include "runtime/format/DType.h"
#include "runtime/format/InputFile.h"
#include "runtime/format/Status.h"
#include <memory>
#include <onnx/onnx_pb.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace heddle {

/// Bytes of one of the files that make up a model.
struct FileRange {
  uint32_t file = 0;   ///< Index into LoadedModel::files.
  uint64_t offset = 0; ///< In bytes.
  uint64_t length = 0;
};

/// The elements of a tensor of a model.
struct TensorData {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  /// Row-major, one byte at least per element; two elements in a byte if `packed`. Alive as long as the LoadedModel
  /// and `storage`; aligned to nothing if it lies in a file.
  std::span<const std::byte> bytes;
  bool packed = false;
  std::vector<std::string> strings;           ///< The elements of a string tensor.
  std::optional<FileRange> range;             ///< Set if `bytes` is that range of a file as it is.
  std::shared_ptr<const std::byte[]> storage; ///< Owns `bytes` where they had to be decoded.
};

/// A file that a model consists of.
struct SourceFile {
  std::string name; ///< The location of external data as the model has it; empty for the model itself.
  std::shared_ptr<const FileBytes> content;
};

/// A model that obeys every rule that can be checked without knowing what its ops mean. Owns the mapped files.
/// - Every raw_data of 4 KiB or more and all external data is out of the protobuf; tensor() finds it.
/// - Nodes of each graph and function are sorted topologically (file order among ready nodes) and have a name.
/// - Domain "ai.onnx" is written "".
/// - training_info is dropped.
struct LoadedModel {
  onnx::ModelProto proto;
  std::vector<SourceFile> files; ///< The model's own file first.
  std::vector<FileRange> ranges; ///< What the placeholders in `proto` refer to.
  /// Nodes whose op the standard domains do not have at the model's opset, as `graph/Foo_1: Foo-21 (ai.onnx)`. Each
  /// must end in Code::Unsupported; the importer adds its own and reports all at once.
  std::vector<std::string> unknownOps;

  /// The elements of a tensor of `proto`, wherever they are. Code::Unsupported for complex and 2-bit types.
  Result<TensorData> tensor(const onnx::TensorProto &tensor) const;
};

/// Reads a model: a bounded scan of the wire format, external data opened beneath the model's folder, protobuf, the
/// rules for graphs and functions, ONNX's own checker. One message with the path of the node; malformed wins over
/// unsupported, unsupported over a limit. No exception leaves it.
Result<std::unique_ptr<LoadedModel>> loadModel(const std::string &path, const Limits &limits = {});

/// The error for all unsupported nodes at once; `nodes` as in LoadedModel::unknownOps, not empty.
Status unsupportedNodes(std::span<const std::string> nodes);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_MODELFILE_H
