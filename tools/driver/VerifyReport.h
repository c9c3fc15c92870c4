// What `heddle verify` has found, as text, as JSON and as the program's status.
#ifndef HEDDLE_TOOLS_DRIVER_VERIFYREPORT_H
#define HEDDLE_TOOLS_DRIVER_VERIFYREPORT_H

#include "tools/driver/StepChecks.h"

namespace heddle {

struct VerifyReport {
  struct Output {
    std::string name, tensor; ///< `tensor` is "2x3xf32".
    Agreement agreement;
  };
  struct Layers {
    int64_t compared = 0, differing = 0, unmatched = 0;
    std::optional<WrongStep> first;
    std::string diagnosis; ///< Of the first one.
  };
  struct Special {
    std::optional<WrongStep> nan, infinity;
  };

  std::string against; ///< "the evaluator", or the file.
  std::vector<Output> outputs;
  std::vector<std::string> missing; ///< Outputs that the reference does not have.
  std::optional<Layers> layers;
  std::optional<Special> notFinite;
};

/// One fact per line.
std::string verifyText(const VerifyReport &report);
std::string verifyJson(const VerifyReport &report);
/// Code::Mismatch with what is wrong first: a step, an output, a NaN.
Status verifyStatus(const VerifyReport &report);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_VERIFYREPORT_H
