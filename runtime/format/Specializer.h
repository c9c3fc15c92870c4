// How a Session asks a compiler for one more variant, without knowing the compiler.
#ifndef HEDDLE_RUNTIME_FORMAT_SPECIALIZER_H
#define HEDDLE_RUNTIME_FORMAT_SPECIALIZER_H

#include "runtime/format/Plan.h"
#include "runtime/format/View.h"

namespace heddle {

/// Makes variants of a loaded program on demand. Implemented in compiler; null where no compiler is linked.
class Specializer {
public:
  virtual ~Specializer() = default;
  /// Compiles a variant that holds for these inputs, with its code and weights appended to a copy of the program.
  /// Safe to call from many threads.
  virtual Result<std::shared_ptr<const Program>> specialize(std::span<const View> inputs) = 0;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_SPECIALIZER_H
