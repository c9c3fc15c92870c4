// Compiles a kernel from text and runs it on buffers that end at an inaccessible page.
#ifndef HEDDLE_TEST_UNIT_CODEGEN_KERNELRUNNER_H
#define HEDDLE_TEST_UNIT_CODEGEN_KERNELRUNNER_H

#include "codegen/cpu/CpuKernel.h"
#include <cstring>
#include <string>
#include <vector>

namespace heddle::test {

/// Memory whose last byte is followed by a page that nobody may touch; poisoned, so that what is not written shows.
class GuardedBuffer {
public:
  explicit GuardedBuffer(size_t bytes);
  GuardedBuffer(GuardedBuffer &&other) noexcept;
  ~GuardedBuffer();
  void *data() const { return start; }

private:
  void *mapping = nullptr;
  size_t mappedBytes = 0;
  void *start = nullptr;
};

/// Tensor elements as raw bytes.
struct Bytes {
  std::vector<char> raw;

  template <typename T> static Bytes of(const std::vector<T> &values) {
    Bytes bytes;
    bytes.raw.resize(values.size() * sizeof(T));
    if (!values.empty())
      std::memcpy(bytes.raw.data(), values.data(), bytes.raw.size());
    return bytes;
  }
  template <typename T> std::vector<T> as() const {
    std::vector<T> values(raw.size() / sizeof(T));
    if (!raw.empty())
      std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }
};

/// A compiled kernel, loaded into the process.
class LoadedKernel {
public:
  /// Parses the one `heddle.kernel` in `text`, compiles and links it; a failure fails the test and gives an empty
  /// kernel.
  static LoadedKernel compile(const std::string &text, const std::string &level = hostLevel());
  /// The vector IR of the one `heddle.kernel` in `text`.
  static std::string print(const std::string &text, const std::string &level);
  /// The best level of this machine.
  static std::string hostLevel();
  LoadedKernel(LoadedKernel &&other) noexcept;
  ~LoadedKernel();

  /// Runs all tasks, in `parts` calls of nearly equal size, and returns the results with the gaps between their
  /// elements. `failure` receives the entry's result.
  std::vector<Bytes> run(const std::vector<Bytes> &inputs, const SymbolValues &symbols = {}, int parts = 1,
                         int32_t *failure = nullptr) const;
  CpuKernel kernel;

private:
  using Entry = int32_t (*)(void *const *, const int64_t *, int64_t, int64_t, void *);
  LoadedKernel() = default;
  std::vector<size_t> resultBytes(const SymbolValues &symbols) const;

  void *library = nullptr;
  Entry entry = nullptr;
  std::vector<std::string> symbolNames;
  /// A result as it is stored: strides in elements, bytes of an element.
  struct Stored {
    Shape shape;
    std::vector<Expr> strides;
    int64_t width;
  };
  std::vector<Stored> results;
};

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_CODEGEN_KERNELRUNNER_H
