// Places the nodes of a scalar graph into nested blocks of C++ text.
#ifndef HEDDLE_CODEGEN_CUDA_KERNELTEXT_H
#define HEDDLE_CODEGEN_CUDA_KERNELTEXT_H

#include "codegen/cuda/CText.h"
#include "codegen/cuda/NameTable.h"
#include "codegen/cuda/ScalarGraph.h"
#include "ir/Scalars.h"
#include <set>

namespace heddle::cuda {

/// A line of text with the ONNX nodes that it computes.
struct TextLine {
  int indent = 0;
  std::string text;
  std::vector<std::string> origins;
};

/// How the kernel at hand spells what comes from outside: set up once, before anything is printed.
struct TextNames {
  std::vector<std::string> arguments;
  std::vector<mlir::Type> elements; ///< Element types of the arguments in memory.
  std::map<std::string, std::string, std::less<>> symbols;
  std::set<std::string, std::less<>> dimensions; ///< Those symbols that are the size of a dimension: never negative.
  /// `int`, or `long long` where an index may pass 2^31.
  std::string indexType = "int";
};

/// Text of a kernel's body, written from top to bottom in nested blocks.
///
/// A value is asked for by its node where it is needed. It becomes a named local if it is used more than once, ends an
/// ONNX node, or can be computed in an outer block; else it is part of the expression that uses it. A local goes into
/// the outermost open block that knows all its loop variables, but never out of a block that runs on a condition.
class KernelText {
public:
  KernelText(const ScalarGraph &graph, NameTable &names, TextNames spelling)
      : graph(graph), names(names), spelling(std::move(spelling)) {
    blocks.emplace_back();
  }

  // ---- sizes and indices ----

  /// Prints this size by a name from now on, such as COLS for 768.
  void nameSize(const Expr &size, std::string name) { sizeNames.push_back({size, std::move(name)}); }
  void forgetSizeNames(size_t count) { sizeNames.resize(sizeNames.size() - count); }
  /// Whether text printed so far mentions this size name.
  bool mentions(llvm::StringRef sizeName) const { return mentioned.count(sizeName.str()) != 0; }
  void mention(llvm::StringRef sizeName) { mentioned.insert(sizeName.str()); }
  CText size(const Expr &size);
  CText index(const Index &index);

  /// Says that `variable` counts the elements of this shape, so that coordinates taken from it get good names: these,
  /// one per dimension, or else names made from the dimensions' numbers.
  void nameCoordinates(int variable, Shape shape, std::vector<std::string> dimNames = {}) {
    coordinates[variable] = {std::move(shape), std::move(dimNames)};
  }

  // ---- blocks ----

  /// Opens `header {`. `isConditional`: nothing moves out of it.
  void open(std::string header, bool isConditional = false);
  void close(std::string footer = "}");
  /// Binds a loop variable to a name in the current block.
  void bind(int variable, std::string name) { blocks.back().variables[variable] = std::move(name); }
  /// The same, and `definition` becomes the block's first line if the variable is used in it.
  void bindDefined(int variable, std::string name, std::string definition) {
    bind(variable, std::move(name));
    blocks.back().definitions[variable] = std::move(definition);
  }
  void line(std::string text);
  /// A line with the origins of the values that `build` prints into it.
  void lineOf(llvm::function_ref<std::string()> build);
  /// A line that computes a graph op.
  void lineFrom(mlir::Operation *op, std::string text);
  /// Prints a node as this text while the current block is open.
  void define(NodeId node, CText text) { blocks.back().nodes[node] = std::move(text); }
  std::string uniqueName(llvm::StringRef wanted) { return names.unique(wanted); }

  // ---- values ----

