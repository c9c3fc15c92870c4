// Checks kernels block by block: some blocks of each launch run on the simulated GPU, the whole kernel on another
// device, and what the blocks wrote is compared.
#ifndef HEDDLE_RUNTIME_SIM_BLOCKCHECK_H
#define HEDDLE_RUNTIME_SIM_BLOCKCHECK_H

#include "runtime/Device.h"
#include <memory>

namespace heddle {

/// A program once more, as GPU code.
struct BlockCheckProgram {
  std::shared_ptr<const Program> program; ///< One variant for "cuda".
  /// Type and shape of each kernel's results, in the kernel's symbols; in the order of the variant's kernels.
  std::vector<std::vector<Port>> results;
};

struct BlockCheckOptions {
  int64_t drawnBlocks = 6; ///< Beside the first and the last.
  uint64_t seed = 0;
  /// Allowed error of a float, as a part of the largest value of the result. Other types must be equal.
  double relative = 1e-4;
};

/// What became of one kernel.
struct BlockCheckOutcome {
  std::string kernel;
  int64_t grid = 0;     ///< Blocks of the launch; 0 if it never ran.
  int64_t blocks = 0;   ///< Of these, executed.
  int64_t elements = 0; ///< That the blocks wrote.
  double error = 0;     ///< Largest difference, as a part of the result's largest value.
  std::string failure;  ///< Empty if all is well: a finding, or the first element that differs.
};

/// A device that runs variants of `reference` on it, and the first launch of each kernel with any blocks on `simulator`
/// too: the first block, the last, and drawn ones, on the same inputs. Results are the reference's.
///
/// Elements count as written if they differ from 0xff bytes, which the results hold before. Where all blocks of a
/// launch are executed, they must write all elements.
class BlockCheckDevice : public Device {
public:
  /// The outcomes so far, one per kernel of the module loaded last.
  virtual std::vector<BlockCheckOutcome> outcomes() const = 0;
};

/// \param gpu its kernels are those of the variants that will be loaded, in the same order; the plan of those gives the
///        grid of each launch.
std::shared_ptr<BlockCheckDevice> makeBlockCheckDevice(std::shared_ptr<Device> reference,
                                                       std::shared_ptr<Device> simulator, BlockCheckProgram gpu,
                                                       BlockCheckOptions options = {});

} // namespace heddle

#endif // HEDDLE_RUNTIME_SIM_BLOCKCHECK_H
