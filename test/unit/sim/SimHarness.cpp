// What the simulator's tests share: kernels from CUDA text or PTX, launched on named buffers.
#include "test/unit/sim/SimHarness.h"
#include "runtime/nvrtc/Nvrtc.h"
#include <map>

namespace heddle::sim {

std::string compileCuda(const std::string &source, const std::string &architecture, std::string &error) {
  static std::map<std::pair<std::string, std::string>, std::string> compiled;
  const Nvrtc *nvrtc = Nvrtc::get(error);
  if (!nvrtc)
    return {};
  std::string &ptx = compiled[{source, architecture}];
  if (!ptx.empty())
    return ptx;
  NvrtcRequest request{source, "kernel.cu", {}, {"--gpu-architecture=" + architecture, "-lineinfo"}};
  NvrtcResult result = nvrtc->compile(request);
  EXPECT_TRUE(result.isOk()) << result.error << "\n" << result.log;
  ptx = result.ptx;
  return ptx;
}

Status Bench::launch(const std::string &ptx, const std::string &name, const Geometry &geometry,
                     const std::vector<Argument> &arguments) {
  Result<const SimModule *> module = device->loadModule(ptx);
  if (!module)
    return module.status();
  Result<const SimFunction *> function = device->getFunction(*module, name);
  if (!function)
    return function.status();
  SimLaunch launch;
  launch.function = *function;
  launch.grid = geometry.grid;
  launch.block = geometry.block;
  launch.dynamicSharedBytes = geometry.dynamicSharedBytes;
  launch.blocks = geometry.blocks;
  for (const Argument &argument : arguments)
    launch.params.push_back(std::visit([](const auto &value) -> const void * { return &value; }, argument));
  return device->launch(launch);
}

std::vector<SimFinding> Bench::findings(SimFindingKind kind) const {
  std::vector<SimFinding> result;
  for (const SimFinding &finding : device->findings())
    if (finding.kind == kind)
      result.push_back(finding);
  return result;
}

std::string Bench::findingText() const {
  std::string text;
  for (const SimFinding &finding : device->findings())
    text += finding.text() + "\n";
  return text;
}

} // namespace heddle::sim
