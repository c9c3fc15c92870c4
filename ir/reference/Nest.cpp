// Implements evaluating loop nests in strips, along the result or along the reduction, whichever is longer.
#include "ir/reference/Nest.h"
#include "ir/Shapes.h"
#include "ir/reference/StripAddress.h"
#include "runtime/format/ElementConvert.h"
#include <cmath>

using namespace mlir;
using namespace heddle;

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

//===----------------------------------------------------------------------===//
// Combiners
//===----------------------------------------------------------------------===//

namespace {
/// Which of two (value, index) pairs an arg combiner keeps.
struct ArgRule {
  bool isMax, last;

  template <class T> bool takes(T value, int64_t index, T best, int64_t bestIndex) const {
    bool isNaN = std::isnan(value), bestIsNaN = std::isnan(best);
    if (isNaN != bestIsNaN)
      return isNaN;
    if (!isNaN && value != best)
      return isMax ? value > best : value < best;
    return last ? index > bestIndex : index < bestIndex;
  }
};

/// The running result of one strip of elements, or of a single one.
struct Accumulator {
  std::vector<std::byte> values;
  std::vector<int64_t> indices; ///< Arg combiners only.
  bool isEmpty = true;          ///< Arg combiners only: nothing combined so far.
};

class Combiner {
public:
  static Result<Combiner> of(const Nest &nest);

  Accumulator start(int64_t count) const;
  /// Combines element `i` of the accumulator with element `i` of the strips.
  void combine(Accumulator &accumulator, const std::byte *values, const int64_t *indices, int64_t count) const;
  bool isArg() const { return arg.has_value(); }
  int64_t width() const { return byteWidth(type); }

private:
  template <class T>
  void combineArg(Accumulator &accumulator, const std::byte *values, const int64_t *indices, int64_t count) const;

  DType type = DType::F32; ///< Of the values; unsigned integers by their own types.
  StripFunction function = nullptr;
  std::optional<ArgRule> arg;
  uint64_t init = 0;
};
} // namespace

Result<Combiner> Combiner::of(const Nest &nest) {
  Combiner made;
  Type compute = nest.yielded[0].getType();
  bool isArg = nest.combiner.starts_with("arg_");
  Type graphType =
      isArg && !nest.inputs.empty() ? elementType(compute.getContext(), nest.inputs[0].tensor.type) : nest.element;
  bool isUnsigned = graphType.isUnsignedInteger() || graphType.isInteger(1);
  made.type = *stripTypeOf(compute);
  if (isArg) {
    made.arg = ArgRule{nest.combiner == "arg_max", nest.last};
    if (isUnsigned && isa<IntegerType>(compute) && !compute.isInteger(1))
      made.type =
          *dtypeOf(IntegerType::get(compute.getContext(), compute.getIntOrFloatBitWidth(), IntegerType::Unsigned));
    return made;
  }
  made.function = combinerFunction(nest.combiner, compute, isUnsigned);
  if (!made.function)
    return Status(Code::Unsupported, "combiner '" + nest.combiner.str() + "' has no strip function for its type");
  if (auto value = dyn_cast<FloatAttr>(nest.init))
    made.init = value.getValue().bitcastToAPInt().getZExtValue();
  else
    made.init = cast<IntegerAttr>(nest.init).getValue().getZExtValue();
  return made;
}

Accumulator Combiner::start(int64_t count) const {
  Accumulator accumulator;
  accumulator.values.resize(count * width());
  if (arg)
    accumulator.indices.resize(count);
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(accumulator.values.data() + i * width(), &init, width());
  return accumulator;
}

template <class T>
void Combiner::combineArg(Accumulator &accumulator, const std::byte *values, const int64_t *indices,
                          int64_t count) const {
  auto *best = reinterpret_cast<T *>(accumulator.values.data());
  const auto *given = reinterpret_cast<const T *>(values);
  for (int64_t i = 0; i < count; ++i) {
    if (!accumulator.isEmpty && !arg->takes(given[i], indices[i], best[i], accumulator.indices[i]))
      continue;
    best[i] = given[i];
    accumulator.indices[i] = indices[i];
  }
  accumulator.isEmpty = false;
}

