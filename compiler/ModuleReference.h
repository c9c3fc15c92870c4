// The evaluator on a module as a ReferenceModel.
#ifndef HEDDLE_COMPILER_MODULEREFERENCE_H
#define HEDDLE_COMPILER_MODULEREFERENCE_H

#include "compiler/ReferenceModel.h"
#include "mlir/IR/BuiltinOps.h"

namespace heddle {

/// ONNX values by the node that makes them.
using NodeOutputs = std::map<std::string, std::vector<std::string>, std::less<>>;

/// \param owner keeps the module and its context alive.
std::unique_ptr<ReferenceModel> makeModuleReference(mlir::ModuleOp module, std::shared_ptr<void> owner,
                                                    NodeOutputs nodeOutputs);

} // namespace heddle

#endif // HEDDLE_COMPILER_MODULEREFERENCE_H
