// Implements shuffles between columns and neighbours.
#include "codegen/cpu/StridedLanes.h"
#include "codegen/cpu/GemmNest.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle;

//===----------------------------------------------------------------------===//
// Factor by factor
//===----------------------------------------------------------------------===//

static int64_t lanesOf(Value vector) { return cast<VectorType>(vector.getType()).getDimSize(0); }

static int64_t smallestFactor(int64_t n) {
  for (int64_t factor = 2; factor * factor <= n; ++factor)
    if (n % factor == 0)
      return factor;
  return n;
}

/// A vector whose lane `l` is element `elementOf(l)` of all vectors of `sources` in a row.
static Value choose(KernelFrame &frame, ArrayRef<Value> sources, function_ref<int64_t(int64_t)> elementOf) {
  const int64_t lanes = lanesOf(sources[0]);
  Value chosen = sources[0];
  for (int64_t source = 1; source < int64_t(sources.size()); ++source) {
    SmallVector<int64_t> order;
    bool isUsed = source == 1; // brings the first two in their places
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const int64_t element = elementOf(lane), from = element / lanes, position = element % lanes;
      isUsed |= from == source;
      order.push_back(from == source ? lanes + position : from == 0 && source == 1 ? position : lane);
    }
    if (isUsed)
      chosen = vector::ShuffleOp::create(frame.b, frame.loc, chosen, sources[source], order);
  }
  return chosen;
}

/// Takes n vectors that hold `n * lanes` neighbours apart: column `c` gets elements `c`, `c + n`, `c + 2 * n` and so
/// on.
static SmallVector<Value> deal(KernelFrame &frame, ArrayRef<Value> vectors) {
  const int64_t stride = vectors.size();
  if (stride == 1)
    return SmallVector<Value>(vectors);
  const int64_t factor = smallestFactor(stride);
  SmallVector<Value> columns(stride);
  for (int64_t remainder = 0; remainder < factor; ++remainder) {
    SmallVector<Value> stream; // elements `remainder`, `remainder + factor`, ...
    for (int64_t first = 0; first < stride; first += factor)
      stream.push_back(
          choose(frame, vectors.slice(first, factor), [&](int64_t lane) { return lane * factor + remainder; }));
    for (auto [index, column] : llvm::enumerate(deal(frame, stream)))
      columns[int64_t(index) * factor + remainder] = column;
  }
  return columns;
}

/// The reverse.
static SmallVector<Value> collect(KernelFrame &frame, ArrayRef<Value> columns) {
  const int64_t stride = columns.size(), lanes = lanesOf(columns[0]);
  if (stride == 1)
    return SmallVector<Value>(columns);
  const int64_t factor = smallestFactor(stride);
  SmallVector<SmallVector<Value>> streams;
  for (int64_t remainder = 0; remainder < factor; ++remainder) {
    SmallVector<Value> stream;
    for (int64_t column = remainder; column < stride; column += factor)
      stream.push_back(columns[column]);
    streams.push_back(collect(frame, stream));
  }
  SmallVector<Value> vectors;
  for (int64_t group = 0; group < stride / factor; ++group) {
    SmallVector<Value> sources;
    for (const SmallVector<Value> &stream : streams)
      sources.push_back(stream[group]);
    for (int64_t part = 0; part < factor; ++part)
      vectors.push_back(choose(frame, sources, [&](int64_t lane) {
        const int64_t element = part * lanes + lane;
        return element % factor * lanes + element / factor;
      }));
  }
  return vectors;
}

/// Shuffles that dealing takes: each of the vectors once per other member of a group, for every factor.
static int64_t dealingCost(int64_t stride) {
  int64_t cost = 0;
  for (int64_t left = stride; left > 1; left /= smallestFactor(left))
    cost += stride * (smallestFactor(left) - 1);
  return cost;
}

//===----------------------------------------------------------------------===//
// Squares
//===----------------------------------------------------------------------===//

/// A row of a square must begin and end within at most two rows of elements.
static bool prefersSquares(int64_t stride, int64_t lanes) {
  const int64_t squares = llvm::divideCeil(stride, lanes);
  return 2 * stride >= lanes && squares * lanes * int64_t(llvm::Log2_64(lanes)) < dealingCost(stride);
}

