// Reads and writes .npy arrays.
#include "tools/io/Npy.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/format/OutputFile.h"
#include "tools/io/NpyHeader.h"
#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace heddle {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr size_t headerLimit = 65536; // version 1 cannot be longer, and no shape of at most 64 dimensions needs more

Status located(const std::string &name, const Status &status) {
  return {status.code(), "'" + name + "': " + status.message()};
}

Status broken(const std::string &what) { return {Code::Malformed, what}; }

/// Reads magic, version and length, then the header's text.
Status readHeaderText(ByteSource &source, std::string &text) {
  std::array<unsigned char, 12> start{};
  if (source.remaining() < 10)
    return broken("too short for a .npy file");
  HEDDLE_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(start).first(10))));
  if (std::memcmp(start.data(), magic.data(), magic.size()) != 0)
    return broken("not a .npy file");
  const unsigned major = start[6];
  if (major < 1 || major > 3 || start[7] != 0)
    return broken("version " + std::to_string(major) + "." + std::to_string(start[7]) + " is not one of 1.0, 2.0, 3.0");
  uint64_t length = start[8] | unsigned(start[9]) << 8;
  if (major > 1) {
    if (source.remaining() < 2)
      return broken("too short for a .npy file");
    HEDDLE_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(start).subspan(10))));
    length |= uint64_t(start[10]) << 16 | uint64_t(start[11]) << 24;
  }
  if (length > headerLimit || length > source.remaining())
    return broken("header of " + std::to_string(length) + " bytes is too long");
  text.resize(length);
  return source.read(std::as_writable_bytes(std::span(text.data(), text.size())));
}

void swapBytes(std::span<std::byte> bytes, int64_t width) {
  for (size_t i = 0; i < bytes.size(); i += width)
    std::reverse(bytes.begin() + i, bytes.begin() + i + width);
}

/// Copies a column-major tensor into a row-major one of the same shape.
void fromFortranOrder(const Tensor &source, Tensor &target) {
  const size_t width = byteWidth(source.type()), rank = source.shape().size();
  std::vector<int64_t> stride(rank, 1), index(rank, 0);
  for (size_t dim = 1; dim < rank; ++dim)
    stride[dim] = stride[dim - 1] * source.shape()[dim - 1];
  int64_t from = 0;
  for (int64_t to = 0; to < source.elementCount(); ++to) {
    std::memcpy(target.bytes().data() + to * width, source.bytes().data() + from * width, width);
    for (size_t dim = rank; dim-- > 0;) {
      from += stride[dim];
      if (++index[dim] < source.shape()[dim])
        break;
      from -= stride[dim] * index[dim];
      index[dim] = 0;
    }
  }
}

Result<Tensor> readUnlocated(ByteSource &source, const ReadLimits &limits) {
  std::string text;
  HEDDLE_RETURN_IF_ERROR(readHeaderText(source, text));
  Result<NpyHeader> header = parseNpyHeader(text);
  if (!header)
    return header.status();
  const std::optional<int64_t> elements = checkedElementCount(header->shape);
  const int64_t width = byteWidth(header->type);
  const std::optional<int64_t> size = elements ? checkedMul(*elements, width) : std::nullopt;
  if (!size || static_cast<uint64_t>(*size) != source.remaining())
    return broken("holds " + std::to_string(source.remaining()) + " bytes of elements, expected " +
                  (size ? std::to_string(*size) : "fewer than 2^63") + " for " + describe(header->type, header->shape));
  Result<Tensor> tensor = Tensor::allocate(header->type, header->shape, limits);
  if (!tensor)
    return tensor;
  HEDDLE_RETURN_IF_ERROR(source.read(tensor->bytes()));
  if (header->bigEndian)
    swapBytes(tensor->bytes(), width);
  if (header->type == DType::Bool)
    for (std::byte &element : tensor->bytes())
      element = std::byte(element != std::byte(0));
  if (!header->fortranOrder || header->shape.size() < 2)
    return tensor;
  Result<Tensor> rowMajor = Tensor::allocate(header->type, header->shape, limits);
  if (rowMajor)
    fromFortranOrder(*tensor, *rowMajor);
  return rowMajor;
}

std::string_view descrOf(DType type) {
  switch (type) {
  case DType::F64:
    return "<f8";
  case DType::F32:
    return "<f4";
  case DType::F16:
    return "<f2";
  case DType::I64:
    return "<i8";
  case DType::I32:
    return "<i4";
  case DType::I16:
    return "<i2";
  case DType::I8:
  case DType::I4:
    return "|i1";
  case DType::U64:
    return "<u8";
  case DType::U32:
    return "<u4";
  case DType::U16:
  case DType::BF16:
    return "<u2";
  case DType::Bool:
    return "|b1";
  default:
    return "|u1";
  }
}

} // namespace

Result<Tensor> readNpy(ByteSource &source, const std::string &name, const ReadLimits &limits) {
  Result<Tensor> tensor = readUnlocated(source, limits);
  if (!tensor)
    return located(name, tensor.status());
  return tensor;
}

Result<Tensor> readNpyFile(const std::string &path, const ReadLimits &limits) {
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return file.status();
  FileSource source(*file);
  return readNpy(source, path, limits);
}

bool storesRawIntegers(DType type) {
  return (isFloat(type) && type != DType::F64 && type != DType::F32 && type != DType::F16) || type == DType::I4 ||
         type == DType::U4;
}

std::string npyHeader(const Tensor &tensor) {
  assert(tensor.type() != DType::String && "strings have no .npy form");
  std::string text = "{'descr': '";
  text += descrOf(tensor.type());
  text += "', 'fortran_order': False, 'shape': (";
  for (size_t dim = 0; dim < tensor.shape().size(); ++dim)
    text += (dim ? ", " : "") + std::to_string(tensor.shape()[dim]);
  text += tensor.shape().size() == 1 ? ",), }" : "), }";
  const size_t begin = magic.size() + 4;
  const size_t padded = (begin + text.size() + 1 + 63) / 64 * 64;
  text.append(padded - begin - text.size() - 1, ' ');
  text += '\n';
  std::string header(magic);
  header += {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

Status writeNpyFile(const std::string &path, const Tensor &tensor) {
  if (tensor.type() == DType::String)
    return {Code::Unsupported, "cannot write '" + path + "': .npy has no strings, use .pb"};
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.status();
  HEDDLE_RETURN_IF_ERROR(file->write(npyHeader(tensor)));
  HEDDLE_RETURN_IF_ERROR(file->write(tensor.bytes()));
  return file->commit();
}

} // namespace heddle
