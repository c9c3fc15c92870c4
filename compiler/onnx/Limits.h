// Budgets for models that may be hostile; a program's flags change them.
#ifndef HEDDLE_COMPILER_ONNX_LIMITS_H
#define HEDDLE_COMPILER_ONNX_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace heddle {

/// What one model may cost. Passing any of them is Code::OverLimit, never a crash or a swapping machine.
struct Limits {
  uint64_t protobufBytes = uint64_t(256) << 20;   ///< The model without the raw_data that the scan cuts out.
  uint64_t parsedBytes = uint64_t(1) << 30;       ///< What protobuf's objects for it may take, estimated.
  uint64_t initializerBytes = uint64_t(16) << 30; ///< All tensors of the model, external ones included.
  uint64_t tensorBytes = uint64_t(8) << 30;       ///< One tensor.
  uint64_t stringBytes = uint64_t(64) << 20;      ///< One string, or one element of a string tensor.
  uint64_t nodes = 1000000;                       ///< In all graphs and functions; also after inlining functions.
  uint64_t attributesPerNode = 1024;              ///< Of one node.
  size_t messageDepth = 100;                      ///< Protobuf messages inside each other.
  size_t graphDepth = 16;                         ///< Graphs inside each other, the main graph not counted.
  size_t callDepth = 100;                         ///< Model-local functions that call each other.
  size_t rank = 64;                               ///< Dimensions of one tensor.
  size_t externalFiles = 1024;                    ///< Different files with external data.
  bool allowHardLinks = false;                    ///< External files may have more than one name.
  uint64_t foldedBytes = uint64_t(256) << 20;     ///< Constants made by folding, in all.
  uint64_t foldedNodeBytes = uint64_t(16) << 20;  ///< Constants made by folding one node.
};

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_LIMITS_H
