// The generated definitions of all ops, in a file of their own because they compile slowly.
#include "ir/HeddleOps.h"
#include "ir/InferTypes.h"

using namespace mlir;
using namespace heddle;

#define GET_OP_CLASSES
#include "ir/HeddleOps.cpp.inc"

void HeddleDialect::registerOps() {
  addOperations<
#define GET_OP_LIST
#include "ir/HeddleOps.cpp.inc"
      >();
}
