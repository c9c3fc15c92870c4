// Implements the check of kernels block by block.
#include "runtime/sim/BlockCheck.h"

#include "runtime/RuntimeTensor.h"
#include "runtime/format/ElementConvert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numeric>
#include <set>

namespace heddle {
namespace {

constexpr int unwritten = 0xff;

/// Outcomes by kernel, written by modules and read by the device.
struct Ledger {
  std::mutex mutex;
  std::vector<BlockCheckOutcome> outcomes;
};

uint64_t nextRandom(uint64_t &state) { // splitmix64
  uint64_t value = state += 0x9e3779b97f4a7c15ull;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ value >> 27) * 0x94d049bb133111ebull;
  return value ^ value >> 31;
}

/// The first block, the last, and drawn ones; ascending. All if there are not more.
std::vector<uint64_t> chooseBlocks(uint64_t count, const BlockCheckOptions &options, uint64_t kernel) {
  if (count <= static_cast<uint64_t>(options.drawnBlocks) + 2) {
    std::vector<uint64_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  std::set<uint64_t> chosen = {0, count - 1};
  uint64_t state = options.seed * 1000003 + kernel;
  for (int64_t draw = 0; draw < options.drawnBlocks; ++draw)
    chosen.insert(nextRandom(state) % count);
  return {chosen.begin(), chosen.end()};
}

/// A size of a result; 0 where it has no value, which the whole kernel's run reports.
int64_t valueOf(const Expr &size, const SymbolValues &values) {
  Result<int64_t> value = size.evaluate(values);
  return value ? *value : 0;
}

/// Memory that stands in for a result, known to the simulator.
class StandIn {
public:
  StandIn(Device &simulator, const Port &port, std::vector<int64_t> shape)
      : simulator(simulator), type(port.type), shape(std::move(shape)) {}
  ~StandIn() {
    if (tensor.isDefined())
      simulator.unshare(data());
  }
  StandIn(const StandIn &) = delete;
  StandIn &operator=(const StandIn &) = delete;

  Status prepare(const std::string &name) {
    Result<RuntimeTensor> allocated = RuntimeTensor::allocate(type, shape);
    if (!allocated)
      return allocated.status();
    std::memset(allocated->view().data, unwritten, static_cast<size_t>(bytes(*allocated)));
    HEDDLE_RETURN_IF_ERROR(simulator.share(allocated->view().data, bytes(*allocated), true, name));
    tensor = std::move(*allocated);
    return Status::ok();
  }
  void *data() const { return tensor.view().data; }
  /// Compares the written elements with `wanted`, dense.
  void compare(const std::byte *wanted, double relative, BlockCheckOutcome &outcome) const;

private:
  int64_t bytes(const RuntimeTensor &of) const { return of.view().elementCount() * byteWidth(type); }

  Device &simulator;
  DType type;
  std::vector<int64_t> shape;
  RuntimeTensor tensor;
};

/// Elements as doubles; 64-bit integers beyond 2^53 are rounded, so that equality is checked on bytes beforehand.
std::vector<double> asDoubles(DType type, const std::byte *elements, int64_t count) {
  std::vector<double> values(static_cast<size_t>(count));
  convertElements(type, elements, DType::F64, reinterpret_cast<std::byte *>(values.data()), count);
  return values;
}

void StandIn::compare(const std::byte *wanted, double relative, BlockCheckOutcome &outcome) const {
  int64_t count = tensor.view().elementCount();
  auto width = static_cast<size_t>(byteWidth(type));
  auto *got = static_cast<const std::byte *>(data());
  std::vector<double> gotValues = asDoubles(type, got, count), wantValues = asDoubles(type, wanted, count);
  double largest = 0;
  for (double value : wantValues)
    largest = std::isfinite(value) ? std::max(largest, std::abs(value)) : largest;
  bool isWhole = outcome.blocks == outcome.grid;
  for (size_t i = 0; i < gotValues.size(); ++i) {
    const std::byte *element = got + i * width;
    bool isSame = std::memcmp(element, wanted + i * width, width) == 0;
    if (std::all_of(element, element + width, [](std::byte byte) { return byte == std::byte(unwritten); })) {
      if (isWhole && !isSame && outcome.failure.empty())
        outcome.failure = "element " + std::to_string(i) + " was not written";
      continue;
    }
    ++outcome.elements;
    if (isSame || (std::isnan(gotValues[i]) && std::isnan(wantValues[i])))
      continue;
    double error = std::abs(gotValues[i] - wantValues[i]) / (largest > 0 ? largest : 1);
    bool isClose = isFloat(type) && error <= relative;
    outcome.error = std::isfinite(error) ? std::max(outcome.error, error) : INFINITY;
    if (!isClose && outcome.failure.empty())
      outcome.failure = "element " + std::to_string(i) + " is " + std::to_string(gotValues[i]) + ", expected " +
                        std::to_string(wantValues[i]);
  }
}

class BlockCheckModule final : public DeviceModule {
public:
  BlockCheckModule(std::shared_ptr<Device> simulator, const BlockCheckProgram &gpu, const BlockCheckOptions &options,
                   std::shared_ptr<Ledger> ledger)
      : simulator(std::move(simulator)), gpu(gpu), options(options), ledger(std::move(ledger)) {}

  Status load(Device &referenceDevice, const Program &program, const Variant &variant) {
    Result<std::unique_ptr<DeviceModule>> own = referenceDevice.load(program, variant);
    if (!own)
      return own.status();
    Result<std::unique_ptr<DeviceModule>> other = simulator->load(*gpu.program, *gpu.program->variants.front());
    if (!other)
      return other.status();
    reference = std::move(*own);
    simulated = std::move(*other);
    return Status::ok();
  }
  Status launch(size_t kernel, const LaunchArgs &args) override;

private:
  Status simulate(size_t kernel, const LaunchArgs &args, std::vector<std::unique_ptr<StandIn>> &results,
                  BlockCheckOutcome &outcome);

  std::shared_ptr<Device> simulator;
  const BlockCheckProgram &gpu;
  const BlockCheckOptions &options;
  std::shared_ptr<Ledger> ledger;
  std::unique_ptr<DeviceModule> reference, simulated;
};

Status BlockCheckModule::simulate(size_t kernel, const LaunchArgs &args, std::vector<std::unique_ptr<StandIn>> &results,
                                  BlockCheckOutcome &outcome) {
  SymbolValues values;
  const Kernel &record = gpu.program->variants.front()->kernels[kernel];
  for (size_t i = 0; i < record.symbols.size(); ++i)
    values[record.symbols[i]] = args.sizes[i];
  std::vector<void *> buffers(args.buffers.begin(), args.buffers.end());
  std::vector<MemoryRange> ranges(args.ranges.begin(), args.ranges.end());
  const std::vector<Port> &ports = gpu.results[kernel];
  for (size_t i = 0; i < ports.size(); ++i) {
    std::vector<int64_t> shape;
    for (const Expr &size : ports[i].shape)
      shape.push_back(valueOf(size, values));
    results.push_back(std::make_unique<StandIn>(*simulator, ports[i], std::move(shape)));
    HEDDLE_RETURN_IF_ERROR(results.back()->prepare("result " + std::to_string(i) + " of '" + record.name + "'"));
    size_t operand = buffers.size() - ports.size() + i;
    buffers[operand] = results.back()->data();
    ranges[operand] = {};
  }
  std::vector<uint64_t> blocks = chooseBlocks(static_cast<uint64_t>(outcome.grid), options, kernel);
  LaunchArgs some = args;
  some.buffers = buffers;
  some.ranges = ranges;
  some.blocks = blocks;
  outcome.blocks = static_cast<int64_t>(blocks.size());
  return simulated->launch(kernel, some);
}

Status BlockCheckModule::launch(size_t kernel, const LaunchArgs &args) {
  int64_t grid = args.grid[0] * args.grid[1] * args.grid[2];
  BlockCheckOutcome outcome{gpu.program->variants.front()->kernels[kernel].name, grid, 0, 0, 0, {}};
  {
    std::lock_guard lock(ledger->mutex);
    if (grid == 0 || ledger->outcomes[kernel].grid != 0)
      return reference->launch(kernel, args);
    ledger->outcomes[kernel] = outcome; // Nobody else takes this kernel.
  }
  std::vector<std::unique_ptr<StandIn>> results;
  Status simulatedStatus = simulate(kernel, args, results, outcome);
  Status status = reference->launch(kernel, args);
  // A check of the kernel that fails must fail on both.
  bool isAlike = simulatedStatus.isOk() || (!status.isOk() && simulatedStatus.code() == Code::Malformed);
  if (!isAlike)
    outcome.failure = simulatedStatus.message();
  for (size_t i = 0; i < results.size() && simulatedStatus.isOk() && status.isOk(); ++i)
    results[i]->compare(static_cast<const std::byte *>(args.buffers[args.buffers.size() - results.size() + i]),
                        options.relative, outcome);
  std::lock_guard lock(ledger->mutex);
  ledger->outcomes[kernel] = std::move(outcome);
  return status;
}

class BlockChecker final : public BlockCheckDevice {
public:
  BlockChecker(std::shared_ptr<Device> reference, std::shared_ptr<Device> simulator, BlockCheckProgram gpu,
               BlockCheckOptions options)
      : reference(std::move(reference)), simulator(std::move(simulator)), gpu(std::move(gpu)), options(options) {}

  std::string_view kind() const override { return reference->kind(); }
  int rank(const std::string &target) const override { return reference->rank(target); }
  std::string describe() const override { return reference->describe() + ", blocks on " + simulator->describe(); }

  Result<std::unique_ptr<DeviceModule>> load(const Program &program, const Variant &variant) override {
    assert(variant.kernels.size() == gpu.results.size() && "both programs are made from the same kernels");
    {
      std::lock_guard lock(ledger->mutex);
      ledger->outcomes.clear();
      for (const Kernel &kernel : variant.kernels)
        ledger->outcomes.push_back({kernel.name, 0, 0, 0, 0, {}});
    }
    auto module = std::make_unique<BlockCheckModule>(simulator, gpu, options, ledger);
    HEDDLE_RETURN_IF_ERROR(module->load(*reference, program, variant));
    return std::unique_ptr<DeviceModule>(std::move(module));
  }

  // Both use the host's memory, so that one device may own all of it.
  Result<void *> allocate(int64_t bytes) override { return simulator->allocate(bytes); }
  void release(void *memory) override { simulator->release(memory); }
  Status share(const void *memory, int64_t bytes, bool writable, const std::string &name) override {
    return simulator->share(memory, bytes, writable, name);
  }
  void unshare(const void *memory) override { simulator->unshare(memory); }
  std::vector<std::string> takeFindings() override { return simulator->takeFindings(); }

  std::vector<BlockCheckOutcome> outcomes() const override {
    std::lock_guard lock(ledger->mutex);
    return ledger->outcomes;
  }

private:
  std::shared_ptr<Device> reference, simulator;
  BlockCheckProgram gpu;
  BlockCheckOptions options;
  std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
};

} // namespace

std::shared_ptr<BlockCheckDevice> makeBlockCheckDevice(std::shared_ptr<Device> reference,
                                                       std::shared_ptr<Device> simulator, BlockCheckProgram gpu,
                                                       BlockCheckOptions options) {
  return std::make_shared<BlockChecker>(std::move(reference), std::move(simulator), std::move(gpu), options);
}

} // namespace heddle
