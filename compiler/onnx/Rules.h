// The table of import rules, one per ONNX op, grouped by family.
#ifndef HEDDLE_COMPILER_ONNX_RULES_H
#define HEDDLE_COMPILER_ONNX_RULES_H

#include "compiler/onnx/Node.h"
#include <span>
#include <string_view>

namespace heddle::onnximport {

/// A rule reads every opset version of its op, from `Node::version()`.
struct RuleEntry {
  std::string_view op;
  Rule rule;
};

std::span<const RuleEntry> unaryRules();
std::span<const RuleEntry> elementwiseRules();
std::span<const RuleEntry> shapeRules();
std::span<const RuleEntry> movementRules();
std::span<const RuleEntry> indexingRules();
std::span<const RuleEntry> generatorRules();
std::span<const RuleEntry> reductionRules();
std::span<const RuleEntry> contractionRules();
std::span<const RuleEntry> patchRules();
std::span<const RuleEntry> einsumRules();
std::span<const RuleEntry> poolingRules();
std::span<const RuleEntry> normalizationRules();
std::span<const RuleEntry> recurrentRules();
std::span<const RuleEntry> controlRules();
std::span<const RuleEntry> scanRules();
std::span<const RuleEntry> quantizationRules();
std::span<const RuleEntry> convTransposeRules();
std::span<const RuleEntry> resizeRules();
std::span<const RuleEntry> hostCallRules();
std::span<const RuleEntry> gridSampleRules();
std::span<const RuleEntry> sequenceRules();
std::span<const RuleEntry> transformRules();

/// The rule of an op of ONNX's own domain; nullptr if there is none.
Rule findRule(std::string_view op);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_RULES_H
