// Rules of ops that run as host functions: selections, sorts, scatters, and whatever else has a size that depends on
// data.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// A heddle.host_call in the making.
class Call {
public:
  Call(Node &node, StringRef function, int64_t version = 1) : node(node), function(function), version(version) {}

  void operand(Value x) { operands.push_back(x); }
  void attribute(StringRef name, Attribute value) { attributes.push_back(node.named(name, value)); }
  /// A size that only the call knows.
  Expr unknownSize(StringRef what) {
    std::string symbol = node.importer().freshSymbol(node.path() + "." + what.str());
    defines.push_back(node.builder().getStringAttr(symbol));
    return Expr::symbol(symbol);
  }
  void result(const Shape &shape, Type element) { types.push_back(tensorType(shape, element)); }

  /// The results become those of the node, as far as it has them.
  void emit() {
    for (auto [position, value] : llvm::enumerate(create()->getResults()))
      node.set(static_cast<int>(position), value);
  }
  Operation *create() {
    OperationState state(node.loc(), HostCallOp::getOperationName(), operands, types);
    OpBuilder &builder = node.builder();
    state.addAttribute("function", builder.getStringAttr(function));
    state.addAttribute("version", node.integer(version));
    state.addAttribute("attrs", builder.getDictionaryAttr(attributes));
    state.addAttribute("defines", builder.getArrayAttr(defines));
    return node.create(state);
  }

private:
  Node &node;
  StringRef function;
  int64_t version;
  SmallVector<Value> operands;
  SmallVector<NamedAttribute> attributes;
  SmallVector<Attribute> defines;
  SmallVector<Type> types;
};

Type i64Of(Node &node) { return node.builder().getI64Type(); }

void importNonZero(Node &node) {
  Call call(node, "nonzero");
  call.operand(node.value(0));
  call.result({Expr(node.rank(0)), call.unknownSize("count")}, i64Of(node));
  call.emit();
}

void importTopK(Node &node) {
  int64_t axis = node.axisAttr(-1, node.rank(0));
  Shape shape = node.shape(0);
  Value count;
  if (node.version() < 10) {
    shape[axis] = Expr(node.intAttr("k", 0));
    count = node.sizeScalar(shape[axis], i64Of(node));
  } else {
    Shape sizes = node.sizes(1);
    if (sizes.size() != 1)
      malformed("'K' has shape " + textOf(node.shape(1)) + ", expected one element");
    shape[axis] = sizes.front();
    count = node.reshape(node.value(1), {});
  }
  Call call(node, "top_k");
  call.operand(node.value(0));
  call.operand(count);
  call.attribute("axis", node.integer(axis));
  call.attribute("largest", node.integer(node.intAttr("largest", 1)));
  call.attribute("sorted", node.integer(node.intAttr("sorted", 1)));
  call.result(shape, node.element(0));
  call.result(shape, i64Of(node));
  call.emit();
}

void importNonMaxSuppression(Node &node) {
  Call call(node, "non_max_suppression");
  call.operand(node.value(0));
  call.operand(node.value(1));
  call.operand(node.hasInput(2) ? node.value(2) : node.scalar(0, i64Of(node)));
  call.operand(node.hasInput(3) ? node.value(3) : node.scalar(0, node.builder().getF32Type()));
  if (node.hasInput(4))
    call.operand(node.value(4));
  call.attribute("center_point_box", node.integer(node.intAttr("center_point_box", 0)));
  call.result({call.unknownSize("count"), Expr(3)}, i64Of(node));
  call.emit();
}

void importCompress(Node &node) {
  Call call(node, "compress");
  call.operand(node.value(0));
  call.operand(node.value(1));
  Shape shape = {Expr(0)};
  size_t axis = 0;
  if (node.hasAttribute("axis")) {
    axis = node.axisAttr(0, node.rank(0));
    call.attribute("axis", node.integer(axis));
    shape = node.shape(0);
  }
  shape[axis] = call.unknownSize("count");
  call.result(shape, node.element(0));
  call.emit();
}

void importUnique(Node &node) {
  Call call(node, "unique");
  call.operand(node.value(0));
  Expr count = call.unknownSize("count"), items = elementCount(node.shape(0));
  Shape shape = {count};
  if (node.hasAttribute("axis")) {
    int64_t axis = node.axisAttr(0, node.rank(0));
    call.attribute("axis", node.integer(axis));
    shape = node.shape(0);
    items = shape[axis];
    shape[axis] = count;
  }
  call.attribute("sorted", node.integer(node.intAttr("sorted", 1)));
  call.result(shape, node.element(0));
  call.result({count}, i64Of(node));
  call.result({items}, i64Of(node));
  call.result({count}, i64Of(node));
  call.emit();
}

