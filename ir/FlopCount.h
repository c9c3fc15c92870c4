// Counts the arithmetic of a kernel, to judge how well its code uses a machine.
#ifndef HEDDLE_IR_FLOPCOUNT_H
#define HEDDLE_IR_FLOPCOUNT_H

#include "ir/HeddleOps.h"

namespace heddle {

/// Operations of one launch, over the kernel's symbols: two (multiply, add) per term of a matrix product or
/// convolution, padding and packing included; one per element that another computing op reads or writes, whichever is
/// more; none for movement and constants.
Expr flopCount(KernelOp kernel);

} // namespace heddle

#endif // HEDDLE_IR_FLOPCOUNT_H
