// The cache of compiled kernels: hits, damage, foreign folders, eviction.
#include "codegen/cpu/ObjectCache.h"
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace heddle;

namespace {

class ObjectCacheTest : public testing::Test {
protected:
  ObjectCacheTest() {
    std::string pattern = testing::TempDir() + "heddle-cache-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~ObjectCacheTest() override { std::filesystem::remove_all(folder); }

  static CpuKernel kernelOf(size_t bytes) {
    CpuKernel kernel;
    kernel.name = "k";
    kernel.object.assign(bytes, std::byte(7));
    kernel.tasks = Expr::symbol("n") * 4 + 1;
    kernel.scratchBytes = 128;
    kernel.checks = {{"Gather_1: out of bounds"}};
    return kernel;
  }

  std::string folder;
};

TEST_F(ObjectCacheTest, GivesBackWhatWasStored) {
  ObjectCache cache(folder + "/a/b", 1 << 20);
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

// What is found is executed, so no damaged byte may pass.
TEST_F(ObjectCacheTest, EveryDamagedByteMakesTheEntryAbsent) {
  ObjectCache cache(folder, 1 << 20);
  cache.store("key", kernelOf(40));
  std::string path = folder + "/key", bytes;
  {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] ^= 1;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    EXPECT_FALSE(cache.find("key")) << "byte " << at;
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes.substr(0, bytes.size() - 1);
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(ObjectCacheTest, FolderOpenToOthersIsNotUsed) {
  chmod(folder.c_str(), 0755);
  ObjectCache cache(folder, 1 << 20);
  EXPECT_FALSE(cache.isOpen());
  cache.store("key", kernelOf(1));
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(ObjectCacheTest, LinkInPlaceOfAnEntryIsNotFollowed) {
  ObjectCache cache(folder, 1 << 20);
  cache.store("real", kernelOf(1));
  std::filesystem::create_symlink(folder + "/real", folder + "/key");
  EXPECT_TRUE(cache.find("real"));
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(ObjectCacheTest, EntriesUsedLeastRecentlyGoFirst) {
  ObjectCache cache(folder, 3000);
  cache.store("a", kernelOf(1000));
  cache.store("b", kernelOf(1000));
  // Times of use as they would be, without waiting for the clock.
  timespec early[2] = {{1000, 0}, {1000, 0}}, late[2] = {{2000, 0}, {2000, 0}};
  utimensat(AT_FDCWD, (folder + "/a").c_str(), late, 0);
  utimensat(AT_FDCWD, (folder + "/b").c_str(), early, 0);
  cache.store("c", kernelOf(1000));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("c"));
}

TEST_F(ObjectCacheTest, ListsAndClearsItsEntries) {
  ObjectCache cache(folder, 1 << 20);
  cache.store("first", kernelOf(10));
  cache.store("second", kernelOf(1000));
  std::vector<CachedObject> entries = cache.list();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].key, "first");
  EXPECT_GT(entries[1].bytes, 1000);
  cache.clear();
  EXPECT_TRUE(cache.list().empty());
  EXPECT_FALSE(cache.find("first"));
}

} // namespace
