// Execution of weight transforms.
#include "runtime/format/ElementConvert.h"
#include "runtime/format/StridedCopy.h"
#include "runtime/format/View.h"
#include "runtime/format/WeightTransform.h"

#include <algorithm>
#include <memory>

namespace heddle {

namespace {

/// The state between steps: a strided view of the source, of a temporary copy or of the target.
class Executor {
public:
  Executor(const DenseTensor &source, const WeightLookup &lookup, std::span<std::byte> target)
      : type(source.type), data(source.bytes.data()), strides(stridesOf(source)), lookup(lookup), target(target) {}

  /// \param result the type after the step. The last step that writes may use the target's memory.
  void execute(const weight::Step &step, const DenseType &result, bool isLast) {
    mayUseTarget = isLast;
    std::visit([&](const auto &alternative) { run(alternative, result); }, step);
    type = result;
  }

  void finish() {
    if (data != target.data() && !target.empty())
      stridedCopy(target.data(), rowMajorStrides(type.shape), data, strides, type.shape, width());
  }

private:
  /// A source that holds a single element repeats it.
  static std::vector<int64_t> stridesOf(const DenseTensor &tensor) {
    bool isSplat = static_cast<int64_t>(tensor.bytes.size()) == byteWidth(tensor.type.type);
    return isSplat ? std::vector<int64_t>(tensor.type.shape.size(), 0) : rowMajorStrides(tensor.type.shape);
  }

  int64_t width() const { return byteWidth(type.type); }
  static int64_t countOf(const DenseType &type) { return View{nullptr, type.type, type.shape, {}}.elementCount(); }
  bool isSplat() const {
    return std::all_of(strides.begin(), strides.end(), [](int64_t s) { return s == 0; });
  }
  bool isDense() const { return strides == rowMajorStrides(type.shape); }

  /// Memory for the dense result of a step. The current data stay readable until `moveTo`.
  std::byte *allocate(const DenseType &result) {
    if (mayUseTarget)
      return target.data();
    next = std::make_unique_for_overwrite<std::byte[]>(static_cast<size_t>(countOf(result) * byteWidth(result.type)));
    return next.get();
  }

  void moveTo(std::byte *result, std::vector<int64_t> resultStrides) {
    data = result;
    strides = std::move(resultStrides);
    current = std::move(next);
  }

  void run(const weight::Cast &, const DenseType &result) {
    if (isSplat()) {
      // One element converted is all of them.
      mayUseTarget = false;
      std::byte *out = allocate({result.type, {}});
      convertElements(type.type, data, result.type, out, 1);
      return moveTo(out, strides);
    }
    std::byte *out = allocate(result);
    if (isDense())
      convertElements(type.type, data, result.type, out, countOf(type));
    else
      castRows(result.type, out);
    moveTo(out, rowMajorStrides(type.shape));
  }

  /// Converts a strided view, which has a dimension at least, through a dense copy of one row at a time.
  void castRows(DType to, std::byte *out) {
    std::vector<int64_t> rowShape(type.shape.begin() + 1, type.shape.end());
    std::vector<int64_t> rowStrides(strides.begin() + 1, strides.end()), denseStrides = rowMajorStrides(rowShape);
    int64_t rowElements = countOf({type.type, rowShape});
    std::vector<std::byte> row(static_cast<size_t>(rowElements * width()));
    for (int64_t i = 0; i < type.shape[0]; ++i) {
      stridedCopy(row.data(), denseStrides, data + i * strides[0] * width(), rowStrides, rowShape, width());
      convertElements(type.type, row.data(), to, out + i * rowElements * byteWidth(to), rowElements);
    }
  }

  void run(const weight::Permute &step, const DenseType &) {
    std::vector<int64_t> permuted;
    for (int64_t dim : step.order)
      permuted.push_back(strides[static_cast<size_t>(dim)]);
    strides = std::move(permuted);
  }

