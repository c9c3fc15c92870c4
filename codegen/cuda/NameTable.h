// The identifiers of one kernel.
#ifndef HEDDLE_CODEGEN_CUDA_NAMETABLE_H
#define HEDDLE_CODEGEN_CUDA_NAMETABLE_H

#include "llvm/ADT/StringRef.h"
#include <map>
#include <set>
#include <string>

namespace heddle::cuda {

/// `text` as a C identifier of at most 48 characters: every other character becomes `_`. Nothing else of a model's
/// names ever reaches CUDA text.
std::string mangle(llvm::StringRef text);

/// The entry of a kernel: its symbol if that is an identifier, else the mangled symbol and a digest of it, so that two
/// kernels never get one name.
std::string kernelName(llvm::StringRef symbol);

/// Gives every argument, local and loop variable of a kernel a name of its own.
class NameTable {
public:
  /// `wanted`, mangled; with `_1`, `_2`, ... if that is taken or a word of the language.
  std::string unique(llvm::StringRef wanted);

private:
  std::set<std::string> taken;
  std::map<std::string, int> next;
};

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_NAMETABLE_H
