// Implements the check of a model's GPU kernels against the CPU.
#include "tools/driver/CheckBlocks.h"
#include "compiler/PairedCode.h"
#include "runtime/cpu/CpuDevice.h"
#include "runtime/sim/SimSessionDevice.h"
#include "tools/driver/SessionTarget.h"

using namespace heddle;

Result<std::vector<BlockCheckOutcome>> heddle::checkBlocks(const std::string &path, const CompileOptions &options,
                                                           RunRequest request, const BlockCheckOptions &blocks) {
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(path);
  if (!compiler)
    return compiler.status();
  Result<PairedModel> paired = (*compiler)->compilePaired(options);
  if (!paired)
    return paired.status();
  Result<std::shared_ptr<Device>> simulator =
      makeSimSessionDevice(options.smVersions.front(), static_cast<int>(options.threads));
  if (!simulator)
    return simulator.status();
  std::shared_ptr<BlockCheckDevice> device =
      makeBlockCheckDevice(makeCpuDevice(options.threads), *simulator, {paired->cuda, paired->results}, blocks);
  Result<std::unique_ptr<Session>> session = Session::create({paired->cpu, weightsOf(*compiler), device, nullptr});
  if (!session)
    return session.status();
  SessionTarget target({paired->cpu, std::move(*session), options, {}});
  HEDDLE_RETURN_IF_ERROR(runModel(target, std::move(request)));
  return device->outcomes();
}
