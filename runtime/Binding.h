// The sizes of a plan under given symbol values: evaluated expressions and packed offsets.
#ifndef HEDDLE_RUNTIME_BINDING_H
#define HEDDLE_RUNTIME_BINDING_H

#include "runtime/Arena.h"
#include "runtime/Executable.h"
#include <list>
#include <mutex>

namespace heddle {

/// Values of the expressions of an ExprTable. One that mentions a symbol without a value yet is unknown.
class ExprValues {
public:
  /// Evaluates every expression of `table`, which outlives this.
  void evaluateAll(const ExprTable &table, SymbolValues symbols);
  /// Gives `symbol` a value and evaluates again what mentions it.
  void set(const std::string &symbol, int64_t value);

  bool isKnown(ExprId id) const { return known[id]; }
  /// The value of an expression that is known (asserted).
  int64_t operator[](ExprId id) const {
    assert(known[id] && "the value of an expression that is not known");
    return values[id];
  }
  /// Why `id` is not known: names the symbol, the overflow or the zero divisor.
  Status whyUnknown(ExprId id) const;
  const SymbolValues &symbols() const { return symbolValues; }

private:
  void evaluate(ExprId id);

  const ExprTable *table = nullptr;
  SymbolValues symbolValues;
  std::vector<int64_t> values;
  std::vector<uint8_t> known;
};

/// Where the values of one epoch lie.
struct EpochLayout {
  std::vector<int64_t> offsets; ///< In the arena; as Executable::epochPlaces of the epoch.
  int64_t end = 0;              ///< One past the highest byte in use.
};

/// Packs the values of `epoch` around `pinned`: what earlier epochs have placed, and walls. Offsets are multiples of
/// arenaAlignment. Fails with Code::Malformed if a size is negative or not known, with Code::OverLimit if the sizes
/// overflow.
Result<EpochLayout> packEpoch(const Executable &executable, size_t epoch, const ExprValues &values,
                              std::vector<Interval> pinned, std::optional<int64_t> capacity);

/// What every run with the same symbol values shares.
struct Binding {
  ExprValues values;
  EpochLayout layout; ///< Of epoch 0.
};

/// The bindings used last, by symbol values. Safe from many threads.
class BindingCache {
public:
  explicit BindingCache(size_t capacity) : capacity(capacity) {}
  /// The binding for `symbols`, made if it is not there.
  Result<std::shared_ptr<const Binding>> get(const Executable &executable, const SymbolValues &symbols);

private:
  using Entry = std::pair<SymbolValues, std::shared_ptr<const Binding>>;

  size_t capacity;
  std::mutex mutex;
  std::list<Entry> entries; ///< Last used first.
  std::map<SymbolValues, std::list<Entry>::iterator> index;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_BINDING_H
