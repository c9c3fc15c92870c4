// The rules that turn a kernel's shape and a target's facts into a schedule.
#ifndef HEDDLE_IR_SCHEDULE_H
#define HEDDLE_IR_SCHEDULE_H

#include "ir/HeddleOps.h"

namespace heddle {

/// The schedule of a kernel on a CPU level with vectors of `vectorBytes` bytes, and on CUDA. A pure function of the
/// kernel's ops and literal sizes. Tile sizes: cpu.md's register rule (8x32 with 64-byte vectors, 6x16 with 32-byte
/// ones).
mlir::Attribute chooseSchedule(KernelOp kernel, int64_t vectorBytes);

} // namespace heddle

#endif // HEDDLE_IR_SCHEDULE_H
