// Implements the movement ops on concrete tensors, as strided copies where they are one.
#include "ir/reference/Movement.h"
#include "ir/Shapes.h"
#include "runtime/format/StridedCopy.h"
#include "runtime/format/View.h"

using namespace mlir;
using namespace heddle;

using Sizes = std::vector<int64_t>;

Result<Sizes> heddle::evaluateSizes(const Shape &exprs, const SymbolValues &symbols) {
  Sizes sizes;
  for (const Expr &expr : exprs) {
    Result<int64_t> value = expr.evaluate(symbols);
    if (!value)
      return value.status();
    sizes.push_back(*value);
  }
  return sizes;
}

static std::string textOf(const Sizes &sizes) {
  std::string text = "[";
  for (int64_t size : sizes)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Uninitialised room for a result.
static Result<std::vector<std::byte>> roomFor(DType type, const Sizes &shape) {
  Result<int64_t> count = checkedCount(shape);
  if (!count)
    return count.status();
  return std::vector<std::byte>(static_cast<size_t>(*count * byteWidth(type)));
}

/// A dense tensor of `shape` whose elements are read from `x` with strides, from element `start` on.
static Result<TensorValue> readStrided(const TensorValue &x, int64_t start, const Sizes &strides, const Sizes &shape) {
  Result<std::vector<std::byte>> bytes = roomFor(x.type, shape);
  if (!bytes)
    return bytes.status();
  if (!bytes->empty())
    stridedCopy(bytes->data(), rowMajorStrides(shape), x.element(start), strides, shape, byteWidth(x.type));
  return TensorValue::of(x.type, shape, std::move(*bytes));
}

static Result<TensorValue> evaluate(ReshapeOp op, ArrayRef<TensorValue> x, const SymbolValues &, const Sizes &shape) {
  Result<int64_t> count = checkedCount(shape);
  if (!count)
    return count.status();
  if (*count != x[0].elementCount())
    return Status(Code::Malformed, "shape " + textOf(x[0].shape) + " cannot become " + textOf(shape));
  TensorValue result = x[0];
  result.shape = shape;
  return result;
}

static Result<TensorValue> evaluate(TransposeOp op, ArrayRef<TensorValue> x, const SymbolValues &, const Sizes &) {
  Sizes strides = rowMajorStrides(x[0].shape), shape, permuted;
  for (int64_t dim : op.getPerm()) {
    shape.push_back(x[0].shape[dim]);
    permuted.push_back(strides[dim]);
  }
  return readStrided(x[0], 0, permuted, shape);
}

static Result<TensorValue> evaluate(BroadcastOp op, ArrayRef<TensorValue> x, const SymbolValues &, const Sizes &shape) {
  Sizes strides = rowMajorStrides(x[0].shape), repeated(shape.size(), 0);
  size_t offset = shape.size() - x[0].shape.size();
  for (size_t dim = 0; dim < strides.size(); ++dim) {
    int64_t size = x[0].shape[dim];
    if (size != 1 && size != shape[offset + dim])
      return Status(Code::Malformed, "shape " + textOf(x[0].shape) + " does not broadcast to " + textOf(shape));
    repeated[offset + dim] = size == 1 ? 0 : strides[dim];
  }
  return readStrided(x[0], 0, repeated, shape);
}

static Result<TensorValue> evaluate(SliceOp op, ArrayRef<TensorValue> x, const SymbolValues &symbols,
                                    const Sizes &shape) {
  Result<Sizes> starts = evaluateSizes(op.getStarts().exprs(), symbols);
  Result<Sizes> steps = evaluateSizes(op.getSteps().exprs(), symbols);
  if (!starts || !steps)
    return starts ? steps.status() : starts.status();
  Sizes strides = rowMajorStrides(x[0].shape);
  int64_t first = 0;
  bool isEmpty = llvm::is_contained(shape, 0);
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    int64_t start = (*starts)[dim], step = (*steps)[dim], last = start + (shape[dim] - 1) * step;
    if (!isEmpty && (std::min(start, last) < 0 || std::max(start, last) >= x[0].shape[dim]))
      return Status(Code::Malformed, "elements " + std::to_string(start) + " to " + std::to_string(last) +
                                         " of dimension " + std::to_string(dim) + " are read, which has size " +
                                         std::to_string(x[0].shape[dim]));
    first += isEmpty ? 0 : start * strides[dim];
    strides[dim] *= step;
  }
  return readStrided(x[0], first, strides, shape);
}