  void run(const weight::Reshape &, const DenseType &result) {
    if (isSplat())
      return strides.assign(result.shape.size(), 0);
    if (!isDense()) {
      std::byte *out = allocate(type);
      stridedCopy(out, rowMajorStrides(type.shape), data, strides, type.shape, width());
      moveTo(out, {});
    }
    strides = rowMajorStrides(result.shape);
  }

  void run(const weight::Slice &step, const DenseType &) {
    for (size_t dim = 0; dim < strides.size(); ++dim) {
      if (step.sizes[dim] > 0)
        data += step.starts[dim] * strides[dim] * width();
      strides[dim] *= step.steps[dim];
    }
  }

  /// Copies a strided array into the dense result, at `offsets`.
  void copyInto(std::byte *out, const DenseType &result, const std::vector<int64_t> &offsets, const std::byte *source,
                const std::vector<int64_t> &sourceStrides, const std::vector<int64_t> &shape) {
    std::vector<int64_t> outStrides = rowMajorStrides(result.shape);
    for (size_t dim = 0; dim < offsets.size(); ++dim)
      out += offsets[dim] * outStrides[dim] * width();
    stridedCopy(out, outStrides, source, sourceStrides, shape, width());
  }

  void run(const weight::Concat &step, const DenseType &result) {
    DenseTensor other = *lookup(step.digest);
    std::byte *out = allocate(result);
    std::vector<int64_t> offsets(type.shape.size(), 0);
    copyInto(out, result, offsets, data, strides, type.shape);
    offsets[static_cast<size_t>(step.axis)] = type.shape[static_cast<size_t>(step.axis)];
    copyInto(out, result, offsets, other.bytes.data(), stridesOf(other), other.type.shape);
    moveTo(out, rowMajorStrides(result.shape));
  }

  void run(const weight::Pad &step, const DenseType &result) {
    std::byte *out = allocate(result);
    std::byte value[8];
    convertElements(DType::F64, reinterpret_cast<const std::byte *>(&step.value), type.type, value, 1);
    std::vector<int64_t> outStrides = rowMajorStrides(result.shape);
    stridedCopy(out, outStrides, value, std::vector<int64_t>(outStrides.size(), 0), result.shape, width());
    copyInto(out, result, step.low, data, strides, type.shape);
    moveTo(out, std::move(outStrides));
  }

  /// Multiplies a run of elements in `Wide`, where the product of two of them is exact or rounded once.
  template <class Wide> static void multiplyRun(DType type, std::byte *run, int64_t count, const std::byte *factor) {
    constexpr DType wideType = sizeof(Wide) == 8 ? DType::F64 : DType::F32;
    constexpr int64_t strip = 256;
    Wide scale, values[strip];
    convertElements(type, factor, wideType, reinterpret_cast<std::byte *>(&scale), 1);
    for (int64_t done = 0; done < count; done += strip) {
      int64_t length = std::min(strip, count - done);
      std::byte *elements = run + done * byteWidth(type);
      convertElements(type, elements, wideType, reinterpret_cast<std::byte *>(values), length);
      for (int64_t i = 0; i < length; ++i)
        values[i] *= scale;
      convertElements(wideType, reinterpret_cast<const std::byte *>(values), type, elements, length);
    }
  }

  void run(const weight::Scale &step, const DenseType &result) {
    DenseTensor factors = *lookup(step.digest);
    int64_t factorStride = stridesOf(factors)[0];
    std::byte *out = allocate(result);
    stridedCopy(out, rowMajorStrides(type.shape), data, strides, type.shape, width());
    auto axis = static_cast<size_t>(step.axis);
    int64_t slices = type.shape[axis], inner = rowMajorStrides(type.shape)[axis];
    auto multiply = type.type == DType::F64 ? multiplyRun<double> : multiplyRun<float>;
    for (int64_t run = 0, runs = inner == 0 ? 0 : countOf(type) / inner; run < runs; ++run)
      multiply(type.type, out + run * inner * width(), inner,
               factors.bytes.data() + run % slices * factorStride * width());
    moveTo(out, rowMajorStrides(type.shape));
  }

