// ONNX's TensorProto, SequenceProto and OptionalProto in files (.pb), without protobuf.
#ifndef HEDDLE_TOOLS_IO_TENSORPROTO_H
#define HEDDLE_TOOLS_IO_TENSORPROTO_H

#include "tools/io/Tensor.h"

namespace heddle {

/// Which message a file holds: the wire format does not say, the type of the graph input does.
enum class ValueKind : uint8_t { Tensor, Sequence, Optional };

/// Reads one message. Code::Malformed for a broken one (the element count must be exact, raw_data and typed fields
/// exclude each other), Code::Unsupported for complex, sparse, map and external values, Code::OverLimit beyond
/// `limits`. The bytes of a tensor are in memory form: pairs of 4-bit elements unpacked.
Result<Value> parseValue(std::span<const std::byte> message, ValueKind kind, const ReadLimits &limits = {});
Result<Value> readValueFile(const std::string &path, ValueKind kind, const ReadLimits &limits = {});
/// The common case.
Result<Tensor> readTensorFile(const std::string &path, const ReadLimits &limits = {});
/// The name that a message carries; empty if it has none or is broken.
std::string nameInMessage(std::span<const std::byte> message, ValueKind kind);

/// The message for a value, elements as raw_data.
std::string serializeValue(const std::string &name, const Value &value);
/// Writes a file as a whole or not at all.
Status writeValueFile(const std::string &path, const std::string &name, const Value &value);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_TENSORPROTO_H
