// Opens a model as the importer does and exits with the code of the result: `check-model MODEL...`.
// With several models, one line each; the exit code is that of the last one that failed.
#include "compiler/onnx/ModelFile.h"
#include <cstdio>

using namespace heddle;

namespace {

Status check(const char *path) {
  Result<std::unique_ptr<LoadedModel>> model = loadModel(path);
  if (!model)
    return model.status();
  return (*model)->unknownOps.empty() ? Status::ok() : unsupportedNodes((*model)->unknownOps);
}

} // namespace

int main(int argc, char **argv) {
  int exitCode = 0;
  for (int i = 1; i < argc; ++i) {
    const Status status = check(argv[i]);
    if (status.isOk())
      continue;
    exitCode = static_cast<int>(status.code());
    std::fprintf(stderr, "%s: error: %s\n", argv[i], status.message().c_str());
  }
  return exitCode;
}
