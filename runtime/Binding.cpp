// Implements evaluation and packing for given symbol values, and the cache of both.
#include "runtime/Binding.h"

#include <algorithm>

namespace heddle {
void ExprValues::evaluateAll(const ExprTable &exprs, SymbolValues symbols) {
  table = &exprs;
  symbolValues = std::move(symbols);
  values.assign(exprs.size(), 0);
  known.assign(exprs.size(), 0);
  for (ExprId id = 0; id < exprs.size(); ++id)
    evaluate(id);
}

void ExprValues::set(const std::string &symbol, int64_t value) {
  symbolValues[symbol] = value;
  for (ExprId id : table->dependents(symbol))
    evaluate(id);
}

void ExprValues::evaluate(ExprId id) {
  const Expr &expr = (*table)[id];
  Result<int64_t> value = expr.literal() ? Result<int64_t>(*expr.literal()) : expr.evaluate(symbolValues);
  known[id] = value.isOk();
  values[id] = value.isOk() ? *value : 0;
}

Status ExprValues::whyUnknown(ExprId id) const {
  Result<int64_t> value = (*table)[id].evaluate(symbolValues);
  assert(!value.isOk() && "asked why a known expression is unknown");
  return Status(Code::Malformed, "size " + (*table)[id].str() + ": " + value.status().message());
}

Result<EpochLayout> packEpoch(const Executable &executable, size_t epoch, const ExprValues &values,
                              std::vector<Interval> pinned, std::optional<int64_t> capacity) {
  EpochLayout layout;
  if (epoch >= executable.epochPlaces.size())
    return layout;
  const size_t fixed = pinned.size();
  std::vector<Interval> intervals = std::move(pinned);
  for (size_t index : executable.epochPlaces[epoch]) {
    ExprId id = executable.placeBytes[index];
    if (!values.isKnown(id))
      return values.whyUnknown(id);
    if (values[id] < 0)
      return Status(Code::Malformed, "a tensor's size is negative: " + executable.exprs[id].str() + " = " +
                                         std::to_string(values[id]) + " bytes");
    const Place &place = executable.variant->plan.places[index];
    intervals.push_back({place.first, std::max(place.last, place.first + 1), values[id], std::nullopt});
  }
  PackOptions options;
  options.alignment = arenaAlignment;
  options.capacity = capacity;
  Result<Packing> packing = packIntervals(intervals, options);
  if (!packing)
    return packing.status();
  layout.offsets.assign(packing->offsets.begin() + std::ptrdiff_t(fixed), packing->offsets.end());
  for (size_t i = 0; i < layout.offsets.size(); ++i)
    layout.end = std::max(layout.end, layout.offsets[i] + intervals[fixed + i].size);
  return layout;
}

Result<std::shared_ptr<const Binding>> BindingCache::get(const Executable &executable, const SymbolValues &symbols) {
  {
    std::lock_guard lock(mutex);
    if (auto position = index.find(symbols); position != index.end()) {
      entries.splice(entries.begin(), entries, position->second);
      return position->second->second;
    }
  }
  auto binding = std::make_shared<Binding>();
  binding->values.evaluateAll(executable.exprs, symbols);
  Result<EpochLayout> layout = packEpoch(executable, 0, binding->values, {}, std::nullopt);
  if (!layout)
    return layout.status();
  binding->layout = std::move(*layout);
  std::lock_guard lock(mutex);
  if (auto position = index.find(symbols); position != index.end())
    return position->second->second;
  entries.emplace_front(symbols, binding);
  index[symbols] = entries.begin();
  if (entries.size() > capacity) {
    index.erase(entries.back().first);
    entries.pop_back();
  }
  return std::shared_ptr<const Binding>(binding);
}

} // namespace heddle
