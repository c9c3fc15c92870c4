// Implements reports on passes.
#include "tools/driver/PassReport.h"
#include "tools/common/RunInputs.h"
#include "tools/common/UnifiedDiff.h"
#include "tools/driver/OpenSession.h"
#include "tools/driver/SessionTarget.h"
#include <cstdio>
#include <set>

using namespace heddle;

namespace {
class PassReport final : public PassObserver {
public:
  PassReport(bool isVerbose, std::vector<std::string> dumped, std::vector<std::string> compared)
      : isVerbose(isVerbose), dumped(dumped.begin(), dumped.end()), compared(compared.begin(), compared.end()) {}

  bool wantsText(std::string_view pass) const override { return dumped.contains(pass) || compared.contains(pass); }
  bool wantsDecisions() const override { return isVerbose; }
  void passEnded(const PassRun &run) override;
  void decided(Stage stage, const std::string &remark) override {
    std::fprintf(stderr, "%s: %s\n", std::string(nameOf(stage)).c_str(), forTerminal(remark).c_str());
  }

private:
  bool isVerbose;
  std::set<std::string, std::less<>> dumped, compared;
  std::map<std::string, int> runs; ///< By stage and pass.
};
} // namespace

void PassReport::passEnded(const PassRun &run) {
  std::string name = std::string(nameOf(run.stage)) + "/" + std::string(run.pass);
  if (isVerbose)
    std::fprintf(stderr, "%s: %.3f ms\n", name.c_str(), std::chrono::duration<double, std::milli>(run.elapsed).count());
  if (!wantsText(run.pass))
    return;
  if (int count = ++runs[name]; count > 1)
    name += "#" + std::to_string(count);
  if (dumped.contains(run.pass))
    std::printf("// %s\n%s", name.c_str(), run.dump.c_str());
  if (!compared.contains(run.pass))
    return;
  std::string difference = unifiedDiff(run.before, run.after, "before " + name, "after " + name);
  std::printf("%s", difference.empty() ? ("// " + name + " changes nothing\n").c_str() : difference.c_str());
}

static Status checkPass(const char *flag, const std::string &pass) {
  std::vector<std::string> passes = pipelinePasses();
  if (std::find(passes.begin(), passes.end(), pass) != passes.end())
    return Status::ok();
  std::vector<std::string_view> names(passes.begin(), passes.end());
  return Status(Code::Malformed,
                "flag '" + std::string(flag) + "' got '" + pass + "', which no stage runs" + didYouMean(pass, names));
}

Result<std::shared_ptr<PassObserver>> heddle::makePassReport(const CommandLine &line) {
  for (const char *flag : {"--dump-after", "--diff-after"})
    for (const std::string &pass : line.all(flag))
      HEDDLE_RETURN_IF_ERROR(checkPass(flag, pass));
  if (!line.has("-v") && !line.has("--dump-after") && !line.has("--diff-after"))
    return std::shared_ptr<PassObserver>();
  return std::shared_ptr<PassObserver>(
      std::make_shared<PassReport>(line.has("-v"), line.all("--dump-after"), line.all("--diff-after")));
}

/// The inputs of the first run, drawn where they are not given.
static Result<std::vector<SharedTensor>> checkInputs(RunRequest &request, const std::vector<Port> &ports) {
  Result<RunInputs> made = inputsOfFirstRun(request, ports, /*guards=*/{});
  if (!made)
    return made.status();
  auto inputs = std::make_shared<RunInputs>(std::move(*made));
  std::vector<SharedTensor> tensors;
  for (const Tensor *tensor : inputs->tensors)
    tensors.push_back({viewOf(*tensor), inputs});
  return tensors;
}

Result<std::shared_ptr<const PassCheckRequest>> heddle::makePassCheckRequest(const CommandLine &line) {
  Result<RunRequest> parsed = RunRequest::parse(line);
  if (!parsed)
    return parsed.status();
  auto run = std::make_shared<RunRequest>(std::move(*parsed));
  auto request = std::make_shared<PassCheckRequest>();
  request->makeInputs = [run](const std::vector<Port> &ports) { return checkInputs(*run, ports); };
  request->report = [](const std::string &text) {
    std::fprintf(stderr, "verify-each: %s\n", forTerminal(text).c_str());
  };
  return std::shared_ptr<const PassCheckRequest>(std::move(request));
}
