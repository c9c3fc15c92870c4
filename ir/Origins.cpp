// Implements reading ONNX names from locations.
#include "ir/Origins.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

std::vector<std::string> heddle::originsOf(Location loc) {
  std::vector<std::string> names;
  loc->walk([&](Location part) {
    if (auto named = dyn_cast<NameLoc>(part); named && !llvm::is_contained(names, named.getName().str()))
      names.push_back(named.getName().str());
    return WalkResult::advance();
  });
  return names;
}

std::string heddle::originText(Location loc) { return llvm::join(originsOf(loc), ", "); }
