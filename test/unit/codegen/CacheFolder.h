// A folder for the cache of a test.
#ifndef HEDDLE_TEST_UNIT_CODEGEN_CACHEFOLDER_H
#define HEDDLE_TEST_UNIT_CODEGEN_CACHEFOLDER_H

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

namespace heddle {

/// Gives each test a folder that is removed with all that is in it.
class CacheFolderTest : public testing::Test {
protected:
  CacheFolderTest() {
    std::string pattern = testing::TempDir() + "heddle-cache-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~CacheFolderTest() override { std::filesystem::remove_all(folder); }

  std::string folder;
};

} // namespace heddle

#endif // HEDDLE_TEST_UNIT_CODEGEN_CACHEFOLDER_H
