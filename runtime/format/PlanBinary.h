// A Program's tables as bytes: everything but the bytes of code and weights.
#ifndef HEDDLE_RUNTIME_FORMAT_PLANBINARY_H
#define HEDDLE_RUNTIME_FORMAT_PLANBINARY_H

#include "runtime/format/Plan.h"
#include <span>

namespace heddle {

/// Equal programs give equal bytes. CodeObject::bytes are left out.
std::vector<std::byte> encodeProgram(const Program &program);

/// The program of any bytes whatever: Code::BadArtifact says what is wrong with them. A program that is returned has
/// passed verifyProgram. CodeObject::bytes are empty.
Result<Program> decodeProgram(std::span<const std::byte> bytes);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_PLANBINARY_H