void importDet(Node &node) {
  Call call(node, "det");
  call.operand(node.value(0));
  Shape shape = node.shape(0);
  if (shape.size() < 2)
    malformed("'X' has rank " + Twine(shape.size()) + ", expected at least 2");
  shape.resize(shape.size() - 2);
  call.result(shape, node.element(0));
  call.emit();
}

/// Scatters with the op's operands and a reduction; before opset 16 there is none.
void emitScatter(Node &node, Call &call) {
  for (int position = 0; position < 3; ++position)
    call.operand(node.value(position));
  std::string reduction = node.stringAttr("reduction", "none");
  if (!llvm::is_contained({"none", "add", "mul", "max", "min"}, reduction))
    malformed("reduction is '" + reduction + "', expected none, add, mul, max or min");
  call.attribute("reduction", node.builder().getStringAttr(reduction));
  call.result(node.shape(0), node.element(0));
  call.emit();
}

void importScatterElements(Node &node) {
  Call call(node, "scatter_elements");
  call.attribute("axis", node.integer(node.axisAttr(0, node.rank(0))));
  emitScatter(node, call);
}

void importScatterND(Node &node) {
  Call call(node, "scatter_nd");
  emitScatter(node, call);
}

/// The shape whose pooling has the shape of the first input.
Shape unpooledShape(Node &node) {
  std::vector<int64_t> sizes = node.intsAttr("kernel_shape");
  Shape shape = node.shape(0);
  if (shape.size() != sizes.size() + 2)
    malformed("'X' has rank " + Twine(shape.size()) + ", expected " + Twine(sizes.size() + 2));
  sizes = boundedInts(node, "kernel_shape", sizes.size(), 1, 1);
  std::vector<int64_t> strides = boundedInts(node, "strides", sizes.size(), 1, 1);
  std::vector<int64_t> pads = boundedInts(node, "pads", 2 * sizes.size(), 0, 0);
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    Expr &size = shape[dim + 2];
    size = (size - 1) * strides[dim] + (sizes[dim] - pads[dim] - pads[dim + sizes.size()]);
    require(node, lessEqual(0, size), "the padding leaves the size " + size.str());
  }
  return shape;
}

/// Makes sure, when the model is compiled or a run begins, that a shape operand is the shape that follows from others.
void requireShape(Node &node, const Shape &given, const Shape &expected) {
  Expr fits = given.size() == expected.size();
  for (auto [size, wanted] : llvm::zip(given, expected))
    fits = logicalAnd(fits, equal(size, wanted));
  std::string message = "an 'output_shape' other than " + textOf(expected) + " is not supported";
  if (fits.isLiteral(0) || !node.importer().isKnownAtEntry(fits))
    unsupported(message);
  require(node, fits, message);
}

/// Puts each element where its index says, and 0 elsewhere. An index counts elements of the whole result: ONNX Runtime
/// and ONNX's own test differ in how where 'output_shape' is not the shape that pooling came from.
void importMaxUnpool(Node &node) {
  Shape shape = unpooledShape(node), flat = {elementCount(shape)}, given = {elementCount(node.shape(0))};
  if (node.hasInput(2))
    requireShape(node, node.sizes(2), shape);
  if (node.rank(0) != node.rank(1))
    malformed("'X' has rank " + Twine(node.rank(0)) + " and 'I' " + Twine(node.rank(1)) + ", expected equal ranks");
  Call call(node, "scatter_elements");
  call.operand(node.splat(0, flat, node.element(0)));
  call.operand(node.reshape(node.value(1), {elementCount(node.shape(1))}));
  call.operand(node.reshape(node.value(0), given));
  call.attribute("reduction", node.builder().getStringAttr("none"));
  call.attribute("negative", node.integer(0));
  call.result(flat, node.element(0));
  node.set(0, node.reshape(call.create()->getResult(0), shape));
}

