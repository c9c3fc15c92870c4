// Looks rules up by op name.
#include "compiler/onnx/Rules.h"
#include <map>

using namespace heddle;
using namespace heddle::onnximport;

static const std::map<std::string_view, Rule> &ruleTable() {
  static const std::map<std::string_view, Rule> table = [] {
    std::map<std::string_view, Rule> rules;
    for (std::span<const RuleEntry> family :
         {unaryRules(),     elementwiseRules(), shapeRules(),       movementRules(),     indexingRules(),
          generatorRules(), reductionRules(),   contractionRules(), poolingRules(),      normalizationRules(),
          recurrentRules(), controlRules(),     scanRules(),        quantizationRules(), convTransposeRules(),
          resizeRules(),    hostCallRules(),    gridSampleRules(),  sequenceRules(),     transformRules(),
          patchRules(),     einsumRules()})
      for (const RuleEntry &entry : family) {
        [[maybe_unused]] bool isNew = rules.try_emplace(entry.op, entry.rule).second;
        assert(isNew && "an op has one rule");
      }
    return rules;
  }();
  return table;
}

Rule onnximport::findRule(std::string_view op) {
  auto found = ruleTable().find(op);
  return found == ruleTable().end() ? nullptr : found->second;
}
