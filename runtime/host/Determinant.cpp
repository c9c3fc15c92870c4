// Host function `det`: determinants of square matrices.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <cmath>

namespace heddle::host {
namespace {

/// Gaussian elimination with partial pivoting, in place; row-major `size` x `size`. O(n^3).
double determinant(std::vector<double> &matrix, size_t size) {
  double product = 1;
  for (size_t column = 0; column < size; ++column) {
    size_t pivot = column;
    for (size_t row = column + 1; row < size; ++row)
      if (std::abs(matrix[row * size + column]) > std::abs(matrix[pivot * size + column]))
        pivot = row;
    if (matrix[pivot * size + column] == 0)
      return 0;
    if (pivot != column) {
      std::swap_ranges(&matrix[pivot * size], &matrix[pivot * size] + size, &matrix[column * size]);
      product = -product;
    }
    product *= matrix[column * size + column];
    for (size_t row = column + 1; row < size; ++row) {
      const double factor = matrix[row * size + column] / matrix[column * size + column];
      for (size_t i = column; i < size; ++i)
        matrix[row * size + i] -= factor * matrix[column * size + i];
    }
  }
  return product;
}

} // namespace

/// Inputs: x of floats, [..., n, n]. Result: [...], computed in f64 and rounded once. Source: ONNX Det.
Status det(const HostAttrs &, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 1));
  const View &x = inputs[0];
  const size_t rank = x.shape.size();
  if (rank < 2 || x.shape[rank - 1] != x.shape[rank - 2] || !isFloat(x.type))
    return Status(Code::Malformed, "the input is not made of square matrices of floats");
  Result<View> y = outputs.allocate(0, {x.shape.begin(), x.shape.end() - 2});
  if (!y)
    return y.status();
  const size_t size = size_t(x.shape[rank - 1]);
  std::vector<int64_t> from = rowMajorOffsets(x), to = rowMajorOffsets(*y);
  std::vector<double> matrix(size * size);
  for (size_t i = 0; i < to.size(); ++i) {
    for (size_t element = 0; element < matrix.size(); ++element)
      matrix[element] = load<double>(x, from[i * matrix.size() + element]);
    store(*y, to[i], determinant(matrix, size));
  }
  return Status::ok();
}

} // namespace heddle::host
