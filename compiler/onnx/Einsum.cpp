// The rule of Einsum: a batched matrix product where two operands share labels, else products that are summed.
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// The dimensions of an Einstein sum: one character each, digits for what `...` stands for.
struct EinsumTerms {
  std::vector<std::string> inputs;
  std::string output;
};

/// Replaces `...` by `count` characters that no label uses, aligned at the last one.
std::string withoutEllipsis(std::string term, int64_t count, int64_t largest) {
  size_t dots = term.find("...");
  if (dots == std::string::npos)
    return term;
  std::string names;
  for (int64_t i = largest - count; i < largest; ++i)
    names += static_cast<char>('0' + i);
  return term.replace(dots, 3, names);
}

/// Every label of the output stands there once, and in a term.
void checkOutput(const EinsumTerms &terms) {
  for (auto [position, label] : llvm::enumerate(terms.output)) {
    auto hasLabel = [label = label](const std::string &term) { return term.find(label) != std::string::npos; };
    if (terms.output.find(label) != position || !llvm::any_of(terms.inputs, hasLabel))
      malformed("equation gives '" + printable(terms.output) + "', expected labels of its terms, each once");
  }
}

EinsumTerms readEquation(Node &node) {
  std::string equation = node.stringAttr("equation", "");
  llvm::erase(equation, ' ');
  if (StringRef(equation).find_if_not([](char c) { return llvm::isAlpha(c) || StringRef(",.->").contains(c); }) !=
      StringRef::npos)
    malformed("equation '" + printable(equation) + "' has labels that are no letters");
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (static_cast<int>(terms.size()) != node.inputCount())
    malformed("equation has " + Twine(terms.size()) + " terms, the node has " + Twine(node.inputCount()) + " inputs");
  EinsumTerms result;
  int64_t largest = 0;
  for (auto [position, term] : llvm::enumerate(terms))
    if (term.contains("..."))
      largest = std::max<int64_t>(largest, node.rank(position) - static_cast<int64_t>(term.size()) + 3);
  if (largest > 10)
    unsupported("an ellipsis stands for " + Twine(largest) + " dimensions");
  for (auto [position, term] : llvm::enumerate(terms)) {
    int64_t count = node.rank(position) - static_cast<int64_t>(term.size()) + 3;
    result.inputs.push_back(withoutEllipsis(term.str(), std::clamp<int64_t>(count, 0, 10), largest));
    if (static_cast<int64_t>(result.inputs.back().size()) != node.rank(position))
      malformed("term '" + term + "' does not have the rank of input " + Twine(position) + ", " +
                Twine(node.rank(position)));
  }
  result.output = withoutEllipsis(right.str(), largest, largest);
  if (!StringRef(equation).contains("->")) {
    std::map<char, int> uses;
    for (const std::string &input : result.inputs)
      for (char label : input)
        ++uses[label];
    for (auto [label, count] : uses)
      if (count == 1 || isdigit(label))
        result.output += label;
  }
  checkOutput(result);
  return result;
}

/// A tensor whose dimensions have labels, each once.
struct Labelled {
  Value x;
  std::string labels;

  bool has(char label) const { return labels.find(label) != std::string::npos; }
  Expr sizeOf(char label) const { return shapeOfValue(x)[labels.find(label)]; }
};

/// Takes the diagonal of the first two dimensions that have the same label, which becomes the last one.
bool takeDiagonal(Node &node, Labelled &operand) {
  for (size_t first = 0; first < operand.labels.size(); ++first) {
    size_t second = operand.labels.find(operand.labels[first], first + 1);
    if (second == std::string::npos)
      continue;
    std::vector<int64_t> perm;
    Shape shape = shapeOfValue(operand.x), flat;
    std::string labels;
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (dim != first && dim != second) {
        perm.push_back(static_cast<int64_t>(dim));
        flat.push_back(shape[dim]);
        labels += operand.labels[dim];
      }
    perm.insert(perm.end(), {static_cast<int64_t>(first), static_cast<int64_t>(second)});
    Expr size = shape[first];
    require(node, equal(size, shape[second]),
            "a label has the sizes " + size.str() + " and " + shape[second].str() + " in one term");
    flat.push_back(size * size);
    Shape starts(flat.size(), Expr(0)), steps(flat.size(), Expr(1)), sizes = flat;
    steps.back() = size + 1;
    sizes.back() = size;
    operand = {node.slice(node.reshape(node.transpose(operand.x, perm), flat), starts, steps, sizes),
               labels + operand.labels[first]};
    return true;
  }
  return false;
}

