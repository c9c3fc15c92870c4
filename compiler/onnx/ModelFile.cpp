// Opens a model: the steps of semantics.md section 1, each on what the one before has bounded.
#include "compiler/onnx/ModelFile.h"
#include "compiler/onnx/CheckModel.h"
#include "compiler/onnx/ExternalData.h"
#include "compiler/onnx/ModelWalk.h"
#include "compiler/onnx/TensorFacts.h"
#include "compiler/onnx/WireScan.h"
#include "runtime/format/TensorFields.h"
#include <algorithm>
#include <charconv>
#include <new>

namespace heddle {
namespace {

/// Puts a placeholder in place of a tensor's external data.
void setPlaceholder(onnx::TensorProto &tensor, size_t index) {
  tensor.clear_data_location();
  tensor.clear_external_data();
  onnx::StringStringEntryProto *entry = tensor.add_external_data();
  entry->set_key(std::string(placeholderKey));
  entry->set_value(std::to_string(index));
}

/// The index that a placeholder holds. The scan and setPlaceholder alone write placeholders.
std::optional<size_t> placeholderOf(const onnx::TensorProto &tensor) {
  if (tensor.external_data_size() != 1 || tensor.external_data(0).key() != placeholderKey)
    return std::nullopt;
  const std::string &text = tensor.external_data(0).value();
  size_t index = 0;
  std::from_chars(text.data(), text.data() + text.size(), index);
  return index;
}

TensorFacts shapeFacts(const onnx::TensorProto &tensor) {
  TensorFacts facts;
  facts.dims.assign(tensor.dims().begin(), tensor.dims().end());
  facts.dataType = tensor.data_type();
  facts.isExternal = true;
  return facts;
}

Status openExternalData(LoadedModel &model, const std::string &path, const Limits &limits) {
  ExternalFiles files(path, limits, model.files);
  const auto open = [&](onnx::TensorProto &tensor, const Place &place) -> Status {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return Status::ok();
    const std::string where = place.path() + ": tensor '" + printable(tensor.name()) + "': ";
    Result<uint64_t> bytes = checkedTensorBytes(shapeFacts(tensor));
    if (!bytes)
      return {bytes.status().code(), where + bytes.status().message()};
    Result<FileRange> range = files.find(tensor, *bytes);
    if (!range)
      return {range.status().code(), where + range.status().message()};
    setPlaceholder(tensor, model.ranges.size());
    model.ranges.push_back(*range);
    return Status::ok();
  };
  const auto openSparse = [&open](onnx::SparseTensorProto &tensor, const Place &place) -> Status {
    HEDDLE_RETURN_IF_ERROR(open(*tensor.mutable_values(), place));
    return tensor.has_indices() ? open(*tensor.mutable_indices(), place) : Status::ok();
  };
  return walkModel(model.proto, {.node = {}, .tensor = open, .sparseTensor = openSparse});
}

template <typename Nodes> void nameNodes(Nodes &nodes) {
  for (int i = 0; i < nodes.size(); ++i) {
    onnx::NodeProto &node = *nodes.Mutable(i);
    if (node.name().empty())
      node.set_name(nodeLabel("", node.op_type(), static_cast<size_t>(i)));
    for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_g())
        nameNodes(*attribute.mutable_g()->mutable_node());
      for (onnx::GraphProto &graph : *attribute.mutable_graphs())
        nameNodes(*graph.mutable_node());
    }
  }
}

Status parse(LoadedModel &model, ScannedModel scanned) {
  if (!model.proto.ParseFromString(scanned.protobuf))
    return {Code::Malformed, "model: protobuf cannot parse it"};
  if (!model.proto.has_graph())
    return {Code::Malformed, "model: has no graph"};
  model.proto.clear_training_info();
  nameNodes(*model.proto.mutable_graph()->mutable_node());
  for (onnx::FunctionProto &function : *model.proto.mutable_functions())
    nameNodes(*function.mutable_node());
  for (const ScannedRange &cut : scanned.cuts)
    model.ranges.push_back({0, cut.offset, cut.length});
  return Status::ok();
}

