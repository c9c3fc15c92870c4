// Types of weight transforms: what each step makes of its operand, and what does not fit.
#include "runtime/format/WeightTransform.h"

#include "runtime/format/CheckedMath.h"
#include <algorithm>
#include <numeric>

namespace heddle {

namespace {

/// The largest nr and kr of a packed layout.
constexpr int64_t maxPanel = 4096;

Status misfit(const std::string &message) { return Status(Code::Malformed, message); }

std::string printShape(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

/// Applies one step to a type; the message of an error does not name the step.
class TypeRules {
public:
  TypeRules(const DenseType &source, const WeightLookup &lookup) : type(source), lookup(lookup) {}

  Result<DenseType> operator()(const weight::Cast &step) {
    if (step.type == DType::String)
      return misfit("strings have no bytes");
    type.type = step.type;
    return type;
  }

  Result<DenseType> operator()(const weight::Permute &step) {
    std::vector<int64_t> sorted = step.order, expected(rank());
    std::sort(sorted.begin(), sorted.end());
    std::iota(expected.begin(), expected.end(), 0);
    if (sorted != expected)
      return misfit("the order is no permutation of " + std::to_string(rank()) + " dimensions");
    std::vector<int64_t> shape;
    for (int64_t dim : step.order)
      shape.push_back(sizeOf(dim));
    type.shape = std::move(shape);
    return type;
  }

  Result<DenseType> operator()(const weight::Reshape &step) {
    std::optional<int64_t> count = checkedElementCount(step.shape);
    if (!count || *count != *checkedElementCount(type.shape))
      return misfit("the shape has not as many elements as " + printShape(type.shape));
    type.shape = step.shape;
    return type;
  }

  Result<DenseType> operator()(const weight::Slice &step) {
    if (step.starts.size() != rank() || step.sizes.size() != rank() || step.steps.size() != rank())
      return misfit("starts, sizes and steps need " + std::to_string(rank()) + " numbers each");
    for (size_t dim = 0; dim < rank(); ++dim) {
      int64_t size = step.sizes[dim], last = 0;
      bool overflows = __builtin_mul_overflow(std::max<int64_t>(size - 1, 0), step.steps[dim], &last) ||
                       __builtin_add_overflow(last, step.starts[dim], &last);
      auto isInside = [&](int64_t index) { return index >= 0 && index < type.shape[dim]; };
      if (size < 0 || step.steps[dim] == 0 || overflows ||
          (size > 0 && !(isInside(step.starts[dim]) && isInside(last))))
        return misfit("dimension " + std::to_string(dim) + " leaves the shape " + printShape(type.shape));
    }
    type.shape = step.sizes;
    return type;
  }

  Result<DenseType> operator()(const weight::Concat &step) {
    std::optional<DenseTensor> other = lookup(step.digest);
    if (!other)
      return misfit("there is no weight of this digest");
    if (!hasAxis(step.axis) || other->type.shape.size() != rank())
      return misfit("the axis or the rank does not fit " + printShape(type.shape));
    DenseType wanted = type;
    wanted.shape[static_cast<size_t>(step.axis)] = other->type.shape[static_cast<size_t>(step.axis)];
    if (other->type != wanted)
      return misfit("the other weight is " + std::string(nameOf(other->type.type)) + printShape(other->type.shape) +
                    ", the operand " + std::string(nameOf(type.type)) + printShape(type.shape));
    return resized(static_cast<size_t>(step.axis), 0, wanted.shape[static_cast<size_t>(step.axis)]);
  }

  Result<DenseType> operator()(const weight::Pad &step) {
    if (step.low.size() != rank() || step.high.size() != rank())
      return misfit("low and high need " + std::to_string(rank()) + " numbers each");
    for (size_t dim = 0; dim < rank(); ++dim) {
      if (step.low[dim] < 0 || step.high[dim] < 0)
        return misfit("a padding is negative");
      if (Result<DenseType> padded = resized(dim, step.low[dim], step.high[dim]); !padded)
        return padded;
    }
    return type;
  }

  Result<DenseType> operator()(const weight::Scale &step) {
    std::optional<DenseTensor> factors = lookup(step.digest);
    if (!factors)
      return misfit("there is no weight of this digest");
    if (!hasAxis(step.axis) || !isFloat(type.type))
      return misfit("only floats are scaled, along an axis of theirs");
    if (factors->type != DenseType{type.type, {sizeOf(step.axis)}})
      return misfit("the factors are " + std::string(nameOf(factors->type.type)) + printShape(factors->type.shape) +
                    ", expected " + std::string(nameOf(type.type)) + "[" + std::to_string(sizeOf(step.axis)) + "]");
    return type;
  }

  Result<DenseType> operator()(const weight::Pack &step) {
    const PackedLayout &layout = step.layout;
    if (rank() != 2)
      return misfit("only a matrix is packed, the operand has the shape " + printShape(type.shape));
    if (layout.nr < 1 || layout.nr > maxPanel || layout.kr < 1 || layout.kr > maxPanel)
      return misfit("nr and kr must be in [1, " + std::to_string(maxPanel) + "]");
    int64_t k = type.shape[0], n = type.shape[1];
    auto ceilDiv = [](int64_t a, int64_t b) { return a / b + (a % b != 0); };
    type.shape = {ceilDiv(n, layout.nr), ceilDiv(k, layout.kr), layout.nr};
    if (layout.kr > 1)
      type.shape.push_back(layout.kr);
    return type;
  }

private:
  size_t rank() const { return type.shape.size(); }
  bool hasAxis(int64_t axis) const { return axis >= 0 && axis < static_cast<int64_t>(rank()); }
  int64_t sizeOf(int64_t dim) const { return type.shape[static_cast<size_t>(dim)]; }

  Result<DenseType> resized(size_t dim, int64_t before, int64_t after) {
    std::optional<int64_t> size = checkedAdd(type.shape[dim], before);
    size = size ? checkedAdd(*size, after) : size;
    if (!size)
      return misfit("the size does not fit in 64 bits");
    type.shape[dim] = *size;
    return type;
  }

  DenseType type;
  const WeightLookup &lookup;
};

} // namespace

Result<int64_t> denseBytes(const DenseType &type) {
  std::optional<int64_t> count = checkedElementCount(type.shape);
  std::optional<int64_t> bytes = count ? checkedMul(*count, byteWidth(type.type)) : count;
  if (!bytes || type.type == DType::String)
    return misfit("a tensor of " + std::string(nameOf(type.type)) + printShape(type.shape) + " has no size in bytes");
  return *bytes;
}

Result<DenseType> transformedType(const DenseType &source, const WeightTransform &transform,
                                  const WeightLookup &lookup) {
  DenseType type = source;
  if (Result<int64_t> bytes = denseBytes(type); !bytes)
    return bytes.status();
  for (const weight::Step &step : transform) {
    Result<DenseType> next = std::visit(TypeRules(type, lookup), step);
    Status status = next ? Status::ok() : next.status();
    if (next)
      if (Result<int64_t> bytes = denseBytes(*next); !bytes)
        status = bytes.status();
    if (!status)
      return Status(status.code(), "weight transform " + printTransform({step}) + ": " + status.message());
    type = *next;
  }
  return type;
}

} // namespace heddle
