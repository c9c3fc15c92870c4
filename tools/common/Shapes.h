// Shapes and values on the command line: `--shapes x:1x3x224x224` and `--input x=1x3xf32=0.5`.
#ifndef HEDDLE_TOOLS_COMMON_SHAPES_H
#define HEDDLE_TOOLS_COMMON_SHAPES_H

#include "runtime/format/Expr.h"
#include "tools/io/Tensor.h"

namespace heddle {

/// Parses `NAME:2x3,NAME:` (split at the last colon of each part; no sizes mean rank 0). Code::Malformed names the
/// part.
Result<std::map<std::string, Shape, std::less<>>> parseShapes(std::string_view text);
/// Parses `NAME=@FILE.npy` or `NAME=2x3xf32=0.5` (split at the first equals sign).
Result<NamedTensor> parseInput(std::string_view text);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_SHAPES_H
