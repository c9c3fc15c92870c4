// Breaks lines of emitted text that are too long to read.
#ifndef HEDDLE_CODEGEN_CUDA_LINEWRAP_H
#define HEDDLE_CODEGEN_CUDA_LINEWRAP_H

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace heddle::cuda {

/// Columns of a line of emitted text.
constexpr size_t maxLineLength = 120;

/// A statement indented by `indent` columns, in lines of at most maxLineLength columns: broken where it binds weakest,
/// the rest indented by four more. A piece that cannot be broken stays whole.
std::vector<std::string> wrapStatement(llvm::StringRef statement, size_t indent);

/// A comment `// first ...`, broken at spaces; lines after the first begin with `//` and `indent` blanks.
std::string wrapComment(llvm::StringRef comment, size_t indent);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_LINEWRAP_H
