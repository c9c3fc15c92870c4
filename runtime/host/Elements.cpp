// Implements loads, stores and walks over strided tensors.
#include "runtime/host/Elements.h"

#include "runtime/format/ScalarMath.h"

#include <cassert>
#include <cstring>

namespace heddle::host {
namespace {

template <typename T> T read(const View &view, int64_t offset) {
  T value;
  std::memcpy(&value, static_cast<const std::byte *>(view.data) + offset * int64_t(sizeof(T)), sizeof(T));
  return value;
}

template <typename T> void write(const View &view, int64_t offset, T value) {
  std::memcpy(static_cast<std::byte *>(view.data) + offset * int64_t(sizeof(T)), &value, sizeof(T));
}

template <typename Format> double decode(uint32_t code) { return scalar::decodeSmallFloat<Format>(0.0f, code); }

/// One rounding from f64, through an f32 that keeps what the second rounding needs to know.
template <typename Format> uint32_t encode(double value) {
  return uint32_t(scalar::encodeSmallFloat<Format>(scalar::narrowToOdd(value), /*saturate=*/false));
}

template <typename Attr> const Attr *find(const HostAttrs &attrs, std::string_view name) {
  auto position = attrs.find(name);
  return position == attrs.end() ? nullptr : std::get_if<Attr>(&position->second);
}

} // namespace

template <> double load<double>(const View &view, int64_t offset) {
  switch (view.type) {
  case DType::F64:
    return read<double>(view, offset);
  case DType::F32:
    return read<float>(view, offset);
  case DType::F16:
    return decode<scalar::F16>(read<uint16_t>(view, offset));
  case DType::BF16:
    return decode<scalar::BF16>(read<uint16_t>(view, offset));
  case DType::F8E4M3FN:
    return decode<scalar::F8E4M3FN>(read<uint8_t>(view, offset));
  case DType::F8E4M3FNUZ:
    return decode<scalar::F8E4M3FNUZ>(read<uint8_t>(view, offset));
  case DType::F8E5M2:
    return decode<scalar::F8E5M2>(read<uint8_t>(view, offset));
  case DType::F8E5M2FNUZ:
    return decode<scalar::F8E5M2FNUZ>(read<uint8_t>(view, offset));
  case DType::F8E8M0:
    return scalar::decodePowerOfTwo(0.0f, uint32_t(read<uint8_t>(view, offset)));
  case DType::F4E2M1:
    return decode<scalar::F4E2M1>(read<uint8_t>(view, offset));
  default:
    assert(false && "a float is read from another type");
    return 0;
  }
}

template <> int64_t load<int64_t>(const View &view, int64_t offset) {
  switch (view.type) {
  case DType::I64:
    return read<int64_t>(view, offset);
  case DType::I32:
    return read<int32_t>(view, offset);
  case DType::I16:
    return read<int16_t>(view, offset);
  case DType::Bool:
    return read<uint8_t>(view, offset);
  default:
    assert(byteWidth(view.type) == 1 && "a signed integer is read from another type");
    return read<int8_t>(view, offset);
  }
}

template <> uint64_t load<uint64_t>(const View &view, int64_t offset) {
  switch (view.type) {
  case DType::U64:
    return read<uint64_t>(view, offset);
  case DType::U32:
    return read<uint32_t>(view, offset);
  case DType::U16:
    return read<uint16_t>(view, offset);
  default:
    assert(byteWidth(view.type) == 1 && "an unsigned integer is read from another type");
    return read<uint8_t>(view, offset);
  }
}

template <> std::string load<std::string>(const View &view, int64_t offset) {
  return static_cast<const std::string *>(view.data)[offset];
}

void store(const View &view, int64_t offset, double value) {
  switch (view.type) {
  case DType::F64:
    return write(view, offset, value);
  case DType::F32:
    return write(view, offset, float(value));
  case DType::F16:
    return write(view, offset, uint16_t(encode<scalar::F16>(value)));
  case DType::BF16:
    return write(view, offset, uint16_t(encode<scalar::BF16>(value)));
  default:
    assert(false && "a float is stored in another type");
  }
}

void store(const View &view, int64_t offset, int64_t value) { store(view, offset, uint64_t(value)); }

void store(const View &view, int64_t offset, uint64_t value) {
  switch (byteWidth(view.type)) {
  case 8:
    return write(view, offset, value);
  case 4:
    return write(view, offset, uint32_t(value));
  case 2:
    return write(view, offset, uint16_t(value));
  default:
    return write(view, offset, uint8_t(value));
  }
}

void store(const View &view, int64_t offset, std::string value) {
  static_cast<std::string *>(view.data)[offset] = std::move(value);
}

void copyElement(const View &from, int64_t fromOffset, const View &to, int64_t toOffset) {
  assert(from.type == to.type && "elements are copied between equal types");
  if (from.type == DType::String)
    return store(to, toOffset, load<std::string>(from, fromOffset));
  int64_t width = byteWidth(from.type);
  std::memcpy(static_cast<std::byte *>(to.data) + toOffset * width,
              static_cast<const std::byte *>(from.data) + fromOffset * width, size_t(width));
}

std::vector<int64_t> rowMajorOffsets(const View &view) {
  std::vector<int64_t> offsets = {0};
  for (size_t dim = 0; dim < view.shape.size(); ++dim) {
    std::vector<int64_t> finer;
    finer.reserve(offsets.size() * size_t(view.shape[dim]));
    for (int64_t offset : offsets)
      for (int64_t index = 0; index < view.shape[dim]; ++index)
        finer.push_back(offset + index * view.strides[dim]);
    offsets = std::move(finer);
  }
  return offsets;
}

View sliceAt(const View &view, size_t axis, int64_t index) {
  View slice = view;
  int64_t width = view.type == DType::String ? int64_t(sizeof(std::string)) : byteWidth(view.type);
  slice.data = static_cast<std::byte *>(view.data) + index * view.strides[axis] * width;
  slice.shape.erase(slice.shape.begin() + std::ptrdiff_t(axis));
  slice.strides.erase(slice.strides.begin() + std::ptrdiff_t(axis));
  return slice;
}

Result<size_t> axisOf(int64_t axis, size_t rank) {
  int64_t dims = int64_t(rank);
  if (axis < -dims || axis >= dims)
    return Status(Code::Malformed, "axis is " + std::to_string(axis) + ", expected a value in [" +
                                       std::to_string(-dims) + ", " + std::to_string(dims) + ")");
  return size_t(axis < 0 ? axis + dims : axis);
}

Result<int64_t> scalarOf(const View &view, const std::string &what) {
  bool isInteger = isSignedInteger(view.type) || isUnsignedInteger(view.type) || view.type == DType::Bool;
  if (!isInteger || view.elementCount() != 1)
    return Status(Code::Malformed, what + " has " + std::to_string(view.elementCount()) + " elements of " +
                                       std::string(nameOf(view.type)) + ", expected one integer");
  return isUnsignedInteger(view.type) ? int64_t(load<uint64_t>(view, 0)) : load<int64_t>(view, 0);
}

int64_t intAttr(const HostAttrs &attrs, std::string_view name, int64_t otherwise) {
  const int64_t *value = find<int64_t>(attrs, name);
  return value ? *value : otherwise;
}

std::string stringAttr(const HostAttrs &attrs, std::string_view name, std::string otherwise) {
  const std::string *value = find<std::string>(attrs, name);
  return value ? *value : otherwise;
}

std::vector<int64_t> intsAttr(const HostAttrs &attrs, std::string_view name) {
  const std::vector<int64_t> *value = find<std::vector<int64_t>>(attrs, name);
  return value ? *value : std::vector<int64_t>();
}

std::vector<double> floatsAttr(const HostAttrs &attrs, std::string_view name) {
  const std::vector<double> *value = find<std::vector<double>>(attrs, name);
  return value ? *value : std::vector<double>();
}

Status needInputs(std::span<const View> inputs, size_t count) {
  if (inputs.size() >= count)
    return Status::ok();
  return Status(Code::Malformed,
                "got " + std::to_string(inputs.size()) + " inputs, expected at least " + std::to_string(count));
}

} // namespace heddle::host
