// What the simulator's tests share: kernels from CUDA text or PTX, launched on named buffers.
#ifndef HEDDLE_TEST_UNIT_SIM_SIMHARNESS_H
#define HEDDLE_TEST_UNIT_SIM_SIMHARNESS_H

#include "runtime/sim/SimDevice.h"
#include <gtest/gtest.h>
#include <string>
#include <variant>
#include <vector>

namespace heddle::sim {

/// PTX that NVRTC makes of `source` with line information, for an architecture such as "sm_80". Empty if there is no
/// NVRTC (the reason is in `error`); a failed compilation fails the test.
std::string compileCuda(const std::string &source, const std::string &architecture, std::string &error);

/// A kernel parameter: an address or a scalar.
using Argument = std::variant<SimAddress, int32_t, int64_t, float>;

struct Geometry {
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::array<uint32_t, 3> block = {32, 1, 1};
  int64_t dynamicSharedBytes = 0;
  std::vector<uint64_t> blocks = {};
};

/// A device with what a test needs around it.
class Bench {
public:
  explicit Bench(const SimOptions &options = {}) : device(createSimDevice(options)) {}

  template <typename T> SimAddress upload(const std::string &name, const std::vector<T> &values) {
    Result<SimAddress> address = device->allocate(values.size() * sizeof(T), name);
    EXPECT_TRUE(address.isOk()) << address.status().message();
    EXPECT_TRUE(device->copyToDevice(*address, values.data(), values.size() * sizeof(T)).isOk());
    return *address;
  }
  template <typename T> SimAddress allocate(const std::string &name, size_t count) {
    Result<SimAddress> address = device->allocate(count * sizeof(T), name);
    EXPECT_TRUE(address.isOk()) << address.status().message();
    return *address;
  }
  template <typename T> std::vector<T> download(SimAddress from, size_t count) {
    std::vector<T> values(count);
    EXPECT_TRUE(device->copyToHost(values.data(), from, count * sizeof(T)).isOk());
    return values;
  }

  /// Loads PTX and launches its kernel `name`.
  Status launch(const std::string &ptx, const std::string &name, const Geometry &geometry,
                const std::vector<Argument> &arguments);
  /// Findings of one kind.
  std::vector<SimFinding> findings(SimFindingKind kind) const;
  /// All findings, one per line; empty is what a correct kernel has.
  std::string findingText() const;

  std::unique_ptr<SimDevice> device;
};

} // namespace heddle::sim

#endif // HEDDLE_TEST_UNIT_SIM_SIMHARNESS_H
