// Implements the scan as one recursive descent over the wire format, driven by the tables of WireSchema.
#include "compiler/onnx/WireScan.h"
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/TensorFacts.h"
#include "compiler/onnx/Utf8.h"
#include "compiler/onnx/WireSchema.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/format/WireReader.h"
#include <algorithm>
#include <array>

namespace heddle {
namespace {

using wire::Field;
using wire::Kind;
using wire::Message;

// Estimates of what protobuf keeps in memory per parsed thing, from the sizes of its generated classes.
constexpr uint64_t messageCost = 160, stringCost = 64, numberCost = 8;
constexpr size_t mostFields = 20;
constexpr size_t lengthBytes = 5; // a length of up to 256 MiB, padded to a fixed size so that it can be filled in later

constexpr std::string_view externalKeys[] = {"location", "offset", "length", "checksum", "basepath"};

/// The text field `number` of a message, as far as the message can be read.
std::string_view peekText(std::span<const std::byte> bytes, uint32_t number) {
  WireReader reader(bytes);
  WireField field;
  while (!reader.atEnd() && reader.next(field).isOk())
    if (field.number == number && field.type == WireType::Bytes)
      return field.text();
  return {};
}

std::string_view asText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

class Scanner {
public:
  Scanner(std::span<const std::byte> file, const Limits &limits) : file(file), limits(limits) {}

  /// Two passes: the first only counts, so that a model over a budget costs no memory; the second writes the output.
  Result<ScannedModel> run() {
    HEDDLE_RETURN_IF_ERROR(scanMessage(Message::Model, nullptr, 0, file));
    if (!result.complete)
      return std::move(result);
    Scanner writer(file, limits);
    writer.writing = true;
    writer.result.protobuf.reserve(outputBytes);
    HEDDLE_RETURN_IF_ERROR(writer.scanMessage(Message::Model, nullptr, 0, file));
    return std::move(writer.result);
  }

private:
  /// A message that the scan is in, and the field of the enclosing message that holds it.
  struct Frame {
    Message message;
    const Field *field;
    uint64_t index; ///< Which occurrence of the field.
    std::span<const std::byte> bytes;
  };

  Status broken(const std::string &what) const { return {Code::Malformed, place() + ": " + what}; }

  /// Remembers the first budget that was passed. A `fatal` one ends the output, not the search for malformed parts.
  void passLimit(const std::string &what, bool fatal) {
    if (result.overLimit.isOk())
      result.overLimit = Status(Code::OverLimit, place() + ": " + what);
    if (fatal) {
      result.complete = false;
      result.protobuf = {};
    }
  }

  static std::string limitText(std::string_view what, uint64_t limit) {
    return std::string(what) + " passes the limit of " + std::to_string(limit);
  }

  void spend(uint64_t cost) {
    parsedBytes += cost;
    if (parsedBytes > limits.parsedBytes && result.complete)
      passLimit(limitText("the memory for the parsed model", limits.parsedBytes), true);
  }

  void emit(std::string_view bytes) {
    if (!result.complete)
      return;
    if (bytes.size() > limits.protobufBytes - outputBytes)
      return passLimit(limitText("the model without its weights", limits.protobufBytes), true);
    outputBytes += bytes.size();
    if (writing)
      result.protobuf += bytes;
  }

  Status scanMessage(Message message, const Field *field, uint64_t index, std::span<const std::byte> bytes) {
    frames.push_back({message, field, index, bytes});
    spend(messageCost);
    const Status status = withinDepth(message) ? scanFields(message, bytes) : Status::ok();
    frames.pop_back();
    return status;
  }

  bool withinDepth(Message message) {
    if (frames.size() > limits.messageDepth) {
      passLimit(limitText("nesting of messages", limits.messageDepth), true);
      return false;
    }
    const auto isGraph = [](const Frame &frame) { return frame.message == Message::Graph; };
    const auto graphs = static_cast<size_t>(std::count_if(frames.begin(), frames.end(), isGraph));
    if (message == Message::Graph && graphs > limits.graphDepth + 1) {
      passLimit(limitText("nesting of graphs", limits.graphDepth), true);
      return false;
    }
    if (message == Message::Node && ++nodes > limits.nodes)
      passLimit(limitText("the number of nodes", limits.nodes), true);
    if (message == Message::Tensor)
      tensor = {};
    return true;
  }

