// The dictionary at the head of a .npy file.
#ifndef HEDDLE_TOOLS_IO_NPYHEADER_H
#define HEDDLE_TOOLS_IO_NPYHEADER_H

#include "runtime/format/DType.h"
#include "runtime/format/Status.h"
#include <string_view>
#include <vector>

namespace heddle {

struct NpyHeader {
  DType type = DType::F32;
  bool bigEndian = false;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`: these three keys, once each, in any order.
/// Code::Malformed, or Code::Unsupported for an element type without a counterpart.
Result<NpyHeader> parseNpyHeader(std::string_view text);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_NPYHEADER_H
