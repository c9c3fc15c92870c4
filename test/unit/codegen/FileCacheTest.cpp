// The cache of compiled code: hits, damage, foreign folders, eviction.
#include "codegen/FileCache.h"
#include "test/unit/codegen/CacheFolder.h"
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace heddle;

namespace {

using FileCacheTest = CacheFolderTest;

TEST_F(FileCacheTest, GivesBackWhatWasStored) {
  FileCache cache(folder + "/a/b");
  EXPECT_FALSE(cache.find("key"));
  cache.store("key", std::string("one\0two", 7));
  EXPECT_EQ(cache.find("key"), std::string("one\0two", 7));
}

// What is found is executed, so no damaged byte may pass.
TEST_F(FileCacheTest, EveryDamagedByteMakesTheEntryAbsent) {
  FileCache cache(folder);
  cache.store("key", std::string(40, 'x'));
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

TEST_F(FileCacheTest, FolderOpenToOthersIsNotUsed) {
  chmod(folder.c_str(), 0755);
  FileCache cache(folder);
  EXPECT_FALSE(cache.isOpen());
  cache.store("key", std::string(1, 'x'));
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(FileCacheTest, LinkInPlaceOfAnEntryIsNotFollowed) {
  FileCache cache(folder);
  cache.store("real", std::string(1, 'x'));
  std::filesystem::create_symlink(folder + "/real", folder + "/key");
  EXPECT_TRUE(cache.find("real"));
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(FileCacheTest, EntriesUsedLeastRecentlyGoFirst) {
  FileCache cache(folder, 3000);
  cache.store("a", std::string(1000, 'x'));
  cache.store("b", std::string(1000, 'x'));
  // Times of use as they would be, without waiting for the clock.
  timespec early[2] = {{1000, 0}, {1000, 0}}, late[2] = {{2000, 0}, {2000, 0}};
  utimensat(AT_FDCWD, (folder + "/a").c_str(), late, 0);
  utimensat(AT_FDCWD, (folder + "/b").c_str(), early, 0);
  cache.store("c", std::string(1000, 'x'));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("c"));
}

TEST_F(FileCacheTest, ListsAndClearsItsEntries) {
  FileCache cache(folder);
  cache.store("first", std::string(10, 'x'));
  cache.store("second", std::string(1000, 'x'));
  std::vector<CacheEntry> entries = cache.list();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].key, "first");
  EXPECT_GT(entries[1].bytes, 1000);
  cache.clear();
  EXPECT_TRUE(cache.list().empty());
  EXPECT_FALSE(cache.find("first"));
}

} // namespace
