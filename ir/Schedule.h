// The rules that turn a kernel's shape and a target's facts into a schedule.
#ifndef HEDDLE_IR_SCHEDULE_H
#define HEDDLE_IR_SCHEDULE_H

#include "ir/HeddleOps.h"

namespace heddle {

/// The schedule of a kernel on a CPU level with vectors of `vectorBytes` bytes, or on a GPU if that is 0. A pure
/// function of the kernel's ops and literal sizes. Tile sizes: cpu.md's register rule (8x32 with 64-byte vectors, 6x16
/// with 32-byte ones).
mlir::Attribute chooseSchedule(KernelOp kernel, int64_t vectorBytes);

/// The part of it for GPUs: tiles of at most 64 by 64 in shared memory for products and convolutions, a block per row
/// for reductions along rows, a thread per element for everything else. Its register tile `mr` x `nr` is not used: 0.
mlir::Attribute chooseCudaSchedule(KernelOp kernel);

/// True if a reduction along the last dimensions is in the body.
bool reducesRows(KernelOp kernel);

/// Columns of a panel of a convolution's packed filters: whole vectors, as many as the register tile takes beside its
/// rows (1 to 3), so that the least of the last panel is wasted. Panels of several groups end where the groups do, but
/// a depthwise convolution's run through all channels. 0 if no width fits.
/// \param channels of one group.
int64_t filterPanel(int64_t outputs, int64_t groups, int64_t channels, int64_t vectorBytes);
/// Columns of a panel of the product's second operand, if it is packed for that level.
int64_t panelColumns(MatmulOp product, int64_t vectorBytes);

/// True if a convolution on packed filters reads an image of few channels through the transpose that puts its channels
/// last: it can then read the planes in place.
bool readsPlanes(ConvOp conv);

} // namespace heddle

#endif // HEDDLE_IR_SCHEDULE_H
