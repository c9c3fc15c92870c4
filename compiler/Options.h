// What a user can ask of the compiler.
#ifndef HEDDLE_COMPILER_OPTIONS_H
#define HEDDLE_COMPILER_OPTIONS_H

#include "runtime/format/Expr.h"
#include <map>
#include <span>
#include <string>
#include <vector>

namespace heddle {

/// The stages of compilation, in order. Each is named after what it produces.
enum class Stage { Import, Graph, Kernels, Plan, Code, Artifact };

/// The name of a stage on the command line.
std::string_view nameOf(Stage stage);
/// The stage of a name; nullopt if there is none.
std::optional<Stage> stageFromName(std::string_view name);

/// The passes that may be left out: without them the program is slower, not wrong.
std::span<const std::string_view> optionalPasses();

struct CompileOptions {
  /// "cpu", or "cuda" (which the simulator runs too).
  std::string device = "cpu";
  /// CPU level that code is made for.
  std::string cpuLevel = "x86-64-v3";
  /// GPU architectures such as "sm_90a"; the first is the one that sessions of this process use.
  std::vector<std::string> smVersions = {"sm_80"};
  /// Sizes of inputs by name.
  std::map<std::string, Shape, std::less<>> inputShapes;
  /// Elements of small integer inputs that may be assumed (and guarded).
  std::map<std::string, std::vector<int64_t>, std::less<>> assumedContents;
  /// Passes to leave out, of `optionalPasses()`.
  std::vector<std::string> disabledPasses;
  /// Folder for one numbered file per pass that changed something; empty for none.
  std::string dumpPhases;
  /// Folder of compiled kernels; empty for the user's.
  std::string cacheFolder;
  /// Threads that compile kernels.
  unsigned threads = 1;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_OPTIONS_H