static Result<TensorValue> evaluate(ConcatOp op, ArrayRef<TensorValue> parts, const SymbolValues &, const Sizes &) {
  int64_t axis = op.getAxis();
  Sizes shape = parts[0].shape;
  for (const TensorValue &part : parts.drop_front()) {
    shape[axis] += part.shape[axis];
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (static_cast<int64_t>(dim) != axis && part.shape[dim] != shape[dim])
        return Status(Code::Malformed, "parts have shapes " + textOf(parts[0].shape) + " and " + textOf(part.shape));
  }
  Result<std::vector<std::byte>> bytes = roomFor(parts[0].type, shape);
  if (!bytes)
    return bytes.status();
  Sizes strides = rowMajorStrides(shape);
  int64_t width = byteWidth(parts[0].type), offset = 0;
  for (const TensorValue &part : parts) {
    if (!part.bytes.empty())
      stridedCopy(bytes->data() + offset * strides[axis] * width, strides, part.bytes.data(),
                  rowMajorStrides(part.shape), part.shape, width);
    offset += part.shape[axis];
  }
  return TensorValue::of(parts[0].type, shape, std::move(*bytes));
}

/// The position that padding reads in a dimension; -1 for the fill.
static int64_t paddedPosition(PadMode mode, int64_t at, int64_t size) {
  auto positiveMod = [](int64_t a, int64_t b) { return (a % b + b) % b; };
  switch (mode) {
  case PadMode::Constant:
    return at >= 0 && at < size ? at : -1;
  case PadMode::Edge:
    return std::clamp<int64_t>(at, 0, size - 1);
  case PadMode::Wrap:
    return positiveMod(at, size);
  case PadMode::Reflect:
    if (size == 1)
      return 0;
    at = positiveMod(at, 2 * (size - 1));
    return std::min(at, 2 * (size - 1) - at);
  }
  llvm_unreachable("every pad mode has a rule");
}

static Result<TensorValue> evaluate(PadOp op, ArrayRef<TensorValue> x, const SymbolValues &symbols,
                                    const Sizes &shape) {
  Result<Sizes> low = evaluateSizes(op.getLow().exprs(), symbols);
  Result<std::vector<std::byte>> bytes = roomFor(x[0].type, shape);
  if (!low || !bytes)
    return low ? bytes.status() : low.status();
  bool readsNothing = llvm::is_contained(x[0].shape, 0) && op.getMode() != PadMode::Constant;
  if (readsNothing && !bytes->empty())
    return Status(Code::Malformed, "a tensor without elements is padded from itself");
  Sizes strides = rowMajorStrides(x[0].shape), point(shape.size(), 0);
  int64_t width = byteWidth(x[0].type), count = static_cast<int64_t>(bytes->size()) / width;
  for (int64_t index = 0; index < count; ++index) {
    int64_t position = 0, rest = index;
    for (size_t dim = shape.size(); dim-- > 0; rest /= shape[dim]) {
      int64_t at = paddedPosition(op.getMode(), rest % shape[dim] - (*low)[dim], x[0].shape[dim]);
      position = at < 0 || position < 0 ? -1 : position + at * strides[dim];
    }
    const std::byte *source = position < 0 ? x[1].bytes.data() : x[0].element(position);
    std::memcpy(bytes->data() + index * width, source, width);
  }
  return TensorValue::of(x[0].type, shape, std::move(*bytes));
}

static Result<TensorValue> evaluate(SizesOp op, ArrayRef<TensorValue>, const SymbolValues &symbols,
                                    const Sizes &shape) {
  std::optional<DType> type = dtypeOf(op.getY().getType());
  Result<Sizes> values = evaluateSizes(op.getValues().exprs(), symbols);
  if (!values)
    return values.status();
  if (!type || isFloat(*type))
    return Status(Code::Unsupported, "sizes are integers");
  int64_t width = byteWidth(*type);
  std::vector<std::byte> bytes(values->size() * width);
  for (size_t i = 0; i < values->size(); ++i)
    std::memcpy(bytes.data() + i * width, &(*values)[i], width);
  return TensorValue::of(*type, shape, std::move(bytes));
}

std::optional<Result<TensorValue>> heddle::evaluateMovement(Operation *op, ArrayRef<TensorValue> operands,
                                                            const SymbolValues &symbols) {
  if (!isa<ReshapeOp, TransposeOp, BroadcastOp, SliceOp, ConcatOp, PadOp, SizesOp>(op))
    return std::nullopt;
  Result<Sizes> shape = evaluateSizes(shapeOf(op->getResult(0).getType()), symbols);
  if (!shape)
    return shape.status();
  return llvm::TypeSwitch<Operation *, Result<TensorValue>>(op)
      .Case<ReshapeOp, TransposeOp, BroadcastOp, SliceOp, ConcatOp, PadOp, SizesOp>(
          [&](auto typed) { return evaluate(typed, operands, symbols, *shape); })
      .Default([](Operation *) -> Result<TensorValue> { llvm_unreachable("only movement ops come here"); });
}
