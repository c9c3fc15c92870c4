// Writes tensors, sequences and optionals in protobuf's wire format.
#include "runtime/format/OutputFile.h"
#include "runtime/format/TensorFields.h"
#include "tools/io/TensorProto.h"

namespace heddle {
namespace {

void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void appendNumber(std::string &out, unsigned field, uint64_t value) {
  appendVarint(out, field << 3);
  appendVarint(out, value);
}

void appendBytes(std::string &out, unsigned field, std::string_view content) {
  appendVarint(out, field << 3 | 2);
  appendVarint(out, content.size());
  out += content;
}

/// Elements as raw_data wants them: two 4-bit elements in a byte.
std::string packedPairs(const Tensor &tensor) {
  std::string packed(static_cast<size_t>(*rawLength(tensor.type(), tensor.elementCount())), '\0');
  for (size_t i = 0; i < tensor.bytes().size(); ++i) {
    const unsigned code = std::to_integer<unsigned>(tensor.bytes()[i]) & 15;
    packed[i / 2] = static_cast<char>(static_cast<unsigned char>(packed[i / 2]) | code << (i % 2 * 4));
  }
  return packed;
}

std::string tensorMessage(const std::string &name, const Tensor &tensor) {
  std::string out;
  for (int64_t size : tensor.shape())
    appendNumber(out, 1, static_cast<uint64_t>(size));
  appendNumber(out, 2, static_cast<uint64_t>(onnxNumberOf(tensor.type())));
  for (const std::string &element : tensor.strings())
    appendBytes(out, 6, element);
  if (!name.empty())
    appendBytes(out, 8, name);
  if (isPackedPair(tensor.type()))
    appendBytes(out, 9, packedPairs(tensor));
  else if (tensor.type() != DType::String)
    appendBytes(out, 9, {reinterpret_cast<const char *>(tensor.bytes().data()), tensor.bytes().size()});
  return out;
}

constexpr unsigned tensorElements = 1, sequenceElements = 3;

std::string sequenceMessage(const std::string &name, const Sequence &sequence) {
  std::string out;
  if (!name.empty())
    appendBytes(out, 1, name);
  appendNumber(out, 2, tensorElements);
  for (const Tensor &element : sequence)
    appendBytes(out, 3, tensorMessage("", element));
  return out;
}

std::string optionalMessage(const std::string &name, const Optional &optional) {
  std::string out;
  if (!name.empty())
    appendBytes(out, 1, name);
  if (const auto *tensor = std::get_if<Tensor>(&optional)) {
    appendNumber(out, 2, tensorElements);
    appendBytes(out, 3, tensorMessage("", *tensor));
  } else if (const auto *sequence = std::get_if<Sequence>(&optional)) {
    appendNumber(out, 2, sequenceElements);
    appendBytes(out, 5, sequenceMessage("", *sequence));
  } else {
    appendNumber(out, 2, 0);
  }
  return out;
}

} // namespace

std::string serializeValue(const std::string &name, const Value &value) {
  if (const auto *tensor = std::get_if<Tensor>(&value))
    return tensorMessage(name, *tensor);
  if (const auto *sequence = std::get_if<Sequence>(&value))
    return sequenceMessage(name, *sequence);
  return optionalMessage(name, std::get<Optional>(value));
}

Status writeValueFile(const std::string &path, const std::string &name, const Value &value) {
  return writeFile(path, serializeValue(name, value));
}

} // namespace heddle
