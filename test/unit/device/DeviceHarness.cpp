// Compiles tests of the device headers with NVRTC and runs them on the simulator.
#include "test/unit/device/DeviceHarness.h"
#include "codegen/device/DeviceHeaders.h"
#include "runtime/nvrtc/Nvrtc.h"
#include "runtime/nvrtc/NvrtcLog.h"

namespace heddle {

std::string compileWithHeaders(const std::string &source, const std::string &architecture, std::string &missing) {
  const Nvrtc *nvrtc = Nvrtc::get(missing);
  if (!nvrtc)
    return {};
  NvrtcRequest request{source, "kernel.cu", {}, {"--gpu-architecture=" + architecture, "-lineinfo", "--fmad=false"}};
  for (const DeviceHeader &header : deviceHeaders())
    request.headers.emplace_back(header.name, header.text);
  NvrtcResult result = nvrtc->compile(request);
  EXPECT_TRUE(result.isOk()) << result.error << "\n" << result.log;
  for (const NvrtcDiagnostic &diagnostic : parseNvrtcLog(result.log, result.ptx).diagnostics)
    ADD_FAILURE() << diagnostic.file << ":" << diagnostic.line << ": " << diagnostic.text;
  return result.ptx;
}

bool DeviceTest::run(const std::string &source, uint32_t threads, const std::vector<sim::Argument> &arguments) {
  std::string missing, ptx = compileWithHeaders(source, GetParam(), missing);
  if (ptx.empty())
    return false;
  Status status = bench.launch(ptx, "kernel", {.grid = {1, 1, 1}, .block = {threads, 1, 1}}, arguments);
  EXPECT_TRUE(status.isOk()) << status.message();
  EXPECT_EQ(bench.findingText(), "");
  return status.isOk();
}

} // namespace heddle
