// All ops of the heddle dialect.
#ifndef HEDDLE_IR_HEDDLEOPS_TD
#define HEDDLE_IR_HEDDLEOPS_TD

include "ir/ElementwiseOps.td"
include "ir/TensorOps.td"
include "ir/ComputeOps.td"
include "ir/ControlOps.td"
include "ir/PlanOps.td"

#endif // HEDDLE_IR_HEDDLEOPS_TD
