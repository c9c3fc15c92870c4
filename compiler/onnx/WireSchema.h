// The fields of ONNX's messages, as the scan of an unchecked model needs them.
#ifndef HEDDLE_COMPILER_ONNX_WIRESCHEMA_H
#define HEDDLE_COMPILER_ONNX_WIRESCHEMA_H

#include <cstdint>
#include <span>
#include <string_view>

namespace heddle::wire {

enum class Message : uint8_t {
  None,
  Model,
  Graph,
  Node,
  Attribute,
  Tensor,
  Segment,
  SparseTensor,
  Function,
  Training,
  ValueInfo,
  Type,
  TypeTensor,
  TypeElement,
  TypeMap,
  TypeOpaque,
  Shape,
  Dimension,
  OperatorSet,
  StringPair,
  ExternalEntry,
  Annotation,
  DeviceConfiguration,
  NodeDevice,
  Sharding,
  ShardedDim,
  SimpleShardedDim,
  IntIntList,
};

/// How a field lies on the wire. Text must be UTF-8. Repeated numbers may be packed. Docs are bytes that nothing needs.
/// Sub is a message.
enum class Kind : uint8_t { Int, Fixed32, Fixed64, Bytes, Text, Docs, Sub };

struct Field {
  uint8_t number;
  bool repeated;
  Kind kind;
  std::string_view name;
  Message message = Message::None;
};

/// The fields of a message; others are unknown and dropped. Source: onnx-ml.proto of ONNX 1.22, IR version 13.
std::span<const Field> fieldsOf(Message message);

/// The field with that number; null if the message has none.
const Field *findField(Message message, uint32_t number);

} // namespace heddle::wire

#endif // HEDDLE_COMPILER_ONNX_WIRESCHEMA_H