/// First columns of the squares that cover a row; the last one ends with the row where it can.
static SmallVector<int64_t> squaresOf(int64_t stride, int64_t lanes) {
  return stride <= lanes ? SmallVector<int64_t>{0} : SmallVector<int64_t>{0, stride - lanes};
}

/// Rows that are shorter than a vector are read with what follows them; for the last one that is what precedes it.
static SmallVector<Value> readSquares(KernelFrame &frame, int64_t stride, int64_t lanes, ReadNeighbours read) {
  SmallVector<Value> columns(stride);
  for (int64_t firstColumn : squaresOf(stride, lanes)) {
    SmallVector<Value> rows;
    for (int64_t row = 0; row < lanes; ++row) {
      const int64_t wanted = row * stride + firstColumn, first = std::min(wanted, lanes * stride - lanes);
      Value vector = read(first);
      if (first != wanted)
        vector =
            choose(frame, {vector, vector}, [&](int64_t lane) { return std::min(lane + wanted - first, lanes - 1); });
      rows.push_back(vector);
    }
    for (auto [column, vector] : llvm::enumerate(transposeLanes(frame, rows)))
      if (firstColumn + int64_t(column) < stride)
        columns[firstColumn + int64_t(column)] = vector;
  }
  return columns;
}

static void writeSquares(KernelFrame &frame, ArrayRef<Value> columns, WriteNeighbours write) {
  const int64_t stride = columns.size(), lanes = lanesOf(columns[0]);
  for (int64_t firstColumn : squaresOf(stride, lanes)) {
    SmallVector<Value> square;
    for (int64_t column = 0; column < lanes; ++column)
      square.push_back(columns[std::min(firstColumn + column, stride - 1)]);
    SmallVector<Value> rows = transposeLanes(frame, square);
    const int64_t missing = std::max<int64_t>(0, lanes - stride);
    for (int64_t row = 0; row < lanes - (missing > 0); ++row)
      write(row * stride + firstColumn, rows[row]);
    if (missing == 0)
      continue;
    // The last vector ends with the last row, and begins in the one before.
    Value last = choose(frame, {rows[lanes - 2], rows[lanes - 1]}, [&](int64_t lane) {
      return lane < missing ? stride - missing + lane : lanes + lane - missing;
    });
    write(lanes * stride - lanes, last);
  }
}

//===----------------------------------------------------------------------===//
// Either
//===----------------------------------------------------------------------===//

SmallVector<Value> heddle::readColumns(KernelFrame &frame, int64_t stride, int64_t lanes, ReadNeighbours read) {
  if (prefersSquares(stride, lanes))
    return readSquares(frame, stride, lanes, read);
  SmallVector<Value> vectors;
  for (int64_t vector = 0; vector < stride; ++vector)
    vectors.push_back(read(vector * lanes));
  return deal(frame, vectors);
}

void heddle::writeColumns(KernelFrame &frame, ArrayRef<Value> columns, WriteNeighbours write) {
  const int64_t lanes = lanesOf(columns[0]);
  if (prefersSquares(columns.size(), lanes))
    return writeSquares(frame, columns, write);
  for (auto [vector, value] : llvm::enumerate(collect(frame, columns)))
    write(int64_t(vector) * lanes, value);
}

std::optional<int64_t> heddle::shortRow(const Shape &extents, int64_t lanes) {
  std::optional<int64_t> size = extents.size() == 1 ? extents.front().literal() : std::nullopt;
  return size && *size >= 1 && *size <= largestShuffledStride(lanes) ? size : std::nullopt;
}

std::optional<StridedPlace> heddle::stridedPlace(const Index &offset, int variable, const Expr &count, int64_t lanes) {
  std::optional<Expr> slope = offset.slope(variable);
  std::optional<int64_t> stride = slope ? slope->literal() : std::nullopt;
  if (!stride || *stride < 2 || *stride > largestShuffledStride(lanes) || !mod(count, *stride).isLiteral(0))
    return std::nullopt;
  for (const Index::Term &term : offset.terms())
    if (!mod(term.coefficient, *stride).isLiteral(0))
      return std::nullopt;
  std::optional<int64_t> constant = mod(offset.constant(), *stride).literal();
  if (!constant)
    return std::nullopt;
  return StridedPlace{*stride, *constant};
}
