// Implements the simulated GPU behind the device interface: the host's memory is imported, every arena value gets its
// own bounds, and findings are put down to ONNX nodes.
#include "runtime/sim/SimSessionDevice.h"

#include "runtime/RuntimeTensor.h"
#include "runtime/sim/SimDevice.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace heddle {
namespace {

/// 90 of "sm_90a"; 0 if it is no architecture.
int architectureOf(std::string_view sm) {
  int number = 0;
  if (sm.starts_with("sm_"))
    std::from_chars(sm.data() + 3, sm.data() + sm.size(), number);
  return number;
}

/// The ONNX nodes that a line of a kernel's CUDA source was made for; empty if the table does not say.
std::string nodesOfLine(const Kernel &kernel, int64_t line) {
  std::string nodes;
  for (const auto &[first, names] : kernel.lines)
    if (first <= line)
      nodes = names;
  return nodes;
}

/// Host memory that kernels may use.
struct ImportedRange {
  int64_t bytes = 0;
  bool writable = false;
  SimAddress address = 0;
};

/// The simulator with what all modules on it share. Its calls must not overlap: `mutex` is held around them.
struct Simulator {
  std::unique_ptr<SimDevice> device;
  std::mutex mutex;
  std::multimap<const std::byte *, ImportedRange> ranges; ///< By first byte.
  std::vector<std::string> findings;

  Status import(const void *memory, int64_t bytes, bool writable, const std::string &name);
  void drop(const void *memory);
  /// The device's address for a byte of imported memory; 0 if it lies in none.
  SimAddress translate(const void *memory) const;
};

Status Simulator::import(const void *memory, int64_t bytes, bool writable, const std::string &name) {
  // The simulator refuses writes to read-only imports itself.
  Result<SimAddress> address = device->import(const_cast<void *>(memory), size_t(bytes), writable, name);
  if (!address)
    return address.status();
  ranges.emplace(static_cast<const std::byte *>(memory), ImportedRange{bytes, writable, *address});
  return Status::ok();
}

void Simulator::drop(const void *memory) {
  auto position = ranges.find(static_cast<const std::byte *>(memory));
  assert(position != ranges.end() && "memory is dropped that was never imported");
  Status status = device->free(position->second.address);
  assert(status.isOk() && "the simulator does not know an import of ours");
  (void)status;
  ranges.erase(position);
}

SimAddress Simulator::translate(const void *memory) const {
  auto *byte = static_cast<const std::byte *>(memory);
  for (auto position = ranges.upper_bound(byte); position != ranges.begin();) {
    --position;
    if (byte < position->first + position->second.bytes)
      return position->second.address + SimAddress(byte - position->first);
  }
  return 0;
}

/// Views of arena values that exist during one launch.
class LaunchViews {
public:
  explicit LaunchViews(Simulator &simulator) : simulator(simulator) {}
  ~LaunchViews() {
    for (const auto &[range, address] : views)
      (void)simulator.device->free(address).isOk();
  }

  /// The device's address of an operand. Its bounds are those of its value, not of the arena.
  Result<SimAddress> addressOf(const void *operand, const MemoryRange &range, const std::string &name) {
    if (!operand)
      return SimAddress(0);
    if (!range.start)
      return simulator.translate(operand);
    if (range.bytes == 0)
      return SimAddress(0);
    SimAddress &view = views[range.start];
    if (view == 0) {
      Result<SimAddress> made = simulator.device->view(simulator.translate(range.start), size_t(range.bytes), name);
      if (!made)
        return made.status();
      view = *made;
    }
    return view + SimAddress(static_cast<const std::byte *>(operand) - range.start);
  }

private:
  Simulator &simulator;
  std::map<const std::byte *, SimAddress> views;
};

class SimModuleGlue final : public DeviceModule {
public:
  explicit SimModuleGlue(std::shared_ptr<Simulator> simulator) : simulator(std::move(simulator)) {}
  ~SimModuleGlue() override;

  Status load(const Program &program, const Variant &variant);
  Status launch(size_t index, const LaunchArgs &args) override;

private:
  struct LoadedKernel {
    const SimFunction *function = nullptr;
    const Kernel *record = nullptr;
  };

  Status checkSizes(const LoadedKernel &kernel, const LaunchArgs &args) const;
  Status run(const LoadedKernel &kernel, const LaunchArgs &args, int32_t &failed);
  Status takeFindings(const Kernel &kernel);

