// The variants that a Session has loaded, and the choice among them.
#ifndef HEDDLE_RUNTIME_VARIANTS_H
#define HEDDLE_RUNTIME_VARIANTS_H

#include "runtime/Executor.h"
#include "runtime/Session.h"

namespace heddle {

/// Loads variants when they are first chosen. Safe from many threads.
class VariantSet {
public:
  VariantSet(SessionParts parts, size_t addedVariants);

  /// The first variant whose guards hold for these inputs, better targets first; asks the specializer for one if none
  /// does. Without a specializer Code::Malformed names each variant's failed guard.
  Result<std::shared_ptr<LoadedVariant>> choose(std::span<const View> inputs, const SymbolValues &symbols);

  /// True if the device can run at least one.
  bool isUsable() const { return !entries.empty(); }
  std::shared_ptr<const Program> program() const;

private:
  struct Entry {
    std::shared_ptr<const Program> program;
    std::shared_ptr<const Variant> variant;
    int rank = 0;
    bool added = false; ///< By the specializer.
    uint64_t lastUse = 0;
    std::shared_ptr<LoadedVariant> loaded;
  };

  void add(const std::shared_ptr<const Program> &program, bool added);
  void evict();
  Entry *find(std::span<const View> inputs, const SymbolValues &symbols, std::string &failedGuards);
  Result<std::shared_ptr<LoadedVariant>> use(Entry &entry);
  Result<std::shared_ptr<LoadedVariant>> specialize(std::span<const View> inputs, const SymbolValues &symbols);
  Status loadWeights(LoadedVariant &loaded);

  SessionParts parts;
  size_t addedVariants;
  std::mutex specializing; ///< Held while a variant is compiled; taken before `mutex`.
  mutable std::mutex mutex;
  uint64_t uses = 0;
  std::vector<Entry> entries;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_VARIANTS_H
