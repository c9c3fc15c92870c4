// NumPy's .npy files, versions 1 to 3, without NumPy.
#ifndef HEDDLE_TOOLS_IO_NPY_H
#define HEDDLE_TOOLS_IO_NPY_H

#include "tools/io/ByteSource.h"
#include "tools/io/Tensor.h"

namespace heddle {

/// Reads one array that takes all of `source`. Fortran order is transposed to row-major, big-endian elements are
/// swapped. NumPy's structured `V1` and `V2` (how ml_dtypes' types are saved) are read as u8 and u16.
/// Code::Malformed for a broken file, Code::Unsupported for element types that .npy cannot carry into Heddle (strings,
/// complex numbers, objects, dates), Code::OverLimit beyond `limits`.
/// \param name what messages call the array.
/// Source: NumPy enhancement proposal 1 and numpy/lib/format.py.
Result<Tensor> readNpy(ByteSource &source, const std::string &name, const ReadLimits &limits = {});
Result<Tensor> readNpyFile(const std::string &path, const ReadLimits &limits = {});

/// The bytes before the elements: magic, version 1.0, the header padded to 64 bytes.
/// bf16, 8-bit and 4-bit floats and 4-bit integers have no NumPy type: they are written as unsigned (i4: signed)
/// integers, and a program should tell its user so (see storesRawIntegers).
std::string npyHeader(const Tensor &tensor);
/// True if .npy has no such type and holds the bits as integers.
bool storesRawIntegers(DType type);
/// Writes a file as a whole or not at all. Code::Unsupported for strings.
Status writeNpyFile(const std::string &path, const Tensor &tensor);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_NPY_H