  std::shared_ptr<Simulator> simulator;
  std::map<int64_t, const SimModule *> modules; ///< By index into Program::codes.
  std::vector<LoadedKernel> kernels;
};

SimModuleGlue::~SimModuleGlue() {
  std::lock_guard lock(simulator->mutex);
  for (const auto &[code, module] : modules)
    (void)simulator->device->unloadModule(module).isOk();
}

Status SimModuleGlue::load(const Program &program, const Variant &variant) {
  std::lock_guard lock(simulator->mutex);
  for (const Kernel &kernel : variant.kernels) {
    const CodeObject &code = program.codes[size_t(kernel.code)];
    if (code.kind != CodeObject::Kind::Ptx)
      return Status(Code::Unsupported, "kernel '" + kernel.name + "' holds no PTX, which the simulator executes");
    const SimModule *&module = modules[kernel.code];
    if (!module) {
      std::string_view text(reinterpret_cast<const char *>(code.bytes.data()), code.bytes.size());
      Result<const SimModule *> loaded = simulator->device->loadModule(text);
      if (!loaded)
        return Status(loaded.status().code(), "kernel '" + kernel.name + "': " + loaded.status().message());
      module = *loaded;
    }
    Result<const SimFunction *> function = simulator->device->getFunction(module, kernel.entry);
    if (!function)
      return function.status();
    kernels.push_back({*function, &kernel});
  }
  return Status::ok();
}

Status SimModuleGlue::launch(size_t index, const LaunchArgs &args) {
  const LoadedKernel &kernel = kernels[index];
  if (std::find(args.grid.begin(), args.grid.end(), 0) != args.grid.end())
    return Status::ok();
  for (int64_t blocks : args.grid)
    if (blocks < 0 || blocks > INT32_MAX)
      return Status(Code::OverLimit,
                    "kernel '" + kernel.record->name + "': a grid of " + std::to_string(blocks) + " blocks");
  std::lock_guard lock(simulator->mutex);
  int32_t failed = 0;
  Status status = run(kernel, args, failed);
  HEDDLE_RETURN_IF_ERROR(takeFindings(*kernel.record));
  HEDDLE_RETURN_IF_ERROR(status);
  if (failed == 0)
    return Status::ok();
  size_t check = size_t(failed) - 1;
  if (failed < 0 || check >= kernel.record->checks.size())
    return Status(Code::DeviceError, "kernel '" + kernel.record->name + "' reported check " + std::to_string(failed) +
                                         ", which it does not have");
  return Status(Code::Malformed, kernel.record->checks[check].message);
}

/// Sizes of dimensions are passed in 32 bits, values that may be any integer in 64.
Status SimModuleGlue::checkSizes(const LoadedKernel &kernel, const LaunchArgs &args) const {
  const std::vector<int64_t> bytes = simulator->device->parameterBytes(kernel.function);
  for (size_t i = 0, first = args.buffers.size(); i < args.sizes.size() && first + i < bytes.size(); ++i)
    if (bytes[first + i] < int64_t(sizeof(int64_t)) && args.sizes[i] != int32_t(args.sizes[i]))
      return Status(Code::OverLimit, "kernel '" + kernel.record->name + "': size " + std::to_string(args.sizes[i]) +
                                         " does not fit 32 bits");
  return Status::ok();
}

Status SimModuleGlue::run(const LoadedKernel &kernel, const LaunchArgs &args, int32_t &failed) {
  LaunchViews views(*simulator);
  std::vector<uint64_t> addresses;
  for (size_t i = 0; i < args.buffers.size(); ++i) {
    std::string name = "operand " + std::to_string(i) + " of '" + kernel.record->name + "'";
    Result<SimAddress> address = views.addressOf(args.buffers[i], args.ranges[i], name);
    if (!address)
      return address.status();
    addresses.push_back(*address);
  }
  HEDDLE_RETURN_IF_ERROR(checkSizes(kernel, args));
  SimLaunch launch;
  for (const uint64_t &address : addresses)
    launch.params.push_back(&address);
  // A parameter of 32 bits takes the low half.
  for (const int64_t &size : args.sizes)
    launch.params.push_back(&size);
  Result<SimAddress> errorWord = simulator->device->import(&failed, sizeof(failed), true, "the error word");
  if (!errorWord)
    return errorWord.status();
  if (!kernel.record->checks.empty())
    launch.params.push_back(&*errorWord);
  launch.function = kernel.function;
  for (size_t axis = 0; axis < 3; ++axis) {
    launch.grid[axis] = uint32_t(args.grid[axis]);
    launch.block[axis] = uint32_t(kernel.record->block[axis]);
  }
  launch.dynamicSharedBytes = args.dynamicSharedBytes;
  launch.blocks.assign(args.blocks.begin(), args.blocks.end());
  Status status = simulator->device->launch(launch);
  HEDDLE_RETURN_IF_ERROR(simulator->device->free(*errorWord));
  return status;
}

Status SimModuleGlue::takeFindings(const Kernel &kernel) {
  const std::vector<SimFinding> &found = simulator->device->findings();
  if (found.empty())
    return Status::ok();
  std::string first;
  for (const SimFinding &finding : found) {
    std::string nodes = nodesOfLine(kernel, finding.place.lineIn(kernel.entry + ".cu"));
    std::string text = simulator->device->describe(finding) + (nodes.empty() ? "" : ", ONNX node " + nodes);
    if (first.empty())
      first = text;
    simulator->findings.push_back(std::move(text));
  }
  size_t count = found.size();
  simulator->device->clearFindings();
  return Status(Code::Mismatch, "the simulated device found " + std::to_string(count) +
                                    (count == 1 ? " defect: " : " defects, first: ") + first);
}

class SimSessionDevice final : public Device {
public:
  SimSessionDevice(std::unique_ptr<SimDevice> device, std::string sm) : sm(std::move(sm)) {
    simulator->device = std::move(device);
  }

