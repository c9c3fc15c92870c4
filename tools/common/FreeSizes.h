// Sizes for dimensions that a model leaves open and that a run does not give.
#ifndef HEDDLE_TOOLS_COMMON_FREESIZES_H
#define HEDDLE_TOOLS_COMMON_FREESIZES_H

#include "runtime/format/Expr.h"
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace heddle {

/// Choices of sizes for the free symbols of tensors that are to be drawn, the most usual first: 1 for a symbol that is
/// first met as dimension 0, 64 for others. Later choices are for models that refuse it: larger sizes, 1, and single
/// symbols that differ from the others. Deterministic.
///
/// Every choice is then made to agree with what is known of sizes, one symbol at a time: with names that say it
/// (`past_plus_seq`, `total_length` beside `length` and `past_length`), and with guards, as far as one symbol can.
class FreeSizes {
public:
  /// \param shapes of the tensors to draw, in order.
  /// \param given sizes that are fixed; the symbols of `shapes` that it lacks are the free ones.
  /// \param guards predicates over sizes; one that mentions anything else is left out of account.
  FreeSizes(std::span<const Shape> shapes, SymbolValues given, std::span<const Expr> guards);

  /// The free symbols, in order of appearance.
  const std::vector<std::string> &names() const { return symbols; }
  /// The next choice, with the given sizes; nullopt if there is none. There is always a first one, and up to 23 others:
  /// those that differ from the ones before and agree with everything.
  std::optional<SymbolValues> next();

private:
  void addNamedRelations();
  SymbolValues choice(size_t index) const;
  bool makeAgree(SymbolValues &sizes) const;
  bool changeOne(SymbolValues &sizes, size_t relation) const;

  SymbolValues given;
  std::vector<std::string> symbols;
  std::vector<bool> isLeading; ///< Per symbol: dimension 0 where it is met first.
  std::vector<Expr> relations; ///< Predicates, those of names first.
  size_t nextIndex = 0;
  std::vector<SymbolValues> tried;
};

/// Tells on stderr which size a free symbol got.
void noteFreeSize(const std::string &name, int64_t size);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_FREESIZES_H