  /// Says which values are needed next, so that values used more than once get a name.
  void expect(llvm::ArrayRef<NodeId> roots);
  /// The node as an expression at the current place.
  CText value(NodeId id);
  /// The node as it is stored in memory with this element type.
  CText stored(NodeId id, mlir::Type element);
  /// Lines that combine `body` into the accumulator `name` of a reduction.
  void accumulate(const Node &reduction, llvm::StringRef name);
  /// Declares a reduction's accumulator, such as `float sum = 0.0f;`, and returns its name.
  std::string declareAccumulator(const Node &reduction);
  /// Combines an accumulator over the block, whose threads all have the result then; it is the value of node `id`.
  void combineBlock(NodeId id, llvm::StringRef name);
  /// Whether `combineValues` can stand for an accumulator: not for a search, whose values come with a place.
  bool combinesInOneStep(NodeId id) const;
  /// Declares the reduction of one value per thread.
  void combineValues(NodeId id);
  /// Declares a variable for values of a node, such as an array of `extents` "[8]", and returns its name.
  std::string declareKept(NodeId id, llvm::StringRef extents);
  /// `place = value;`, and uses of the node read `place` while the current block is open.
  void assign(NodeId id, std::string place);

  /// Gives the node a name while the current block is open.
  void keep(NodeId id);

  // ---- results ----

  const std::vector<TextLine> &lines() const {
    assert(blocks.size() == 1 && "a block is still open");
    return blocks.front().lines;
  }
  /// Definitions for the anonymous namespace.
  const std::vector<std::string> &tables() const { return tableLines; }
  bool usesReductions() const { return needsWarp; }
  /// Whether sums of many sizes have names: each of the sizes is held in a register.
  bool namesEnds() const { return hasEnds; }
  const llvm::SmallVector<std::string> &errors() const { return failures; }

private:
  using AtomKey = std::tuple<Index::AtomKind, Index, Expr>;
  struct Block {
    std::string header;
    bool isConditional = false;
    std::map<int, std::string> variables;
    std::map<int, std::string> definitions; ///< Of variables that nothing has used yet.
    std::map<NodeId, CText> nodes;
    std::map<AtomKey, CText> atoms;
    std::map<Expr, CText> ends;
    std::vector<TextLine> lines;
  };

  size_t levelOf(const std::set<int> &variables) const;
  std::set<int> variablesOf(const Index::Atom &atom) const;
  CText at(size_t level, llvm::function_ref<CText()> build);
  const CText *find(NodeId id) const;

  CText atom(const Index::Atom &atom);
  std::string coordinateName(const Index::Atom &atom) const;
  CText condition(const PullCondition &condition);
  void nameEnd(const Expr &end);
  const CText *findEnd(const Expr &end) const;
  std::optional<CText> endText(const Expr &expr) const;
  void countAtoms(const Index &index);

  bool isNamed(NodeId id, size_t level) const;
  std::string hint(const Node &node) const;
  std::string typeOf(NodeId id) const;
  CText expression(NodeId id);
  CText opText(const Node &node);
  CText loadText(const Node &node);
  std::string tableName(mlir::DenseElementsAttr elements);
  CText declare(NodeId id, const CText &text);
  CText declareReduce(NodeId id);
  CText guard(NodeId id, size_t level);
  CText guardBlocks(NodeId id, const std::string &test, std::vector<Block> &branches, llvm::ArrayRef<CText> values);

  const ScalarGraph &graph;
  NameTable &names;
  TextNames spelling;
  std::vector<std::pair<Expr, std::string>> sizeNames;
  std::set<std::string> mentioned;
  /// Sums of so many terms and more get a name where a condition compares with them.
  static constexpr size_t minEndTerms = 4;
  struct Coordinates {
    Shape shape;
    std::vector<std::string> names;
  };
  std::map<int, Coordinates> coordinates;
  std::vector<Block> blocks;
  std::map<NodeId, int> uses;
  std::map<AtomKey, int> atomUses;
  std::set<NodeId> indexNodes;
  mlir::Operation *consumer = nullptr;
  std::vector<std::string> *collected = nullptr;
  std::vector<std::pair<mlir::DenseElementsAttr, std::string>> tableNames;
  std::vector<std::string> tableLines;
  bool needsWarp = false;
  bool hasEnds = false;
  llvm::SmallVector<std::string> failures;
};

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_KERNELTEXT_H
