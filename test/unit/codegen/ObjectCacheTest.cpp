// Kernels in the cache of compiled code.
#include "codegen/cpu/ObjectCache.h"
#include "test/unit/codegen/CacheFolder.h"
#include <gtest/gtest.h>

using namespace heddle;

namespace {

class ObjectCacheTest : public CacheFolderTest {
protected:
  static CpuKernel kernelOf(size_t bytes) {
    CpuKernel kernel;
    kernel.name = "k";
    kernel.object.assign(bytes, std::byte(7));
    kernel.tasks = Expr::symbol("n") * 4 + 1;
    kernel.scratchBytes = 128;
    kernel.checks = {{"Gather_1: out of bounds"}};
    return kernel;
  }
};

TEST_F(ObjectCacheTest, GivesBackWhatWasStored) {
  ObjectCache cache{FileCache(folder)};
  EXPECT_FALSE(cache.find("key"));
  cache.store("key", kernelOf(1000));
  std::optional<CpuKernel> found = cache.find("key");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "k");
  EXPECT_EQ(found->object, kernelOf(1000).object);
  EXPECT_EQ(found->tasks, kernelOf(0).tasks);
  EXPECT_EQ(found->scratchBytes, 128);
  EXPECT_EQ(found->checks[0].message, "Gather_1: out of bounds");
}

// An entry whose bytes are whole may still be another program's, of a format that is not ours.
TEST_F(ObjectCacheTest, EntryThatEndsEarlyIsAbsent) {
  FileCache files(folder);
  ObjectCache cache{FileCache(folder)};
  cache.store("key", kernelOf(40));
  const std::string whole = *files.find("key");
  for (size_t length = 0; length < whole.size(); ++length) {
    files.store("key", whole.substr(0, length));
    EXPECT_FALSE(cache.find("key")) << length << " bytes";
  }
}

// A look at the list does not change what is evicted first.
TEST_F(ObjectCacheTest, KnowsTheNamesOfItsKernels) {
  ObjectCache cache{FileCache(folder)};
  cache.store("key", kernelOf(10));
  EXPECT_EQ(cache.nameOf("key"), "k");
  EXPECT_EQ(cache.nameOf("other"), "");
}

} // namespace
