// `heddle inspect`: what a model or an artifact holds.
#include "compiler/onnx/ModelSummary.h"
#include "runtime/format/Artifact.h"
#include "runtime/format/PlanText.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static void printPorts(const char *what, const std::vector<Port> &ports) {
  for (const Port &port : ports)
    std::printf("%s %s: %s %s\n", what, forTerminal(port.name).c_str(), std::string(nameOf(port.type)).c_str(),
                forTerminal(textOf(port.shape)).c_str());
}

Status heddle::printArtifact(const std::string &path) {
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(path);
  if (!artifact)
    return artifact.status();
  const Program &program = *(*artifact)->program();
  std::printf("model %s, %llu bytes\n", forTerminal(program.modelName).c_str(),
              static_cast<unsigned long long>((*artifact)->fileBytes()));
  printPorts("input", program.inputs);
  printPorts("output", program.outputs);
  for (const ArtifactSection &section : (*artifact)->sections())
    std::printf("section %s: offset %llu, %llu bytes %s\n", std::string(nameOf(section.kind)).c_str(),
                static_cast<unsigned long long>(section.offset), static_cast<unsigned long long>(section.length),
                section.digest.c_str());
  for (const auto &variant : program.variants) {
    std::printf("variant %s %s: %zu kernels, %zu places\n", forTerminal(variant->device).c_str(),
                forTerminal(variant->target).c_str(), variant->kernels.size(), variant->plan.places.size());
    for (const Expr &guard : variant->guards)
      std::printf("  guard %s\n", forTerminal(guard.str()).c_str());
  }
  return Status::ok();
}

static Status inspect(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  if (!path->ends_with(".onnx"))
    return printArtifact(*path);
  Result<std::string> summary = modelSummary(*path);
  if (!summary)
    return summary.status();
  std::fputs(summary->c_str(), stdout);
  return Status::ok();
}

const Verb &heddle::inspectVerb() {
  static const Verb verb = {
      "inspect", "inspect MODEL.onnx|ART.hdl", "Prints what a model or an artifact holds.", {}, inspect};
  return verb;
}
