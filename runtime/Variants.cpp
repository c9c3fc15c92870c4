// Implements the choice and loading of variants.
#include "runtime/Variants.h"

#include "runtime/Inputs.h"

#include <algorithm>

namespace heddle {
namespace {

/// The first guard that does not hold, with the reason; empty if all hold.
std::string failedGuard(const Variant &variant, std::span<const View> inputs, const SymbolValues &symbols) {
  for (const Expr &guard : variant.guards) {
    SymbolValues values = symbols;
    addNamedReads(guard, inputs, values);
    Result<int64_t> holds = guard.evaluate(values);
    if (holds && *holds != 0)
      continue;
    std::set<std::string> names;
    guard.collectSymbols(names);
    std::string reason;
    for (const std::string &name : names)
      if (auto value = values.find(name); value != values.end())
        reason += (reason.empty() ? "" : ", ") + name + " = " + std::to_string(value->second);
    return guard.str() + " (" + (holds ? reason : holds.status().message()) + ")";
  }
  return {};
}

} // namespace

VariantSet::VariantSet(SessionParts sessionParts, size_t addedVariants)
    : parts(std::move(sessionParts)), addedVariants(addedVariants) {
  add(parts.program, false);
}

std::shared_ptr<const Program> VariantSet::program() const {
  std::lock_guard lock(mutex);
  return parts.program;
}

void VariantSet::add(const std::shared_ptr<const Program> &program, bool added) {
  for (const std::shared_ptr<const Variant> &variant : program->variants) {
    bool isKnown = std::any_of(entries.begin(), entries.end(), [&](const Entry &e) { return e.variant == variant; });
    int rank = variant->device == parts.device->kind() ? parts.device->rank(variant->target) : -1;
    if (isKnown || rank < 0)
      continue;
    auto position = std::upper_bound(entries.begin(), entries.end(), rank,
                                     [](int wanted, const Entry &entry) { return wanted > entry.rank; });
    entries.insert(position, {program, variant, rank, added, ++uses, nullptr});
  }
}

void VariantSet::evict() {
  while (size_t(std::count_if(entries.begin(), entries.end(), [](const Entry &e) { return e.added; })) >
         addedVariants) {
    auto oldest = std::min_element(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
      return a.added != b.added ? a.added : a.lastUse < b.lastUse;
    });
    entries.erase(oldest);
  }
}

Result<std::shared_ptr<LoadedVariant>> VariantSet::choose(std::span<const View> inputs, const SymbolValues &symbols) {
  std::string failedGuards;
  {
    std::lock_guard lock(mutex);
    if (Entry *entry = find(inputs, symbols, failedGuards))
      return use(*entry);
  }
  if (!parts.specializer)
    return Status(Code::Malformed, "no variant of the model holds for these inputs: guard " + failedGuards);
  return specialize(inputs, symbols);
}

Result<std::shared_ptr<LoadedVariant>> VariantSet::specialize(std::span<const View> inputs,
                                                              const SymbolValues &symbols) {
  // Runs that have a variant go on meanwhile; others wait, and may then find that theirs has been made.
  std::lock_guard compiling(specializing);
  std::string failedGuards;
  {
    std::lock_guard lock(mutex);
    if (Entry *entry = find(inputs, symbols, failedGuards))
      return use(*entry);
  }
  Result<std::shared_ptr<const Program>> extended = parts.specializer->specialize(inputs);
  if (!extended)
    return extended.status();
  std::lock_guard lock(mutex);
  parts.program = *extended;
  add(parts.program, true);
  failedGuards.clear();
  Entry *entry = find(inputs, symbols, failedGuards);
  if (!entry)
    return Status(Code::Malformed, "the inputs' sizes do not fit the model: guard " + failedGuards);
  Result<std::shared_ptr<LoadedVariant>> chosen = use(*entry);
  evict();
  return chosen;
}

VariantSet::Entry *VariantSet::find(std::span<const View> inputs, const SymbolValues &symbols,
                                    std::string &failedGuards) {
  for (Entry &entry : entries) {
    std::string failed = failedGuard(*entry.variant, inputs, symbols);
    if (failed.empty())
      return &entry;
    failedGuards += (failedGuards.empty() ? "" : "; ") + failed;
  }
  return nullptr;
}

Result<std::shared_ptr<LoadedVariant>> VariantSet::use(Entry &entry) {
  entry.lastUse = ++uses;
  if (entry.loaded)
    return entry.loaded;
  auto loaded = std::make_shared<LoadedVariant>(*parts.device);
  loaded->program = entry.program;
  loaded->variant = entry.variant;
  Result<std::unique_ptr<Executable>> executable = prepare(*entry.variant);
  if (!executable)
    return executable.status();
  loaded->executable = std::move(*executable);
  Result<std::unique_ptr<DeviceModule>> module = parts.device->load(*entry.program, *entry.variant);
  if (!module)
    return module.status();
  loaded->module = std::move(*module);
  HEDDLE_RETURN_IF_ERROR(loadWeights(*loaded));
  entry.loaded = loaded;
  return loaded;
}

Status VariantSet::loadWeights(LoadedVariant &loaded) {
  const Program &program = *loaded.program;
  loaded.weights.assign(program.weights.size(), nullptr);
  for (const Place &place : loaded.variant->plan.places) {
    size_t index = size_t(place.index);
    if (place.kind != PlaceKind::Weight || loaded.weights[index])
      continue;
    const Weight &weight = program.weights[index];
    Result<std::span<const std::byte>> bytes = parts.weights->bytes(weight, index);
    if (!bytes)
      return bytes.status();
    loaded.weights[index] = bytes->data();
    HEDDLE_RETURN_IF_ERROR(
        loaded.sharedWeights.add(bytes->data(), int64_t(bytes->size()), false, "weight '" + weight.name + "'"));
  }
  return Status::ok();
}

} // namespace heddle
