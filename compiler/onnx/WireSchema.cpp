// The tables behind WireSchema.h.
#include "compiler/onnx/WireSchema.h"

namespace heddle::wire {
namespace {

constexpr bool one = false, many = true;
using enum Kind;

constexpr Field model[] = {
    {1, one, Int, "ir_version"},
    {2, one, Text, "producer_name"},
    {3, one, Text, "producer_version"},
    {4, one, Text, "domain"},
    {5, one, Int, "model_version"},
    {6, one, Docs, "doc_string"},
    {7, one, Sub, "graph", Message::Graph},
    {8, many, Sub, "opset_import", Message::OperatorSet},
    {14, many, Sub, "metadata_props", Message::StringPair},
    {20, many, Sub, "training_info", Message::Training},
    {25, many, Sub, "functions", Message::Function},
    {26, many, Sub, "configuration", Message::DeviceConfiguration},
};

constexpr Field graph[] = {
    {1, many, Sub, "node", Message::Node},
    {2, one, Text, "name"},
    {5, many, Sub, "initializer", Message::Tensor},
    {10, one, Docs, "doc_string"},
    {11, many, Sub, "input", Message::ValueInfo},
    {12, many, Sub, "output", Message::ValueInfo},
    {13, many, Sub, "value_info", Message::ValueInfo},
    {14, many, Sub, "quantization_annotation", Message::Annotation},
    {15, many, Sub, "sparse_initializer", Message::SparseTensor},
    {16, many, Sub, "metadata_props", Message::StringPair},
};

constexpr Field node[] = {
    {1, many, Text, "input"},
    {2, many, Text, "output"},
    {3, one, Text, "name"},
    {4, one, Text, "op_type"},
    {5, many, Sub, "attribute", Message::Attribute},
    {6, one, Docs, "doc_string"},
    {7, one, Text, "domain"},
    {8, one, Text, "overload"},
    {9, many, Sub, "metadata_props", Message::StringPair},
    {10, many, Sub, "device_configurations", Message::NodeDevice},
};

constexpr Field attribute[] = {
    {1, one, Text, "name"},
    {2, one, Fixed32, "f"},
    {3, one, Int, "i"},
    {4, one, Bytes, "s"},
    {5, one, Sub, "t", Message::Tensor},
    {6, one, Sub, "g", Message::Graph},
    {7, many, Fixed32, "floats"},
    {8, many, Int, "ints"},
    {9, many, Bytes, "strings"},
    {10, many, Sub, "tensors", Message::Tensor},
    {11, many, Sub, "graphs", Message::Graph},
    {13, one, Docs, "doc_string"},
    {14, one, Sub, "tp", Message::Type},
    {15, many, Sub, "type_protos", Message::Type},
    {20, one, Int, "type"},
    {21, one, Text, "ref_attr_name"},
    {22, one, Sub, "sparse_tensor", Message::SparseTensor},
    {23, many, Sub, "sparse_tensors", Message::SparseTensor},
};

constexpr Field tensor[] = {
    {1, many, Int, "dims"},
    {2, one, Int, "data_type"},
    {3, one, Sub, "segment", Message::Segment},
    {4, many, Fixed32, "float_data"},
    {5, many, Int, "int32_data"},
    {6, many, Bytes, "string_data"},
    {7, many, Int, "int64_data"},
    {8, one, Text, "name"},
    {9, one, Bytes, "raw_data"},
    {10, many, Fixed64, "double_data"},
    {11, many, Int, "uint64_data"},
    {12, one, Docs, "doc_string"},
    {13, many, Sub, "external_data", Message::ExternalEntry},
    {14, one, Int, "data_location"},
    {16, many, Sub, "metadata_props", Message::StringPair},
};

constexpr Field segment[] = {{1, one, Int, "begin"}, {2, one, Int, "end"}};

constexpr Field sparseTensor[] = {
    {1, one, Sub, "values", Message::Tensor},
    {2, one, Sub, "indices", Message::Tensor},
    {3, many, Int, "dims"},
};

constexpr Field function[] = {
    {1, one, Text, "name"},
    {4, many, Text, "input"},
    {5, many, Text, "output"},
    {6, many, Text, "attribute"},
    {7, many, Sub, "node", Message::Node},
    {8, one, Docs, "doc_string"},
    {9, many, Sub, "opset_import", Message::OperatorSet},
    {10, one, Text, "domain"},
    {11, many, Sub, "attribute_proto", Message::Attribute},
    {12, many, Sub, "value_info", Message::ValueInfo},
    {13, one, Text, "overload"},
    {14, many, Sub, "metadata_props", Message::StringPair},
};

constexpr Field training[] = {
    {1, one, Sub, "initialization", Message::Graph},
    {2, one, Sub, "algorithm", Message::Graph},
    {3, many, Sub, "initialization_binding", Message::StringPair},
    {4, many, Sub, "update_binding", Message::StringPair},
};

constexpr Field valueInfo[] = {
    {1, one, Text, "name"},
    {2, one, Sub, "type", Message::Type},
    {3, one, Docs, "doc_string"},
    {4, many, Sub, "metadata_props", Message::StringPair},
};

constexpr Field type[] = {
    {1, one, Sub, "tensor_type", Message::TypeTensor},    {4, one, Sub, "sequence_type", Message::TypeElement},
    {5, one, Sub, "map_type", Message::TypeMap},          {6, one, Text, "denotation"},
    {7, one, Sub, "opaque_type", Message::TypeOpaque},    {8, one, Sub, "sparse_tensor_type", Message::TypeTensor},
    {9, one, Sub, "optional_type", Message::TypeElement},
};

constexpr Field typeTensor[] = {{1, one, Int, "elem_type"}, {2, one, Sub, "shape", Message::Shape}};
constexpr Field typeElement[] = {{1, one, Sub, "elem_type", Message::Type}};
constexpr Field typeMap[] = {{1, one, Int, "key_type"}, {2, one, Sub, "value_type", Message::Type}};
constexpr Field typeOpaque[] = {{1, one, Text, "domain"}, {2, one, Text, "name"}};
constexpr Field shape[] = {{1, many, Sub, "dim", Message::Dimension}};
constexpr Field dimension[] = {{1, one, Int, "dim_value"}, {2, one, Text, "dim_param"}, {3, one, Text, "denotation"}};
constexpr Field operatorSet[] = {{1, one, Text, "domain"}, {2, one, Int, "version"}};
constexpr Field stringPair[] = {{1, one, Text, "key"}, {2, one, Text, "value"}};

constexpr Field annotation[] = {
    {1, one, Text, "tensor_name"},
    {2, many, Sub, "quant_parameter_tensor_names", Message::StringPair},
};

constexpr Field deviceConfiguration[] = {
    {1, one, Text, "name"}, {2, one, Int, "num_devices"}, {3, many, Text, "device"}};

constexpr Field nodeDevice[] = {
    {1, one, Text, "configuration_id"},
    {2, many, Sub, "sharding_spec", Message::Sharding},
    {3, one, Int, "pipeline_stage"},
};

constexpr Field sharding[] = {
    {1, one, Text, "tensor_name"},
    {2, many, Int, "device"},
    {3, many, Sub, "index_to_device_group_map", Message::IntIntList},
    {4, many, Sub, "sharded_dim", Message::ShardedDim},
};

constexpr Field shardedDim[] = {{1, one, Int, "axis"}, {2, many, Sub, "simple_sharding", Message::SimpleShardedDim}};
constexpr Field simpleShardedDim[] = {
    {1, one, Int, "dim_value"}, {2, one, Text, "dim_param"}, {3, one, Int, "num_shards"}};
constexpr Field intIntList[] = {{1, one, Int, "key"}, {2, many, Int, "value"}};

} // namespace

std::span<const Field> fieldsOf(Message message) {
  switch (message) {
  case Message::None:
    return {};
  case Message::Model:
    return model;
  case Message::Graph:
    return graph;
  case Message::Node:
    return node;
  case Message::Attribute:
    return attribute;
  case Message::Tensor:
    return tensor;
  case Message::Segment:
    return segment;
  case Message::SparseTensor:
    return sparseTensor;
  case Message::Function:
    return function;
  case Message::Training:
    return training;
  case Message::ValueInfo:
    return valueInfo;
  case Message::Type:
    return type;
  case Message::TypeTensor:
    return typeTensor;
  case Message::TypeElement:
    return typeElement;
  case Message::TypeMap:
    return typeMap;
  case Message::TypeOpaque:
    return typeOpaque;
  case Message::Shape:
    return shape;
  case Message::Dimension:
    return dimension;
  case Message::OperatorSet:
    return operatorSet;
  case Message::StringPair:
  case Message::ExternalEntry:
    return stringPair;
  case Message::Annotation:
    return annotation;
  case Message::DeviceConfiguration:
    return deviceConfiguration;
  case Message::NodeDevice:
    return nodeDevice;
  case Message::Sharding:
    return sharding;
  case Message::ShardedDim:
    return shardedDim;
  case Message::SimpleShardedDim:
    return simpleShardedDim;
  case Message::IntIntList:
    return intIntList;
  }
  return {};
}

const Field *findField(Message message, uint32_t number) {
  for (const Field &field : fieldsOf(message))
    if (field.number == number)
      return &field;
  return nullptr;
}

} // namespace heddle::wire
