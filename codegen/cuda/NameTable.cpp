// Mangles and numbers identifiers.
#include "codegen/cuda/NameTable.h"
#include "runtime/format/Digest.h"
#include "llvm/ADT/StringExtras.h"

using namespace heddle::cuda;

namespace {

/// Words of C++ and CUDA, and names that the device headers, NVRTC or the emitted text itself give a meaning.
const llvm::StringRef reserved[] = {
    "alignas",   "alignof",   "and",       "asm",       "atomicAdd",    "auto",      "bitand",   "bitor",  "blockDim",
    "blockIdx",  "bool",      "break",     "case",      "catch",        "char",      "class",    "compl",  "concept",
    "const",     "consteval", "constexpr", "constinit", "continue",     "decltype",  "default",  "delete", "do",
    "double",    "else",      "enum",      "error",     "explicit",     "export",    "extern",   "false",  "float",
    "for",       "friend",    "goto",      "gridDim",   "heddle",       "if",        "inline",   "int",    "long",
    "mutable",   "namespace", "new",       "noexcept",  "not",          "nullptr",   "operator", "or",     "private",
    "protected", "public",    "register",  "requires",  "return",       "short",     "signed",   "sizeof", "static",
    "struct",    "switch",    "template",  "this",      "thread_local", "threadIdx", "throw",    "true",   "try",
    "typedef",   "typeid",    "typename",  "union",     "unsigned",     "using",     "virtual",  "void",   "volatile",
    "warpSize",  "wchar_t",   "while",     "xor",       "main",         "printf",    "malloc",   "free",   "memcpy"};

bool isReserved(llvm::StringRef word) { return llvm::is_contained(reserved, word); }

} // namespace

std::string heddle::cuda::mangle(llvm::StringRef text) {
  std::string result;
  for (char c : text.take_back(48)) {
    bool isWordCharacter = llvm::isAlnum(c) || c == '_';
    // No double underscore: such identifiers belong to the compiler.
    if (isWordCharacter && !(c == '_' && (result.empty() || result.back() == '_')))
      result += c;
    else if (!isWordCharacter && !result.empty() && result.back() != '_')
      result += '_';
  }
  while (!result.empty() && result.back() == '_')
    result.pop_back();
  if (result.empty())
    return "v";
  // All capitals are the style of the constants and of macros.
  bool isShouting = llvm::all_of(result, [](char c) { return !llvm::isLower(c); });
  if (isShouting)
    result = llvm::StringRef(result).lower();
  return llvm::isDigit(result[0]) ? "v" + result : result;
}

std::string heddle::cuda::kernelName(llvm::StringRef symbol) {
  bool isIdentifier = !symbol.empty() && !llvm::isDigit(symbol[0]) && symbol.size() <= 128 && !isReserved(symbol) &&
                      llvm::all_of(symbol, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  return isIdentifier ? symbol.str() : mangle(symbol) + "_" + digestOf(symbol).substr(0, 8);
}

std::string NameTable::unique(llvm::StringRef wanted) {
  std::string base = mangle(wanted), candidate = base;
  while (isReserved(candidate) || !taken.insert(candidate).second)
    candidate = base + "_" + std::to_string(++next[base]);
  return candidate;
}