  Status scanFields(Message message, std::span<const std::byte> bytes) {
    const std::span<const Field> fields = wire::fieldsOf(message);
    std::array<uint64_t, mostFields> seen{};
    WireReader reader(bytes, static_cast<size_t>(bytes.data() - file.data()));
    WireField found;
    while (!reader.atEnd()) {
      if (Status status = reader.next(found); !status)
        return broken(status.message());
      const Field *field = wire::findField(message, found.number);
      if (!field)
        continue;
      const uint64_t index = seen[static_cast<size_t>(field - fields.data())]++;
      if (index > 0 && !field->repeated)
        return broken("field '" + std::string(field->name) + "' appears twice");
      if (message == Message::Node && field->message == Message::Attribute && index == limits.attributesPerNode)
        passLimit(limitText("the number of attributes", limits.attributesPerNode), false);
      const auto content = bytes.subspan(found.offset, reader.offset() - found.offset);
      HEDDLE_RETURN_IF_ERROR(scanField(message, *field, index, found, content));
    }
    return message == Message::Tensor ? finishTensor() : Status::ok();
  }

  /// \param content the field with its tag, as it is copied to the output.
  Status scanField(Message message, const Field &field, uint64_t index, const WireField &found,
                   std::span<const std::byte> content) {
    const WireType single = field.kind == Kind::Int       ? WireType::Varint
                            : field.kind == Kind::Fixed32 ? WireType::Fixed32
                            : field.kind == Kind::Fixed64 ? WireType::Fixed64
                                                          : WireType::Bytes;
    const bool packed = field.repeated && single != WireType::Bytes && found.type == WireType::Bytes;
    if (found.type != single && !packed)
      return broken("field '" + std::string(field.name) + "' has wire type " +
                    std::to_string(static_cast<unsigned>(found.type)) + ", expected " +
                    std::to_string(static_cast<unsigned>(single)));
    if (field.kind == Kind::Sub)
      return scanNested(field, index, found);
    if (field.kind == Kind::Docs)
      return Status::ok();
    if (single == WireType::Bytes)
      return scanBytes(message, field, found, content);
    HEDDLE_RETURN_IF_ERROR(scanNumbers(message, field, found, packed));
    emit(asText(content));
    return Status::ok();
  }

  Status scanNested(const Field &field, uint64_t index, const WireField &found) {
    if (field.message == Message::Segment)
      tensor.hasSegment = true;
    const unsigned tag = field.number << 3 | static_cast<unsigned>(WireType::Bytes);
    if (tag < 0x80)
      emit(std::string{static_cast<char>(tag)});
    else
      emit(std::string{static_cast<char>(tag | 0x80), static_cast<char>(tag >> 7)});
    const size_t place = result.protobuf.size();
    emit(std::string(lengthBytes, '\0'));
    HEDDLE_RETURN_IF_ERROR(scanMessage(field.message, &field, index, found.bytes));
    if (!result.complete || !writing)
      return Status::ok();
    const size_t length = result.protobuf.size() - place - lengthBytes;
    for (size_t i = 0; i < lengthBytes; ++i)
      result.protobuf[place + i] = static_cast<char>((length >> (7 * i) & 0x7f) | (i + 1 < lengthBytes ? 0x80 : 0));
    return Status::ok();
  }

  Status scanBytes(Message message, const Field &field, const WireField &found, std::span<const std::byte> content) {
    if (field.kind == Kind::Text && !isUtf8(found.text()))
      return broken("field '" + std::string(field.name) + "' is not UTF-8");
    if (message == Message::ExternalEntry && field.name == "key" &&
        std::find(std::begin(externalKeys), std::end(externalKeys), found.text()) == std::end(externalKeys))
      return broken("key '" + printable(found.text()) + "' of external data is unknown");
    const bool isRaw = message == Message::Tensor && field.name == "raw_data";
    if (isRaw) {
      tensor.rawBytes = found.bytes.size();
      if (found.bytes.size() >= smallestCut) {
        cut(found.bytes);
        return Status::ok();
      }
    } else if (found.bytes.size() > limits.stringBytes) {
      passLimit(limitText("the length of '" + std::string(field.name) + "'", limits.stringBytes), false);
    }
    if (message == Message::Tensor && field.name == "string_data") {
      ++tensor.counts[static_cast<size_t>(ElementField::String)];
      tensor.stringBytes += found.bytes.size();
    }
    if (message == Message::Tensor && field.name == "name")
      tensor.name = found.text();
    spend(stringCost + found.bytes.size());
    emit(asText(content));
    return Status::ok();
  }

  /// Leaves raw_data in the file and an entry of external_data (field 13) in its place.
  void cut(std::span<const std::byte> bytes) {
    const std::string index = std::to_string(result.cuts.size());
    result.cuts.push_back({static_cast<uint64_t>(bytes.data() - file.data()), bytes.size()});
    std::string entry{'\x0a', static_cast<char>(placeholderKey.size())};
    entry += placeholderKey;
    entry += {'\x12', static_cast<char>(index.size())};
    entry += index;
    emit(std::string{'\x6a', static_cast<char>(entry.size())} + entry);
    spend(messageCost + 2 * stringCost);
  }

