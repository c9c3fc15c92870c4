// Implements the names that messages give to nodes.
#include "compiler/onnx/NodePath.h"

namespace heddle {

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr size_t longest = 120;
  std::string shown;
  for (char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      shown += c;
    else
      shown += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
  return text.size() > longest ? shown + "..." : shown;
}

std::string nodeLabel(std::string_view name, std::string_view opType, size_t index) {
  if (!name.empty())
    return printable(name);
  return (opType.empty() ? "node" : printable(opType)) + "_" + std::to_string(index);
}

std::string subgraphLabel(std::string_view nodeLabel, std::string_view attribute) {
  constexpr std::string_view suffix = "_branch";
  if (attribute.ends_with(suffix))
    attribute.remove_suffix(suffix.size());
  return std::string(nodeLabel) + "_" + printable(attribute);
}

std::string Place::path() const {
  if (function)
    return "function " + printable(function->name());
  if (!outer)
    return "graph";
  return attribute ? subgraphLabel(outer->path(), attribute->name()) : outer->path() + "/" + printable(node->name());
}

} // namespace heddle