/// The dimensions in the order of `labels`; those that the operand does not have are size 1.
Value aligned(Node &node, const Labelled &operand, StringRef labels) {
  std::vector<int64_t> perm;
  Shape shape;
  for (char label : labels) {
    shape.push_back(operand.has(label) ? operand.sizeOf(label) : Expr(1));
    if (operand.has(label))
      perm.push_back(static_cast<int64_t>(operand.labels.find(label)));
  }
  return node.reshape(node.transpose(operand.x, perm), shape);
}

/// Sums over the labels that `isKept` refuses.
Labelled summed(Node &node, const Labelled &operand, function_ref<bool(char)> isKept) {
  SmallVector<int64_t> axes;
  std::string labels;
  for (auto [dim, label] : llvm::enumerate(operand.labels)) {
    if (isKept(label))
      labels += label;
    else
      axes.push_back(static_cast<int64_t>(dim));
  }
  return {node.reduce(ReductionKind::Add, operand.x, axes, /*keep=*/false), labels};
}

/// The labels of two operands by what a matrix product does with them.
struct ProductLabels {
  std::string batch, rows, columns, inner;
};

ProductLabels sortLabels(const Labelled &a, const Labelled &b, StringRef output) {
  ProductLabels result;
  for (char label : a.labels)
    (!b.has(label) ? result.rows : output.contains(label) ? result.batch : result.inner) += label;
  for (char label : b.labels)
    if (!a.has(label))
      result.columns += label;
  return result;
}

Expr countOf(const Labelled &operand, StringRef labels) {
  Expr count = 1;
  for (char label : labels)
    count = count * operand.sizeOf(label);
  return count;
}

/// The labels of both operands that the output does not have are summed by a product of matrices. Null without any.
Value asMatrixProduct(Node &node, Labelled a, Labelled b, StringRef output) {
  a = summed(node, a, [&](char label) { return output.contains(label) || b.has(label); });
  b = summed(node, b, [&](char label) { return output.contains(label) || a.has(label); });
  ProductLabels labels = sortLabels(a, b, output);
  auto broadcasts = [&](char label) { return a.sizeOf(label).isLiteral(1) != b.sizeOf(label).isLiteral(1); };
  if (labels.inner.empty() || llvm::any_of(labels.inner, broadcasts))
    return {};
  for (char label : labels.inner)
    require(node, equal(a.sizeOf(label), b.sizeOf(label)),
            "a label has the sizes " + a.sizeOf(label).str() + " and " + b.sizeOf(label).str());
  auto matrix = [&](const Labelled &operand, StringRef rows, StringRef columns) {
    Shape shape;
    for (char label : labels.batch)
      shape.push_back(operand.sizeOf(label));
    shape.insert(shape.end(), {countOf(operand, rows), countOf(operand, columns)});
    return node.reshape(aligned(node, operand, labels.batch + rows.str() + columns.str()), shape);
  };
  Value y = node.emit<MatmulOp>({matrix(a, labels.rows, labels.inner), matrix(b, labels.inner, labels.columns)});
  Shape shape = shapeOfValue(y);
  shape.resize(labels.batch.size());
  for (char label : labels.rows)
    shape.push_back(a.sizeOf(label));
  for (char label : labels.columns)
    shape.push_back(b.sizeOf(label));
  return aligned(node, {node.reshape(y, shape), labels.batch + labels.rows + labels.columns}, output);
}

/// The product of all operands over all labels, summed over those that the output does not have.
void importEinsum(Node &node) {
  EinsumTerms terms = readEquation(node);
  SmallVector<Labelled> operands;
  std::string labels = terms.output;
  for (auto [position, term] : llvm::enumerate(terms.inputs)) {
    Labelled &operand = operands.emplace_back(Labelled{node.value(static_cast<int>(position)), term});
    while (takeDiagonal(node, operand))
      ;
    for (char label : operand.labels)
      if (labels.find(label) == std::string::npos)
        labels += label;
  }
  if (operands.size() == 2)
    if (Value y = asMatrixProduct(node, operands[0], operands[1], terms.output))
      return node.set(0, y);
  Value product;
  for (const Labelled &operand : operands) {
    Value factor = aligned(node, operand, labels);
    product = product ? node.mul(product, factor) : factor;
  }
  auto summedAxes = llvm::to_vector(llvm::seq<int64_t>(terms.output.size(), labels.size()));
  node.set(0, node.reduce(ReductionKind::Add, product, summedAxes, /*keep=*/false));
}

constexpr RuleEntry rules[] = {{"Einsum", importEinsum}};

} // namespace

std::span<const RuleEntry> onnximport::einsumRules() { return rules; }
