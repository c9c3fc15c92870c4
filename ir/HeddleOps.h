// The ops of the heddle dialect.
#ifndef HEDDLE_IR_HEDDLEOPS_H
#define HEDDLE_IR_HEDDLEOPS_H

#include "ir/HeddleDialect.h"

#define GET_OP_CLASSES
#include "ir/HeddleOps.h.inc"

#endif // HEDDLE_IR_HEDDLEOPS_H