void Combiner::combine(Accumulator &accumulator, const std::byte *values, const int64_t *indices, int64_t count) const {
  if (!arg) {
    const std::byte *operands[] = {accumulator.values.data(), values};
    return function({operands, accumulator.values.data(), count, type, type});
  }
  switch (type) {
  case DType::F64:
    return combineArg<double>(accumulator, values, indices, count);
  case DType::F32:
    return combineArg<float>(accumulator, values, indices, count);
  case DType::I64:
    return combineArg<int64_t>(accumulator, values, indices, count);
  case DType::I32:
    return combineArg<int32_t>(accumulator, values, indices, count);
  case DType::I16:
    return combineArg<int16_t>(accumulator, values, indices, count);
  case DType::I8:
    return combineArg<int8_t>(accumulator, values, indices, count);
  case DType::U64:
    return combineArg<uint64_t>(accumulator, values, indices, count);
  case DType::U32:
    return combineArg<uint32_t>(accumulator, values, indices, count);
  case DType::U16:
    return combineArg<uint16_t>(accumulator, values, indices, count);
  default:
    return combineArg<uint8_t>(accumulator, values, indices, count);
  }
}

//===----------------------------------------------------------------------===//
// Walks
//===----------------------------------------------------------------------===//

namespace {
class NestRunner {
public:
  NestRunner(const Nest &nest, ScalarBody body)
      : nest(nest), body(std::move(body)), parallelCount(product(nest.parallel)), reduceCount(product(nest.reduce)),
        point(nest.parallel.size() + nest.reduce.size(), 0), resultType(*dtypeOf(nest.element)) {
    for (const Nest::Input &input : nest.inputs)
      addresses.emplace_back(input.tensor, input.map, nest.parallel.size());
    result.resize(parallelCount * byteWidth(resultType));
  }

  Status runElementwise();
  /// Strips of results, each combined over all reduction positions.
  Status runAlongResult(const Combiner &combiner);
  /// One result after another, each combined over strips of reduction positions.
  Status runAlongReduction(const Combiner &combiner);

  TensorValue take() { return TensorValue::of(resultType, nest.parallel, std::move(result)); }

private:
  PointRange parallelRange(int64_t begin, int64_t count) const { return {nest.parallel, 0, begin, count}; }
  PointRange reduceRange(int64_t begin, int64_t count) const {
    return {nest.reduce, static_cast<unsigned>(nest.parallel.size()), begin, count};
  }
  void startStrip(const PointRange &range);
  Status runStrip(const PointRange &range);
  Status combineStrip(const PointRange &range, const Combiner &combiner, Accumulator &accumulator, bool inSequence);
  void store(int64_t begin, const std::byte *values, int64_t count);
  void storeResult(int64_t begin, const Combiner &combiner, const Accumulator &accumulator, int64_t count);

  const Nest &nest;
  ScalarBody body;
  int64_t parallelCount, reduceCount;
  std::vector<int64_t> point; ///< Outer position, and the first one of the strip.
  DType resultType;
  std::vector<StripAddress> addresses;
  std::vector<std::byte> result;
};
} // namespace

void NestRunner::startStrip(const PointRange &range) {
  range.moveToFirst(point);
  for (StripAddress &address : addresses)
    address.startStrip(range, point);
}

Status NestRunner::runStrip(const PointRange &range) {
  for (auto [address, argument] : llvm::zip(addresses, nest.body->getArguments()))
    HEDDLE_RETURN_IF_ERROR(address.load(point, *stripTypeOf(argument.getType()), body.strip(argument)));
  if (!body.coordinates().empty()) {
    std::vector<int64_t> at = point;
    range.forEach(at, [&](int64_t index) {
      for (const ScalarBody::Coordinate &coordinate : body.coordinates())
        coordinate.strip[index] = at[coordinate.dim];
    });
  }
  return body.run(range.count);
}

void NestRunner::store(int64_t begin, const std::byte *values, int64_t count) {
  int64_t width = byteWidth(resultType);
  DType computed = *stripTypeOf(nest.yielded.back().getType());
  std::byte *target = result.data() + begin * width;
  if (isFloat(resultType) && computed != resultType)
    convertElements(computed, values, resultType, target, count);
  else
    std::memcpy(target, values, count * width);
}

