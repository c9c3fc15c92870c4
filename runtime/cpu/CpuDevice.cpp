// Implements the CPU device.
#include "runtime/cpu/CpuDevice.h"

#include "runtime/RuntimeTensor.h"
#include "runtime/cpu/SharedObject.h"
#include "runtime/cpu/ThreadPool.h"
#include "runtime/format/Target.h"

#include <cstdlib>
#include <map>

namespace heddle {
namespace {

/// Scratch memory of the calling thread, grown to `bytes` and kept until the thread ends.
void *threadScratch(int64_t bytes) {
  thread_local std::shared_ptr<void> memory;
  thread_local int64_t capacity = 0;
  if (bytes > capacity) {
    memory = allocateAligned(bytes);
    capacity = memory ? bytes : 0;
  }
  return memory.get();
}

struct CpuKernel {
  CpuKernelEntry entry = nullptr;
  const Kernel *record = nullptr;
};

class CpuModule final : public DeviceModule {
public:
  explicit CpuModule(unsigned threads) : threads(threads) {}

  Status load(const Program &program, const Variant &variant);
  Status launch(size_t index, const LaunchArgs &args) override;

private:
  unsigned threads;
  std::map<int64_t, std::unique_ptr<SharedObject>> objects; ///< By index into Program::codes.
  std::vector<CpuKernel> kernels;
};

Status CpuModule::load(const Program &program, const Variant &variant) {
  for (const Kernel &kernel : variant.kernels) {
    const CodeObject &code = program.codes[size_t(kernel.code)];
    if (code.kind != CodeObject::Kind::CpuSharedObject)
      return Status(Code::BadArtifact, "kernel '" + kernel.name + "' has no code for the cpu");
    std::unique_ptr<SharedObject> &object = objects[kernel.code];
    if (!object) {
      std::string name = "heddle-" + std::to_string(kernel.code);
      Result<std::unique_ptr<SharedObject>> loaded = SharedObject::load(code.bytes, name);
      if (!loaded)
        return loaded.status();
      object = std::move(*loaded);
    }
    void *entry = object->find(kernel.entry);
    if (!entry)
      return Status(Code::BadArtifact, "kernel '" + kernel.name + "': its code has no symbol '" + kernel.entry + "'");
    kernels.push_back({reinterpret_cast<CpuKernelEntry>(entry), &kernel});
  }
  return Status::ok();
}

Status CpuModule::launch(size_t index, const LaunchArgs &args) {
  const CpuKernel &kernel = kernels[index];
  int64_t scratchBytes = kernel.record->scratchBytes;
  std::atomic<int32_t> failed{0};
  std::atomic<bool> outOfMemory{false};
  ThreadPool::global().forRanges(args.tasks, threads, [&](int64_t begin, int64_t end) {
    void *scratch = scratchBytes == 0 ? nullptr : threadScratch(scratchBytes);
    if (scratchBytes != 0 && !scratch) {
      outOfMemory = true;
      return;
    }
    int32_t result = kernel.entry(args.buffers.data(), args.sizes.data(), begin, end, scratch);
    // The lowest number wins, so that the report does not depend on which thread came first.
    for (int32_t seen = failed; result != 0 && (seen == 0 || result < seen);)
      if (failed.compare_exchange_weak(seen, result))
        break;
  });
  if (outOfMemory)
    return Status(Code::OverLimit, "kernel '" + kernel.record->name + "': no memory for " +
                                       std::to_string(scratchBytes) + " bytes of scratch");
  if (failed == 0)
    return Status::ok();
  size_t check = size_t(failed) - 1;
  if (failed < 0 || check >= kernel.record->checks.size())
    return Status(Code::DeviceError, "kernel '" + kernel.record->name + "' returned " + std::to_string(failed) +
                                         ", which stands for no check of it");
  return Status(Code::Malformed, kernel.record->checks[check].message);
}

class CpuDevice final : public Device {
public:
  explicit CpuDevice(unsigned threads) : threads(threads) {}

  std::string_view kind() const override { return "cpu"; }

  int rank(const std::string &target) const override {
    std::span<const CpuTarget> levels = cpuTargets();
    for (size_t level = 0; level < levels.size(); ++level)
      if (levels[level].name == target)
        return hostRuns(levels[level]) ? int(level) : -1;
    return -1;
  }

  std::string describe() const override {
    const CpuTarget *best = hostCpuTarget();
    return "cpu (" + std::string(best ? best->name : "below x86-64-v3") + ")";
  }

  Result<std::unique_ptr<DeviceModule>> load(const Program &program, const Variant &variant) override {
    auto module = std::make_unique<CpuModule>(threads);
    HEDDLE_RETURN_IF_ERROR(module->load(program, variant));
    return std::unique_ptr<DeviceModule>(std::move(module));
  }

  Result<void *> allocate(int64_t bytes) override { return allocateUnowned(bytes); }

  void release(void *memory) override { std::free(memory); }

private:
  unsigned threads;
};

} // namespace

std::unique_ptr<Device> makeCpuDevice(unsigned threads) { return std::make_unique<CpuDevice>(threads); }

} // namespace heddle
