// Implements what host steps have in common.
#include "ir/reference/HostSteps.h"
#include "ir/HostAttributes.h"
#include "ir/Shapes.h"
#include "runtime/host/Registry.h"

using namespace mlir;
using namespace heddle;

using Values = std::vector<TensorValue>;

namespace {
/// Memory for the results of one host call.
class CallResults final : public HostOutputs {
public:
  explicit CallResults(TypeRange types) : types(types), values(types.size()) {}

  Result<View> allocate(size_t index, std::vector<int64_t> shape) override {
    std::optional<DType> type = index < types.size() ? dtypeOf(types[index]) : DType::I64;
    Result<int64_t> count = checkedCount(shape);
    if (!type || !count)
      return type ? count.status() : Status(Code::Unsupported, "strings are not evaluated");
    auto storage = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(*count * byteWidth(*type)));
    View view{storage->data(), *type, shape, rowMajorStrides(shape)};
    TensorValue value{*type, std::move(shape), *storage, storage};
    if (index < values.size())
      values[index] = std::move(value);
    else
      unwanted.push_back(std::move(value));
    return view;
  }

  Values take() { return std::move(values); }

private:
  TypeRange types;
  Values values, unwanted;
};
} // namespace

/// Host functions want elements at addresses that their type allows; weights lie in the model file as they fall.
static TensorValue alignedValue(const TensorValue &value) {
  int64_t width = byteWidth(value.type);
  if (width == 0 || reinterpret_cast<uintptr_t>(value.bytes.data()) % width == 0)
    return value;
  return TensorValue::of(value.type, value.shape, {value.bytes.begin(), value.bytes.end()});
}

Result<Values> heddle::callHostFunction(StringRef name, int64_t version, DictionaryAttr attributes,
                                        ArrayRef<TensorValue> operands, TypeRange types) {
  HostFunction function = findHostFunction(name, version);
  if (!function)
    return Status(Code::Unsupported, "there is no host function '" + name.str() + "'");
  std::vector<View> inputs;
  Values aligned;
  for (const TensorValue &operand : operands) {
    aligned.push_back(alignedValue(operand));
    inputs.push_back({const_cast<std::byte *>(aligned.back().bytes.data()), operand.type, operand.shape,
                      rowMajorStrides(operand.shape)});
  }
  CallResults results(types);
  HEDDLE_RETURN_IF_ERROR(function(hostAttributes(attributes), inputs, results));
  return results.take();
}

Result<TensorValue> heddle::stackOf(ArrayRef<TensorValue> parts, Type type, const SymbolValues &symbols) {
  std::vector<int64_t> shape{static_cast<int64_t>(parts.size())};
  std::vector<std::byte> bytes;
  if (!parts.empty())
    llvm::append_range(shape, parts.front().shape);
  for (const Expr &size : llvm::drop_begin(shapeOf(type))) {
    Result<int64_t> value = size.evaluate(symbols);
    if (parts.empty())
      shape.push_back(value ? *value : 0);
  }
  for (const TensorValue &part : parts) {
    if (part.shape != parts.front().shape)
      return Status(Code::Malformed, "stacks values of different shapes");
    bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
  }
  return TensorValue::of(*dtypeOf(type), std::move(shape), std::move(bytes));
}

int64_t heddle::integerElement(const TensorValue &tensor, int64_t position) {
  int64_t width = byteWidth(tensor.type), unused = 64 - 8 * width, value = 0;
  std::memcpy(&value, tensor.element(position), width);
  return isSignedInteger(tensor.type) ? value << unused >> unused : value;
}

TensorValue heddle::integerScalar(int64_t value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return TensorValue::of(DType::I64, {}, std::move(bytes));
}