void importRoiAlign(Node &node) {
  Call call(node, "roi_align");
  for (int position = 0; position < 3; ++position)
    call.operand(node.value(position));
  std::string byDefault = node.version() < 16 ? "output_half_pixel" : "half_pixel";
  bool isHalfPixel = node.stringAttr("coordinate_transformation_mode", byDefault) == "half_pixel";
  int64_t height = node.intAttr("output_height", 1), width = node.intAttr("output_width", 1);
  if (node.rank(0) != 4 || node.rank(1) != 2 || height < 1 || width < 1)
    malformed("'X' and 'rois' are " + textOf(node.shape(0)) + " and " + textOf(node.shape(1)) +
              ", the result's size is " + Twine(height) + " x " + Twine(width));
  std::vector<double> scale = {node.floatAttr("spatial_scale", 1)};
  call.attribute("output_height", node.integer(height));
  call.attribute("output_width", node.integer(width));
  call.attribute("sampling_ratio", node.integer(node.intAttr("sampling_ratio", 0)));
  call.attribute("spatial_scale", node.builder().getDenseF64ArrayAttr(scale));
  call.attribute("half_pixel", node.integer(isHalfPixel));
  call.attribute("mode", node.builder().getStringAttr(node.stringAttr("mode", "avg")));
  call.result({node.shape(1)[0], node.shape(0)[1], Expr(height), Expr(width)}, node.element(0));
  call.emit();
}

void importTfIdf(Node &node) {
  if (node.hasAttribute("pool_strings"))
    unsupported("n-grams of strings are not supported");
  Call call(node, "tfidf_vectorizer");
  call.operand(node.value(0));
  int64_t columns = 0;
  for (StringRef name : {"pool_int64s", "ngram_counts", "ngram_indexes"}) {
    std::vector<int64_t> values = node.intsAttr(name);
    if (name == "ngram_indexes")
      for (int64_t column : values)
        columns = std::max(columns, column + 1);
    call.attribute(name, node.integers(values));
  }
  std::vector<double> weights = node.floatsAttr("weights");
  call.attribute("weights", node.builder().getDenseF64ArrayAttr(weights));
  for (StringRef name : {"min_gram_length", "max_gram_length", "max_skip_count"})
    call.attribute(name, node.integer(node.intAttr(name, 0)));
  call.attribute("mode", node.builder().getStringAttr(node.stringAttr("mode", "TF")));
  Shape shape = node.shape(0);
  if (shape.empty())
    malformed("'X' has rank 0, expected 1 or 2");
  shape.back() = Expr(columns);
  call.result(shape, node.builder().getF32Type());
  call.emit();
}

constexpr RuleEntry rules[] = {
    {"Compress", importCompress},
    {"Det", importDet},
    {"MaxUnpool", importMaxUnpool},
    {"NonMaxSuppression", importNonMaxSuppression},
    {"NonZero", importNonZero},
    {"RoiAlign", importRoiAlign},
    {"Scatter", importScatterElements},
    {"ScatterElements", importScatterElements},
    {"ScatterND", importScatterND},
    {"TfIdfVectorizer", importTfIdf},
    {"TopK", importTopK},
    {"Unique", importUnique},
};

} // namespace

void onnximport::importMaxPoolWithIndices(Node &node, const Window &window) {
  Call call(node, "max_pool", /*version=*/2);
  call.operand(node.value(0));
  Shape shape = node.shape(0), sizes, lows;
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    Expr low = window.pads[dim], padded = shape[dim + 2] + low + window.pads[dim + window.rank()];
    for (const Window::FreePad &pad : window.freePads)
      if (pad.dim == dim) {
        low = pad.low;
        padded = pad.padded;
      }
    shape[dim + 2] = floorDiv(padded - window.extent(dim), window.strides[dim]) + 1;
    require(node, lessEqual(0, shape[dim + 2]), "the window is larger than the padded input");
    sizes.push_back(shape[dim + 2]);
    lows.push_back(low);
  }
  for (const Shape &values : {sizes, lows})
    call.operand(node.emitAs<SizesOp>(tensorType({Expr(static_cast<int64_t>(values.size()))}, i64Of(node)), {},
                                      node.named("values", node.dims(values))));
  call.attribute("window", node.integers(window.sizes));
  call.attribute("strides", node.integers(window.strides));
  call.attribute("dilations", node.integers(window.dilations));
  call.attribute("storage_order", node.integer(node.intAttr("storage_order", 0)));
  call.result(shape, node.element(0));
  call.result(shape, node.builder().getI64Type());
  call.emit();
}

std::span<const RuleEntry> onnximport::hostCallRules() { return rules; }
