// Sizes of convolutions and pooling over channels-last images, and of the register tiles that compute them.
#ifndef HEDDLE_CODEGEN_CPU_WINDOWSHAPE_H
#define HEDDLE_CODEGEN_CPU_WINDOWSHAPE_H

#include "codegen/cpu/CpuLevel.h"
#include "ir/HeddleOps.h"

namespace heddle {

/// A window that slides over f32 images. A tile holds `tileRows` output pixels by `vectors * lanes` channels in
/// registers; output pixels are counted through all images.
struct WindowShape {
  enum class Kind {
    Dense,     ///< Every output channel reads all channels of its group.
    Depthwise, ///< Every output channel reads one channel, with filters of its own.
    Pool,      ///< Every output channel reads one channel; the elements of a window are combined.
  };

  WindowShape(ConvOp conv, const CpuLevel &level);
  WindowShape(PoolOp pool, const CpuLevel &level);

  Kind kind;
  mlir::Value image;            ///< The kernel's argument.
  bool isChannelsFirst = false; ///< The argument is [N, C, spatial...]: planes of few channels.
  Expr images;
  Shape input, output; ///< Of the spatial dimensions.
  llvm::SmallVector<int64_t> window, strides, dilations, lowPads;
  bool isPadded;        ///< A window may reach outside of its image.
  int64_t channels = 0; ///< Of the input.
  int64_t outputs = 0;  ///< Channels of the output.
  int64_t groups = 1;   ///< Dense only.
  ReductionKind combiner = ReductionKind::Add;
  int64_t tileRows = 1, vectors = 1, lanes = 1;

  Expr pixels() const;
  /// Number of elements of the window.
  int64_t positions() const;
  int64_t groupChannels() const { return channels / groups; }
  int64_t panelColumns() const { return vectors * lanes; }
  bool hasTail() const { return outputs % panelColumns() != 0; }
  /// Output pixels are the input's.
  bool isPointwise() const;
  /// Output pixels that a task computes, whole tiles.
  int64_t taskPixels() const;

private:
  void chooseRows(const CpuLevel &level);
};

/// The convolution or pooling that can be computed in tiles together with the rest of the kernel; null if there is
/// none. It reads arguments, filters packed for this level, and only elementwise ops of its shape come after it.
mlir::Operation *findWindow(KernelOp kernel, const CpuLevel &level);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_WINDOWSHAPE_H