Result<std::unique_ptr<LoadedModel>> load(const std::string &path, const Limits &limits) {
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return file.status();
  Result<std::shared_ptr<const FileBytes>> content = file->load();
  if (!content)
    return content.status();
  auto model = std::make_unique<LoadedModel>();
  model->files.push_back({"", *content});
  Result<ScannedModel> scanned = scanModel((*content)->bytes(), limits);
  if (!scanned)
    return scanned.status();
  const Status overLimit = scanned->overLimit;
  if (!scanned->complete)
    return overLimit;
  HEDDLE_RETURN_IF_ERROR(parse(*model, std::move(*scanned)));
  HEDDLE_RETURN_IF_ERROR(openExternalData(*model, path, limits));
  HEDDLE_RETURN_IF_ERROR(checkModel(*model, limits));
  if (!overLimit.isOk())
    return model->unknownOps.empty() ? overLimit : unsupportedNodes(model->unknownOps);
  return model;
}

/// Memory that the TensorData owns, filled by `fill`.
template <typename Fill> Status fillOwned(TensorData &data, int64_t elements, Fill fill) {
  const auto size = static_cast<size_t>(elements * byteWidth(data.type));
  std::shared_ptr<std::byte[]> storage(new std::byte[std::max<size_t>(size, 1)]);
  HEDDLE_RETURN_IF_ERROR(fill(std::span(storage.get(), size)));
  data.bytes = {storage.get(), size};
  data.storage = std::move(storage);
  return Status::ok();
}

bool areBools(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte element) { return element <= std::byte(1); });
}

} // namespace

Result<TensorData> LoadedModel::tensor(const onnx::TensorProto &tensor) const {
  TensorData data;
  const std::optional<DType> type = dtypeFromOnnx(tensor.data_type());
  if (!type)
    return Status(Code::Unsupported, "tensor '" + printable(tensor.name()) + "': element type " +
                                         onnx::TensorProto::DataType_Name(tensor.data_type()) + " is not supported");
  data.type = *type;
  data.shape.assign(tensor.dims().begin(), tensor.dims().end());
  int64_t elements = 1;
  for (int64_t size : data.shape)
    elements *= size;
  Status status;
  if (const std::optional<size_t> index = placeholderOf(tensor)) {
    const FileRange range = ranges[*index];
    data.bytes = files[range.file].content->bytes().subspan(range.offset, range.length);
    data.packed = isPackedPair(*type);
    if (*type != DType::Bool || areBools(data.bytes)) {
      data.range = range;
      return data;
    }
    const std::span<const std::byte> raw = data.bytes;
    status = fillOwned(data, elements, [&](auto out) { return unpackRaw(*type, elements, raw, out); });
  } else if (*type == DType::String) {
    data.strings.assign(tensor.string_data().begin(), tensor.string_data().end());
  } else if (!tensor.raw_data().empty()) {
    const auto raw = std::as_bytes(std::span(tensor.raw_data().data(), tensor.raw_data().size()));
    status = fillOwned(data, elements, [&](auto out) { return unpackRaw(*type, elements, raw, out); });
  } else {
    const TensorFields fields{{tensor.float_data().data(), static_cast<size_t>(tensor.float_data_size())},
                              {tensor.int32_data().data(), static_cast<size_t>(tensor.int32_data_size())},
                              {tensor.int64_data().data(), static_cast<size_t>(tensor.int64_data_size())},
                              {tensor.uint64_data().data(), static_cast<size_t>(tensor.uint64_data_size())},
                              {tensor.double_data().data(), static_cast<size_t>(tensor.double_data_size())}};
    status = fillOwned(data, elements, [&](auto out) { return unpackFields(*type, elements, fields, out); });
  }
  if (!status.isOk())
    return status;
  return data;
}

Result<std::unique_ptr<LoadedModel>> loadModel(const std::string &path, const Limits &limits) {
  try {
    return load(path, limits);
  } catch (const std::bad_alloc &) {
    return Status(Code::OverLimit, "model: out of memory");
  } catch (const std::exception &error) {
    return Status(Code::Malformed, "model: " + printable(error.what()));
  }
}

Status unsupportedNodes(std::span<const std::string> nodes) {
  assert(!nodes.empty() && "an error needs a node");
  std::string text =
      std::to_string(nodes.size()) + (nodes.size() == 1 ? " node is" : " nodes are") + " not supported: ";
  for (size_t i = 0; i < nodes.size(); ++i)
    text += (i ? "; " : "") + nodes[i];
  return {Code::Unsupported, text};
}

} // namespace heddle
