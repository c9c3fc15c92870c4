// The rules that a Program keeps, checked once so that the runtime can trust every index in it.
#ifndef HEDDLE_RUNTIME_FORMAT_PLANVERIFIER_H
#define HEDDLE_RUNTIME_FORMAT_PLANVERIFIER_H

#include "runtime/format/Plan.h"

namespace heddle {

/// Code::BadArtifact names the variant, the step and the broken rule:
/// (C1) every index names something that exists: places, ports, weights, kernels, code;
/// (C2) an operand has one stride per dimension or none; results lie in Output, Arena or Runtime places;
/// (C3) a symbol is known where it is used, but for shapes of Runtime places and results;
/// (C4) an arena value is used within its lifetime and not before its epoch has begun;
/// (C5) control values are integers or bools; the two slots of a carried value lie in places of one kind.
Status verifyProgram(const Program &program);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_PLANVERIFIER_H
