// The interface of ops that run as plain C++ functions on the host: arguments, attributes, and how results are
// allocated.
#ifndef HEDDLE_RUNTIME_FORMAT_HOSTFUNCTION_H
#define HEDDLE_RUNTIME_FORMAT_HOSTFUNCTION_H

#include "runtime/format/Status.h"
#include "runtime/format/View.h"
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace heddle {

/// A typed attribute of a host call.
using HostAttr = std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;
using HostAttrs = std::map<std::string, HostAttr, std::less<>>;

/// Where a host function gets memory for its results.
class HostOutputs {
public:
  virtual ~HostOutputs() = default;
  /// Memory for result `index` with this shape, row-major; the type is the declared one. Called exactly once per
  /// result. Fails if the shape contradicts a planned one, or memory runs out.
  virtual Result<View> allocate(size_t index, std::vector<int64_t> shape) = 0;
};

/// A host function: reads `inputs` (an absent optional input has a null data pointer and rank 0), allocates and fills
/// every result. Data that breaks the op's rule gives Code::Malformed. Pure: equal inputs give equal results, on any
/// thread.
using HostFunction = Status (*)(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_HOSTFUNCTION_H