  Status scanNumbers(Message message, const Field &field, const WireField &found, bool packed) {
    if (!packed) {
      noteNumber(message, field, found.scalar);
      return noteCount(message, field, 1);
    }
    const size_t width = field.kind == Kind::Fixed32 ? 4 : 8;
    if (field.kind != Kind::Int) {
      if (found.bytes.size() % width != 0)
        return broken("field '" + std::string(field.name) + "' has " + std::to_string(found.bytes.size()) +
                      " bytes, expected a multiple of " + std::to_string(width));
      return noteCount(message, field, found.bytes.size() / width);
    }
    uint64_t count = 0;
    WireReader reader(found.bytes, static_cast<size_t>(found.bytes.data() - file.data()));
    while (!reader.atEnd()) {
      uint64_t value = 0;
      if (Status status = reader.readVarint(value); !status)
        return broken(status.message());
      noteNumber(message, field, value);
      ++count;
    }
    return noteCount(message, field, count);
  }

  void noteNumber(Message message, const Field &field, uint64_t value) {
    if (message != Message::Tensor)
      return;
    if (field.name == "dims" && tensor.dims.size() <= limits.rank)
      tensor.dims.push_back(static_cast<int64_t>(value));
    else if (field.name == "data_type")
      tensor.dataType = static_cast<int32_t>(value);
    else if (field.name == "data_location")
      tensor.isExternal = value == 1;
  }

  Status noteCount(Message message, const Field &field, uint64_t count) {
    spend(numberCost * count);
    if (message != Message::Tensor)
      return Status::ok();
    constexpr std::string_view names[elementFieldCount] = {"float_data", "int32_data",  "string_data",
                                                           "int64_data", "double_data", "uint64_data"};
    const auto *name = std::find(std::begin(names), std::end(names), field.name);
    if (name != std::end(names))
      tensor.counts[static_cast<size_t>(name - std::begin(names))] += count;
    return Status::ok();
  }

  Status finishTensor() {
    const std::string shown = "tensor '" + printable(tensor.name) + "': ";
    if (tensor.dims.size() > limits.rank) {
      passLimit(shown + limitText("the rank", limits.rank), true);
      return Status::ok();
    }
    const Result<uint64_t> bytes = checkedTensorBytes(tensor);
    if (!bytes)
      return broken(shown + bytes.status().message());
    if (*bytes > limits.tensorBytes)
      passLimit(shown + std::to_string(*bytes) + " bytes pass the limit of " + std::to_string(limits.tensorBytes),
                false);
    initializerBytes = checkedAdd(initializerBytes, *bytes).value_or(UINT64_MAX);
    if (initializerBytes > limits.initializerBytes)
      passLimit(limitText("the size of all tensors", limits.initializerBytes), false);
    return Status::ok();
  }

  std::string place() const;

  std::span<const std::byte> file;
  const Limits &limits;
  ScannedModel result;
  std::vector<Frame> frames;
  TensorFacts tensor;   ///< Of the tensor that the scan is in; tensors hold no tensors.
  bool writing = false; ///< False while the output is only measured.
  uint64_t outputBytes = 0, parsedBytes = 0, initializerBytes = 0, nodes = 0;
};

/// The path of the innermost node or graph, then the fields that lead from there to where the scan is.
std::string Scanner::place() const {
  std::vector<std::string> path;
  std::string trail;
  std::string_view attribute;
  for (const Frame &frame : frames) {
    const std::string index = frame.field && frame.field->repeated ? "[" + std::to_string(frame.index) + "]" : "";
    switch (frame.message) {
    case Message::Graph:
      if (attribute.data() && !path.empty())
        path.back() = subgraphLabel(path.back(), attribute) + index;
      else
        path.emplace_back("graph");
      break;
    case Message::Function:
      path.push_back("function " + printable(peekText(frame.bytes, 1)));
      break;
    case Message::Node:
      path.push_back(nodeLabel(peekText(frame.bytes, 3), peekText(frame.bytes, 4), frame.index));
      break;
    default:
      attribute = frame.message == Message::Attribute ? peekText(frame.bytes, 1) : std::string_view();
      if (frame.field)
        trail += (trail.empty() ? "" : ".") + std::string(frame.field->name) + index;
      continue;
    }
    trail.clear();
  }
  std::string text;
  for (const std::string &part : path)
    text += (text.empty() ? "" : "/") + part;
  if (text.empty())
    text = "model";
  return trail.empty() ? text : text + ": " + trail;
}

} // namespace

Result<ScannedModel> scanModel(std::span<const std::byte> file, const Limits &limits) {
  return Scanner(file, limits).run();
}

} // namespace heddle
