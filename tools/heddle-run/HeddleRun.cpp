// heddle-run: runs an artifact on given, stored or random inputs.
#include "tools/common/Interrupt.h"
#include "tools/heddle-run/ArtifactTarget.h"

#include <cstdio>

using namespace heddle;

namespace {

std::vector<Flag> allFlags() {
  std::vector<Flag> flags = runFlags();
  flags.insert(flags.end(), {{"--device", "cpu|sim", "where to run (cpu); sim:sm_90a names the architecture"},
                             {"--threads", "N", "threads per kernel (all); never changes a result"},
                             {"--verify", "full|lazy", "lazy skips the digests of the weights (full)"},
                             {"--version", "", "print the version"},
                             {"--help", "", "print this help"}});
  return flags;
}

Result<heddle_options> optionsOf(const CommandLine &line, const std::string &device) {
  Result<int64_t> threads = line.number("--threads", 0);
  if (!threads)
    return threads.status();
  std::string verify = line.get("--verify", "full");
  if (verify != "full" && verify != "lazy")
    return Status(Code::Malformed, "flag '--verify' got '" + verify + "', expected full or lazy");
  heddle_options options;
  heddle_options_init(&options);
  options.device = device.c_str();
  options.threads = int(*threads);
  options.lazy_verify = verify == "lazy";
  return options;
}

Status runArtifact(const CommandLine &line) {
  if (line.positional().size() != 1)
    return Status(Code::Malformed,
                  "expected one artifact, got " + std::to_string(line.positional().size()) + "; see heddle-run --help");
  Result<RunRequest> request = RunRequest::parse(line);
  if (!request)
    return request.status();
  const std::string device = line.get("--device", "cpu");
  Result<heddle_options> options = optionsOf(line, device);
  if (!options)
    return options.status();
  options->memory_limit = request->memoryLimit;
  Result<std::unique_ptr<ArtifactTarget>> target = ArtifactTarget::open(line.positional()[0], *options);
  if (!target)
    return target.status();
  Status status = runModel(**target, std::move(*request));
  for (size_t index = 0; const char *finding = heddle_finding((*target)->handle(), index); ++index)
    std::fprintf(stderr, "finding: %s\n", forTerminal(finding).c_str());
  return status;
}

} // namespace

int main(int argc, char **argv) {
  const std::vector<Flag> flags = allFlags();
  Result<CommandLine> line = CommandLine::parse({argv + 1, argv + argc}, flags);
  Status status = line.status();
  if (line && line->has("--help")) {
    std::fputs(
        helpText("heddle-run ARTIFACT.hdl [FLAGS]", "Runs a compiled model; draws inputs that are not given.", flags)
            .c_str(),
        stdout);
    return 0;
  }
  if (line && line->has("--version")) {
    std::printf("heddle-run %s\n", heddle_version());
    return 0;
  }
  leaveNothingAtInterrupt();
  if (line)
    status = runArtifact(*line);
  if (!status.isOk())
    std::fprintf(stderr, "heddle-run: error: %s\n", forTerminal(status.message()).c_str());
  return int(status.code());
}
