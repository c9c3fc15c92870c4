// heddle-check-blocks MODEL.onnx [flags of `heddle run`] [--blocks N]: runs some blocks of every GPU kernel of a model
// on the simulated GPU and compares with the CPU. Prints a line per kernel; exit code 1 if one of them fails.
#include "tools/driver/CheckBlocks.h"
#include "tools/driver/CommonFlags.h"
#include <cstdio>

using namespace heddle;

static int fail(const Status &status) {
  std::fprintf(stderr, "heddle-check-blocks: error: %s\n", forTerminal(status.message()).c_str());
  return static_cast<int>(status.code());
}

/// \returns the number of kernels that failed.
static int report(const std::vector<BlockCheckOutcome> &outcomes) {
  int failed = 0, idle = 0;
  for (const BlockCheckOutcome &outcome : outcomes) {
    bool isOk = outcome.failure.empty();
    failed += !isOk;
    idle += outcome.grid == 0;
    std::printf("%-4s %s: %lld of %lld blocks, %lld elements, error %.2g%s%s\n",
                isOk ? outcome.grid == 0 ? "idle" : "ok" : "FAIL", outcome.kernel.c_str(),
                static_cast<long long>(outcome.blocks), static_cast<long long>(outcome.grid),
                static_cast<long long>(outcome.elements), outcome.error, isOk ? "" : ", ", outcome.failure.c_str());
  }
  std::printf("%zu kernels, %d failed, %d did not run\n", outcomes.size(), failed, idle);
  return failed;
}

int main(int argc, char **argv) {
  std::vector<Flag> flags = withCompileFlags(runFlags());
  flags.push_back({"--blocks", "N", "drawn blocks beside the first and the last (6)"});
  Result<CommandLine> line = CommandLine::parse(std::span(argv + 1, static_cast<size_t>(argc - 1)), flags);
  if (!line)
    return fail(line.status());
  Result<std::string> path = onlyModel(*line);
  if (!path)
    return fail(path.status());
  Result<CompileOptions> options = compileOptions(*line);
  if (!options)
    return fail(options.status());
  Result<RunRequest> request = RunRequest::parse(*line);
  if (!request)
    return fail(request.status());
  Result<int64_t> drawn = line->number("--blocks", 6);
  if (!drawn)
    return fail(drawn.status());
  BlockCheckOptions blocks;
  blocks.drawnBlocks = *drawn;
  blocks.seed = request->seed;
  Result<std::vector<BlockCheckOutcome>> outcomes = checkBlocks(*path, *options, std::move(*request), blocks);
  if (!outcomes)
    return fail(outcomes.status());
  return report(*outcomes) == 0 ? 0 : 1;
}
