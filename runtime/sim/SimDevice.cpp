// The simulated device: memory, modules, launches, findings and counters behind one interface.
#include "runtime/sim/SimDevice.h"
#include "runtime/sim/Launch.h"
#include "runtime/sim/Module.h"
#include <algorithm>
#include <cstring>
#include <map>

namespace heddle {
namespace {

using namespace sim;

class Device final : public SimDevice {
public:
  explicit Device(const SimOptions &options) : options(options) {}

  Result<SimAddress> allocate(size_t bytes, std::string_view name) override {
    return memory.allocate(bytes, nullptr, true, name);
  }
  Result<SimAddress> import(void *host, size_t bytes, bool writable, std::string_view name) override {
    static uint8_t none; // An empty tensor may have no address.
    return memory.allocate(bytes, host ? host : &none, writable, name);
  }
  Result<SimAddress> view(SimAddress start, size_t bytes, std::string_view name) override {
    return memory.view(start, bytes, name);
  }
  Status free(SimAddress start) override { return memory.free(start); }
  Status copyToDevice(SimAddress to, const void *from, size_t bytes) override;
  Status copyToHost(void *to, SimAddress from, size_t bytes) override;
  Status copyOnDevice(SimAddress to, SimAddress from, size_t bytes) override;

  Result<const SimModule *> loadModule(std::string_view ptx) override;
  Status unloadModule(const SimModule *module) override;
  Result<const SimFunction *> getFunction(const SimModule *module, std::string_view name) override;
  std::vector<int64_t> parameterBytes(const SimFunction *function) const override;
  Status launch(const SimLaunch &launch) override;

  const std::vector<SimFinding> &findings() const override { return found; }
  void clearFindings() override { found.clear(); }
  std::string describe(const SimFinding &finding) const override { return finding.text(); }
  std::vector<SimLineCounters> counters() const override;

private:
  Result<VariableAddresses> placeVariables(SimModule &module);
  Status checkLaunch(const SimLaunch &launch) const;
  void addCounters(const Kernel &kernel, const std::vector<PlaceCounters> &counters);

