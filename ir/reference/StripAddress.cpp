// Implements reading operands in strips.
#include "ir/reference/StripAddress.h"
#include "runtime/format/ElementConvert.h"
#include "runtime/format/View.h"

using namespace mlir;
using namespace heddle;

static int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

static int64_t valueAt(AffineExpr expr, ArrayRef<int64_t> point) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return point[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t a = valueAt(binary.getLHS(), point), b = valueAt(binary.getRHS(), point);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return a + b;
  case AffineExprKind::Mul:
    return a * b;
  case AffineExprKind::FloorDiv:
    return floorDivide(a, b);
  case AffineExprKind::CeilDiv:
    return -floorDivide(-a, b);
  default:
    assert(expr.getKind() == AffineExprKind::Mod && "an index map has no symbols");
    return a - floorDivide(a, b) * b;
  }
}

static bool isLinear(AffineExpr expr) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return true;
  bool keepsLinear = expr.getKind() == AffineExprKind::Add || expr.getKind() == AffineExprKind::Mul;
  return keepsLinear && isLinear(binary.getLHS()) && isLinear(binary.getRHS());
}

static bool usesDims(AffineExpr expr, unsigned begin, unsigned end) {
  for (unsigned dim = begin; dim < end; ++dim)
    if (expr.isFunctionOfDim(dim))
      return true;
  return false;
}

/// True if the expression is a sum of terms, each over dimensions on one side of `split` only, or linear.
static bool isSumOfSides(AffineExpr expr, unsigned split, unsigned dims) {
  bool isOneSided = !usesDims(expr, 0, split) || !usesDims(expr, split, dims);
  if (isOneSided || isLinear(expr))
    return true;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  return expr.getKind() == AffineExprKind::Add && isSumOfSides(binary.getLHS(), split, dims) &&
         isSumOfSides(binary.getRHS(), split, dims);
}

StripAddress::StripAddress(const TensorValue &tensor, AffineMap map, unsigned parallelDims)
    : tensor(tensor), map(map), strides(rowMajorStrides(tensor.shape)), range{{}, 0, 0, 0} {
  ArrayRef<AffineExpr> exprs = map.getResults();
  unsigned dims = map.getNumDims();
  isSeparable = llvm::all_of(exprs, [&](AffineExpr expr) { return isSumOfSides(expr, parallelDims, dims); });
  if (!llvm::all_of(exprs, isLinear))
    return;
  std::vector<int64_t> point(dims, 0);
  int64_t constant = offsetAt(point);
  std::vector<int64_t> found;
  for (unsigned dim = 0; dim < dims; ++dim) {
    point[dim] = 1;
    found.push_back(offsetAt(point) - constant);
    point[dim] = 0;
  }
  found.push_back(constant);
  coefficients = std::move(found);
}

int64_t StripAddress::offsetAt(ArrayRef<int64_t> point) const {
  if (!coefficients.empty()) {
    int64_t offset = coefficients.back();
    for (size_t dim = 0; dim < point.size(); ++dim)
      offset += coefficients[dim] * point[dim];
    return offset;
  }
  int64_t offset = 0;
  for (auto [stride, expr] : llvm::zip(strides, map.getResults()))
    offset += stride * valueAt(expr, point);
  return offset;
}

void StripAddress::startStrip(const PointRange &newRange, std::vector<int64_t> point) {
  range = newRange;
  offsets.resize(range.count);
  range.forEach(point, [&](int64_t index) { offsets[index] = offsetAt(point); });
  lowest = *llvm::min_element(offsets);
  highest = *llvm::max_element(offsets);
  isContiguous = true;
  for (int64_t index = 0; index < range.count && isContiguous; ++index)
    isContiguous = offsets[index] == offsets[0] + index;
}

template <typename T> void StripAddress::gather(int64_t shift, std::byte *target) const {
  const std::byte *source = tensor.bytes.data() + shift * static_cast<int64_t>(sizeof(T));
  for (int64_t index = 0; index < range.count; ++index)
    std::memcpy(target + index * sizeof(T), source + offsets[index] * static_cast<int64_t>(sizeof(T)), sizeof(T));
}

void StripAddress::copyElements(int64_t shift, std::byte *target) const {
  int64_t width = byteWidth(tensor.type);
  if (isContiguous) {
    std::memcpy(target, tensor.element(offsets[0] + shift), range.count * width);
    return;
  }
  switch (width) {
  case 1:
    return gather<uint8_t>(shift, target);
  case 2:
    return gather<uint16_t>(shift, target);
  case 4:
    return gather<uint32_t>(shift, target);
  default:
    return gather<uint64_t>(shift, target);
  }
}

Status StripAddress::load(const std::vector<int64_t> &point, DType target, std::byte *strip) {
  if (!isSeparable)
    startStrip(range, point);
  int64_t shift = offsetAt(point) - offsets[0], count = tensor.elementCount();
  if (lowest + shift < 0 || highest + shift >= count)
    return Status(Code::Malformed, "element " + std::to_string(highest + shift) + " of an operand is read, which has " +
                                       std::to_string(count));
  if (!isFloat(tensor.type) || tensor.type == target) {
    copyElements(shift, strip);
    return Status::ok();
  }
  buffer.resize(range.count * byteWidth(tensor.type));
  copyElements(shift, buffer.data());
  convertElements(tensor.type, buffer.data(), target, strip, range.count);
  return Status::ok();
}
