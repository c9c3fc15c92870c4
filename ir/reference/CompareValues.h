// Compares tensors of the evaluator with one another, and with what devices have computed.
#ifndef HEDDLE_IR_REFERENCE_COMPAREVALUES_H
#define HEDDLE_IR_REFERENCE_COMPAREVALUES_H

#include "ir/reference/TensorValue.h"

namespace heddle {

/// What differs in type, shape or the bits of an element, in one sentence; nullopt if nothing does. Two NaNs are equal.
std::optional<std::string> differenceInBits(const TensorValue &got, const TensorValue &want);

/// What differs by more than roundings explain: floats by more than a few roundings of their type relative to the
/// largest finite element of `want`; other types in any bit. Infinities and NaNs stay where they are.
std::optional<std::string> differenceBeyondRounding(const TensorValue &got, const TensorValue &want);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_COMPAREVALUES_H