void NestRunner::storeResult(int64_t begin, const Combiner &combiner, const Accumulator &accumulator, int64_t count) {
  const void *values = accumulator.values.data();
  if (combiner.isArg())
    values = accumulator.indices.data();
  store(begin, static_cast<const std::byte *>(values), count);
}

Status NestRunner::combineStrip(const PointRange &range, const Combiner &combiner, Accumulator &accumulator,
                                bool inSequence) {
  HEDDLE_RETURN_IF_ERROR(runStrip(range));
  const std::byte *values = body.strip(nest.yielded[0]);
  const auto *indices = combiner.isArg() ? reinterpret_cast<const int64_t *>(body.strip(nest.yielded.back())) : nullptr;
  if (!inSequence) {
    combiner.combine(accumulator, values, indices, range.count);
    return Status::ok();
  }
  for (int64_t i = 0; i < range.count; ++i)
    combiner.combine(accumulator, values + i * combiner.width(), indices ? indices + i : nullptr, 1);
  return Status::ok();
}

Status NestRunner::runElementwise() {
  for (int64_t begin = 0; begin < parallelCount; begin += maxStrip) {
    PointRange range = parallelRange(begin, std::min(maxStrip, parallelCount - begin));
    startStrip(range);
    HEDDLE_RETURN_IF_ERROR(runStrip(range));
    store(begin, body.strip(nest.yielded[0]), range.count);
  }
  return Status::ok();
}

Status NestRunner::runAlongResult(const Combiner &combiner) {
  for (int64_t begin = 0; begin < parallelCount; begin += maxStrip) {
    PointRange range = parallelRange(begin, std::min(maxStrip, parallelCount - begin));
    std::fill(point.begin() + nest.parallel.size(), point.end(), 0);
    startStrip(range);
    Accumulator accumulator = combiner.start(range.count);
    Status status;
    reduceRange(0, reduceCount).forEach(point, [&](int64_t) {
      if (status)
        status = combineStrip(range, combiner, accumulator, /*inSequence=*/false);
    });
    HEDDLE_RETURN_IF_ERROR(status);
    storeResult(begin, combiner, accumulator, range.count);
  }
  return Status::ok();
}

Status NestRunner::runAlongReduction(const Combiner &combiner) {
  for (int64_t element = 0; element < parallelCount; ++element) {
    parallelRange(element, 1).moveToFirst(point);
    Accumulator accumulator = combiner.start(1);
    for (int64_t begin = 0; begin < reduceCount; begin += maxStrip) {
      PointRange range = reduceRange(begin, std::min(maxStrip, reduceCount - begin));
      startStrip(range);
      HEDDLE_RETURN_IF_ERROR(combineStrip(range, combiner, accumulator, /*inSequence=*/true));
    }
    storeResult(element, combiner, accumulator, 1);
  }
  return Status::ok();
}

Result<TensorValue> heddle::runNest(const Nest &nest, const SymbolValues &symbols, TensorLookup lookup) {
  Result<int64_t> parallelCount = checkedCount(nest.parallel), reduceCount = checkedCount(nest.reduce);
  if (!parallelCount || !reduceCount)
    return parallelCount ? reduceCount.status() : parallelCount.status();
  int64_t capacity = std::clamp<int64_t>(std::max(*parallelCount, *reduceCount), 1, maxStrip);
  Result<ScalarBody> body = ScalarBody::prepare(*nest.body, capacity, lookup);
  if (!body)
    return body.status();
  NestRunner runner(nest, std::move(*body));
  if (nest.combiner == "none") {
    HEDDLE_RETURN_IF_ERROR(runner.runElementwise());
    return runner.take();
  }
  Result<Combiner> combiner = Combiner::of(nest);
  if (!combiner)
    return combiner.status();
  if (combiner->isArg() && *reduceCount == 0 && *parallelCount > 0)
    return Status(Code::Malformed,
                  "the position of the " + nest.combiner.drop_front(4).str() + " of no elements is asked for");
  bool alongReduction = *reduceCount > *parallelCount;
  HEDDLE_RETURN_IF_ERROR(alongReduction ? runner.runAlongReduction(*combiner) : runner.runAlongResult(*combiner));
  return runner.take();
}