  /// One side of a matrix cut into blocks: the full ones, and what is left.
  struct Cut {
    int64_t firstBlock, blocks, perBlock;
  };
  static std::vector<Cut> cutsOf(int64_t size, int64_t block) {
    std::vector<Cut> cuts;
    if (size / block > 0)
      cuts.push_back({0, size / block, block});
    if (size % block > 0)
      cuts.push_back({size / block, 1, size % block});
    return cuts;
  }

  void run(const weight::Pack &step, const DenseType &result) {
    auto [nr, kr] = step.layout;
    int64_t k = type.shape[0], n = type.shape[1], kStride = strides[0], nStride = strides[1];
    std::byte *out = allocate(result);
    if (n % nr != 0 || k % kr != 0)
      std::fill_n(out, countOf(result) * width(), std::byte{0});
    int64_t panel = result.shape[1] * nr * kr;
    for (const Cut &columns : cutsOf(n, nr))
      for (const Cut &rows : cutsOf(k, kr))
        stridedCopy(out + (columns.firstBlock * panel + rows.firstBlock * nr * kr) * width(), {panel, nr * kr, kr, 1},
                    data + (columns.firstBlock * nr * nStride + rows.firstBlock * kr * kStride) * width(),
                    {nr * nStride, kr * kStride, nStride, kStride},
                    {columns.blocks, rows.blocks, columns.perBlock, rows.perBlock}, width());
    moveTo(out, rowMajorStrides(result.shape));
  }

  DenseType type;
  const std::byte *data;
  std::vector<int64_t> strides;
  const WeightLookup &lookup;
  std::span<std::byte> target;
  std::unique_ptr<std::byte[]> current, next; ///< What `data` points to if it is a temporary copy, and its successor.
  bool mayUseTarget = false;
};

Status checkBytes(const DenseTensor &tensor, const std::string &name) {
  Result<int64_t> bytes = denseBytes(tensor.type);
  if (!bytes)
    return bytes.status();
  auto size = static_cast<int64_t>(tensor.bytes.size());
  if (size == *bytes || (size == byteWidth(tensor.type.type) && *bytes > 0))
    return Status::ok();
  return Status(Code::Malformed, name + " has " + std::to_string(size) + " bytes, expected " + std::to_string(*bytes));
}

std::string_view digestIn(const weight::Step &step) {
  if (const auto *concat = std::get_if<weight::Concat>(&step))
    return concat->digest;
  if (const auto *scale = std::get_if<weight::Scale>(&step))
    return scale->digest;
  return {};
}

} // namespace

Status applyTransform(const DenseTensor &source, const WeightTransform &transform, const WeightLookup &lookup,
                      std::span<std::byte> target) {
  HEDDLE_RETURN_IF_ERROR(checkBytes(source, "the weight"));
  std::vector<DenseType> types;
  DenseType type = source.type;
  for (const weight::Step &step : transform) {
    Result<DenseType> next = transformedType(type, {step}, lookup);
    if (!next)
      return next.status();
    if (std::string_view digest = digestIn(step); !digest.empty())
      HEDDLE_RETURN_IF_ERROR(checkBytes(*lookup(digest), "weight " + std::string(digest)));
    types.push_back(type = *next);
  }
  assert(static_cast<int64_t>(target.size()) == *denseBytes(type) && "the target has the size of the transformed type");
  if (target.empty())
    return Status::ok();
  Executor executor(source, lookup, target);
  for (size_t i = 0; i < transform.size(); ++i)
    executor.execute(transform[i], types[i], i + 1 == transform.size());
  executor.finish();
  return Status::ok();
}

} // namespace heddle