  SimOptions options;
  DeviceMemory memory;
  std::vector<std::unique_ptr<SimModule>> modules;
  std::vector<SimFinding> found;
  std::map<std::tuple<std::string, std::string, int64_t>, SimLineCounters> lines;
};

Status Device::copyToDevice(SimAddress to, const void *from, size_t bytes) {
  Result<uint8_t *> host = memory.resolve(to, bytes, true);
  if (host && bytes != 0)
    std::memcpy(*host, from, bytes);
  return host.status();
}

Status Device::copyToHost(void *to, SimAddress from, size_t bytes) {
  Result<uint8_t *> host = memory.resolve(from, bytes, false);
  if (host && bytes != 0)
    std::memcpy(to, *host, bytes);
  return host.status();
}

Status Device::copyOnDevice(SimAddress to, SimAddress from, size_t bytes) {
  Result<uint8_t *> source = memory.resolve(from, bytes, false);
  if (!source)
    return source.status();
  Result<uint8_t *> target = memory.resolve(to, bytes, true);
  if (target && bytes != 0)
    std::memmove(*target, *source, bytes);
  return target.status();
}

Result<VariableAddresses> Device::placeVariables(SimModule &module) {
  VariableAddresses addresses;
  for (const PtxVariable &variable : module.ptx->variables) {
    if (variable.space != PtxSpace::Global && variable.space != PtxSpace::Const)
      continue;
    Result<uint64_t> address = memory.allocate(variable.bytes, nullptr, true, variable.name);
    if (!address)
      return address.status();
    module.variables.push_back(*address);
    addresses[variable.name] = *address;
    uint8_t *host = memory.find(*address)->host;
    std::memset(host, 0, variable.bytes);
    std::copy(variable.initial.begin(), variable.initial.end(), host);
    memory.find(*address)->isWritable = variable.space == PtxSpace::Global;
  }
  return addresses;
}

Result<const SimModule *> Device::loadModule(std::string_view text) {
  Result<std::unique_ptr<PtxModule>> ptx = parsePtx(text);
  if (!ptx)
    return ptx.status();
  auto module = std::make_unique<SimModule>();
  module->ptx = std::move(*ptx);
  Result<VariableAddresses> addresses = placeVariables(*module);
  if (!addresses)
    return addresses.status();
  for (const PtxFunction &function : module->ptx->functions) {
    Result<std::unique_ptr<Kernel>> kernel = decodeKernel(*module->ptx, function, *addresses);
    if (!kernel)
      return Status(kernel.status().code(), "kernel '" + function.name + "': " + kernel.status().message());
    module->functions.push_back(std::make_unique<SimFunction>(SimFunction{std::move(*kernel)}));
  }
  modules.push_back(std::move(module));
  return modules.back().get();
}

Status Device::unloadModule(const SimModule *module) {
  auto loaded = std::find_if(modules.begin(), modules.end(), [&](const auto &m) { return m.get() == module; });
  if (loaded == modules.end())
    return Status(Code::DeviceError, "unload of a module that is not loaded");
  for (uint64_t variable : (*loaded)->variables)
    HEDDLE_RETURN_IF_ERROR(memory.free(variable));
  modules.erase(loaded);
  return Status::ok();
}

Result<const SimFunction *> Device::getFunction(const SimModule *module, std::string_view name) {
  for (const std::unique_ptr<SimFunction> &function : module->functions)
    if (function->kernel->function->name == name)
      return function.get();
  return Status(Code::DeviceError, "the module has no kernel '" + std::string(name) + "'");
}

std::vector<int64_t> Device::parameterBytes(const SimFunction *function) const {
  std::vector<int64_t> bytes;
  for (const PtxParam &param : function->kernel->function->params)
    bytes.push_back(static_cast<int64_t>(param.bytes));
  return bytes;
}

Status Device::checkLaunch(const SimLaunch &launch) const {
  const Kernel &kernel = *launch.function->kernel;
  std::string what = "launch of '" + kernel.function->name + "': ";
  auto product = [](const std::array<uint32_t, 3> &size) { return uint64_t(size[0]) * size[1] * size[2]; };
  uint64_t threads = product(launch.block), blocks = product(launch.grid);
  if (threads == 0 || threads > 1024)
    return Status(Code::DeviceError, what + std::to_string(threads) + " threads per block, expected 1 to 1024");
  if (blocks == 0 || blocks >= ~0u)
    return Status(Code::DeviceError, what + std::to_string(blocks) + " blocks, expected 1 to 4294967294");
  if (launch.params.size() != kernel.function->params.size())
    return Status(Code::DeviceError, what + std::to_string(launch.params.size()) + " parameters, expected " +
                                         std::to_string(kernel.function->params.size()));
  int64_t shared = launch.dynamicSharedBytes + static_cast<int64_t>(kernel.staticShared);
  if (launch.dynamicSharedBytes < 0 || shared > options.sharedLimit)
    return Status(Code::DeviceError, what + std::to_string(shared) + " bytes of shared memory, expected at most " +
                                         std::to_string(options.sharedLimit));
  for (size_t i = 0; i < launch.blocks.size(); ++i)
    if (launch.blocks[i] >= blocks || (i > 0 && launch.blocks[i] <= launch.blocks[i - 1]))
      return Status(Code::DeviceError, what + "the list of blocks is not ascending below " + std::to_string(blocks));
  return Status::ok();
}

Status Device::launch(const SimLaunch &launch) {
  HEDDLE_RETURN_IF_ERROR(checkLaunch(launch));
  const Kernel &kernel = *launch.function->kernel;
  LaunchContext context;
  context.kernel = &kernel;
  context.memory = &memory;
  context.options = options;
  context.grid = launch.grid;
  context.blockSize = launch.block;
  context.dynamicShared = static_cast<uint64_t>(launch.dynamicSharedBytes);
  context.sharedBytes = kernel.staticShared + context.dynamicShared;
  context.params.resize(kernel.function->paramBytes);
  for (size_t i = 0; i < launch.params.size(); ++i) {
    const PtxParam &param = kernel.function->params[i];
    std::memcpy(context.params.data() + param.offset, launch.params[i], param.bytes);
  }
  LaunchResult result = runBlocks(context, launch.blocks);
  result.findings.appendTo(found);
  addCounters(kernel, result.counters);
  if (result.failed)
    return Status(Code::DeviceError, "launch of '" + kernel.function->name + "': a block did not finish");
  return Status::ok();
}

void Device::addCounters(const Kernel &kernel, const std::vector<PlaceCounters> &counters) {
  for (uint32_t i = 0; i < kernel.function->insts.size(); ++i) {
    const PtxInst &inst = kernel.function->insts[i];
    const PlaceCounters &counted = counters[i];
    if (counted.warps == 0)
      continue;
    std::string file;
    int64_t line = 0;
    if (inst.location >= 0) {
      const PtxLocation &at = kernel.module->locations[inst.location];
      auto name = kernel.module->files.find(at.file);
      file = name == kernel.module->files.end() ? "" : name->second;
      line = at.line;
    }
    SimLineCounters &total = lines[{kernel.function->name, file, line}];
    total.kernel = kernel.function->name;
    total.file = file;
    total.line = line;
    total.warpInstructions += counted.warps;
    total.threadInstructions += counted.threads;
    total.sharedRequests += counted.sharedRequests;
    total.sharedWavefronts += counted.sharedWavefronts;
    total.globalRequests += counted.globalRequests;
    total.globalSectors += counted.globalSectors;
  }
}

std::vector<SimLineCounters> Device::counters() const {
  std::vector<SimLineCounters> result;
  for (const auto &[key, counted] : lines)
    result.push_back(counted);
  return result;
}

} // namespace

std::unique_ptr<SimDevice> createSimDevice(const SimOptions &options) { return std::make_unique<Device>(options); }

} // namespace heddle
