// Collects the names of a location.
#include "codegen/OriginNames.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

static void collectNames(Location loc, llvm::SetVector<llvm::StringRef> &names) {
  if (auto named = dyn_cast<NameLoc>(loc)) {
    names.insert(named.getName().getValue());
  } else if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNames(part, names);
  } else if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collectNames(call.getCallee(), names);
  }
}

std::string heddle::originNames(Location loc) {
  llvm::SetVector<llvm::StringRef> names;
  collectNames(loc, names);
  return llvm::join(names, ", ");
}