  std::string_view kind() const override { return "cuda"; }

  int rank(const std::string &target) const override {
    int wanted = architectureOf(target), own = sm.empty() ? INT32_MAX : architectureOf(sm);
    // Code for sm_90a runs on that architecture alone.
    bool exact = !target.empty() && target.back() == 'a';
    if (wanted == 0 || wanted > own || (exact && !sm.empty() && target != sm))
      return -1;
    return wanted * 2 + exact;
  }

  std::string describe() const override { return "sim" + (sm.empty() ? "" : " (" + sm + ")"); }

  Result<std::unique_ptr<DeviceModule>> load(const Program &program, const Variant &variant) override {
    auto module = std::make_unique<SimModuleGlue>(simulator);
    HEDDLE_RETURN_IF_ERROR(module->load(program, variant));
    return std::unique_ptr<DeviceModule>(std::move(module));
  }

  Result<void *> allocate(int64_t bytes) override {
    Result<void *> memory = allocateUnowned(bytes);
    if (!memory)
      return memory;
    Status status = share(*memory, std::max<int64_t>(bytes, 1), true, "arena");
    if (status.isOk())
      return memory;
    std::free(*memory);
    return status;
  }

  void release(void *memory) override {
    unshare(memory);
    std::free(memory);
  }

  Status share(const void *memory, int64_t bytes, bool writable, const std::string &name) override {
    std::lock_guard lock(simulator->mutex);
    return simulator->import(memory, bytes, writable, name);
  }

  void unshare(const void *memory) override {
    std::lock_guard lock(simulator->mutex);
    simulator->drop(memory);
  }

  std::vector<std::string> takeFindings() override {
    std::lock_guard lock(simulator->mutex);
    return std::exchange(simulator->findings, {});
  }

private:
  std::string sm;
  std::shared_ptr<Simulator> simulator = std::make_shared<Simulator>();
};

/// The folder of the running program, with a final slash; empty if it cannot be told.
std::string programFolder() {
  std::string path(4096, '\0');
  ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(length < 0 ? 0 : size_t(length));
  return path.substr(0, path.rfind('/') + 1);
}

using CreateSimulator = SimDevice *(*)(const SimOptions *);

/// The library stays loaded: its code may be needed until the process ends.
Result<CreateSimulator> openSimulator() {
  static constexpr const char *name = "libheddle_sim.so";
  void *library = nullptr;
  const std::string folder = programFolder();
  for (const std::string &path :
       {folder + name, folder + "../lib/" + name, folder + "../../lib/" + name, std::string(name)})
    if (!library)
      library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *create = library ? dlsym(library, "heddle_sim_create") : nullptr;
  if (create)
    return reinterpret_cast<CreateSimulator>(create);
  const char *reason = dlerror();
  return Status(Code::DeviceError, std::string("dlopen of ") + name + " failed: " + (reason ? reason : "no entry"));
}

} // namespace

Result<std::shared_ptr<Device>> makeSimSessionDevice(const std::string &sm, int threads) {
  if (!sm.empty() && architectureOf(sm) == 0)
    return Status(Code::Malformed, "'" + sm + "' is no architecture, such as sm_80 or sm_90a");
  Result<CreateSimulator> create = openSimulator();
  if (!create)
    return create.status();
  SimOptions options;
  options.hostThreads = threads;
  return std::shared_ptr<Device>(
      std::make_shared<SimSessionDevice>(std::unique_ptr<SimDevice>((*create)(&options)), sm));
}

} // namespace heddle
