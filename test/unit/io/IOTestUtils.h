// What the tests of tools/io share: a folder of their own, raw files, tensors of numbers.
#ifndef HEDDLE_TEST_UNIT_IO_IOTESTUTILS_H
#define HEDDLE_TEST_UNIT_IO_IOTESTUTILS_H

#include "tools/io/Tensor.h"
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>
#include <sstream>
#include <unistd.h>

namespace heddle::test {

/// A folder that is removed with the object.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "heddle-test-XXXXXX").string();
    root = mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(root); }
  std::string path(const std::string &name) const { return root + "/" + name; }
  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  size_t fileCount() const {
    const std::filesystem::directory_iterator files(root);
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

private:
  std::string root;
};

inline std::string readAll(const std::string &path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

/// A tensor whose elements are `values`.
template <typename T> Tensor tensorOf(DType type, std::vector<int64_t> shape, const std::vector<T> &values) {
  Result<Tensor> tensor = Tensor::allocate(type, std::move(shape));
  EXPECT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(tensor->bytes().size(), values.size() * sizeof(T));
  if (!values.empty())
    std::memcpy(tensor->bytes().data(), values.data(), values.size() * sizeof(T));
  return std::move(*tensor);
}

template <typename T> std::vector<T> valuesOf(const Tensor &tensor) {
  std::vector<T> values(tensor.bytes().size() / sizeof(T));
  if (!values.empty())
    std::memcpy(values.data(), tensor.bytes().data(), tensor.bytes().size());
  return values;
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_IO_IOTESTUTILS_H
