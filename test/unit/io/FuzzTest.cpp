// Feeds every reader thousands of damaged files: it must answer with a status and never crash or ask for much memory.
#include "test/unit/io/IOTestUtils.h"
#include "tools/io/Npy.h"
#include "tools/io/TensorFiles.h"
#include "tools/io/TensorProto.h"
#include "tools/io/ZipFormat.h"
#include <random>
#include <zlib.h>

using namespace heddle;
using namespace heddle::test;

namespace {

constexpr int rounds = 700;
// Enough for every sample, so that damaged sizes run into the limit instead of the machine's memory.
const ReadLimits limits{.tensorBytes = 1 << 20, .totalBytes = 1 << 20};

std::string damaged(std::string content, std::mt19937 &random) {
  const auto below = [&random](size_t bound) { return static_cast<size_t>(random() % bound); };
  for (size_t i = 0, count = below(4); i < count; ++i)
    content[below(content.size())] ^= static_cast<char>(1 << below(8));
  if (below(3) == 0)
    content[below(content.size())] = static_cast<char>(below(2) ? 0xff : 0);
  if (below(4) == 0)
    content.resize(below(content.size()) + 1);
  return content;
}

/// One line, whatever bytes the file holds.
void expectOneLine(const Status &status) {
  EXPECT_TRUE(status.code() == Code::Malformed || status.code() == Code::Unsupported ||
              status.code() == Code::OverLimit)
      << status.message();
  for (char c : status.message())
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << status.message();
}

template <typename Read> void fuzz(const std::string &sample, unsigned seed, Read read) {
  std::mt19937 random(seed);
  int failures = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string content = damaged(sample, random);
    auto result = read(content);
    if (result)
      continue;
    ++failures;
    expectOneLine(result.status());
  }
  EXPECT_GT(failures, rounds / 10) << "the damage is too mild to test anything";
}

TEST(Fuzz, npy) {
  ScratchFolder folder;
  ASSERT_TRUE(writeNpyFile(folder.path("a.npy"), tensorOf<float>(DType::F32, {2, 2}, {1, 2, 3, 4})).isOk());
  fuzz(readAll(folder.path("a.npy")), 1,
       [&](const std::string &content) { return readNpyFile(folder.write("b.npy", content), limits); });
}

TEST(Fuzz, npz) {
  ScratchFolder folder;
  const Tensor tensor = tensorOf<float>(DType::F32, {2, 2}, {1, 2, 3, 4});
  const TensorToWrite tensors[] = {{"a", &tensor}, {"b", &tensor}};
  ASSERT_TRUE(writeNpz(folder.path("a.npz"), tensors).isOk());
  fuzz(readAll(folder.path("a.npz")), 2,
       [&](const std::string &content) { return readNpz(folder.write("b.npz", content), limits); });
}

std::string deflated(std::string content) {
  std::string packed(content.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef *>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// An archive with one deflated member, as numpy.savez_compressed writes it.
std::string compressedArchive(const std::string &name, const std::string &content) {
  const std::string packed = deflated(content);
  std::string common;
  for (const auto &[value, width] : {std::pair<uint64_t, size_t>(20, 2), {0, 2}, {zip::deflated, 2}, {0, 4}})
    zip::append(common, value, width);
  zip::append(common, crc32(0, reinterpret_cast<const Bytef *>(content.data()), static_cast<uInt>(content.size())), 4);
  for (const auto &[value, width] :
       {std::pair<uint64_t, size_t>(packed.size(), 4), {content.size(), 4}, {name.size(), 2}, {0, 2}})
    zip::append(common, value, width);
  std::string archive = "PK\3\4" + common + name + packed;
  const size_t directory = archive.size();
  archive += std::string("PK\1\2\x14\0", 6) + common + std::string(14, '\0') + name;
  const size_t end = archive.size();
  archive += std::string("PK\5\6\0\0\0\0\1\0\1\0", 12);
  zip::append(archive, end - directory, 4);
  zip::append(archive, directory, 4);
  return archive + std::string(2, '\0');
}

// zlib sees bytes of the user: it gets the same treatment as our own code.
TEST(Fuzz, compressedNpz) {
  ScratchFolder folder;
  ASSERT_TRUE(writeNpyFile(folder.path("a.npy"), tensorOf<float>(DType::F32, {2, 2}, {1, 2, 3, 4})).isOk());
  const std::string archive = compressedArchive("a.npy", readAll(folder.path("a.npy")));
  Result<std::vector<NamedTensor>> intact = readNpz(folder.write("a.npz", archive), limits);
  ASSERT_TRUE(intact.isOk()) << intact.status().message();
  EXPECT_EQ(valuesOf<float>((*intact)[0].tensor), (std::vector<float>{1, 2, 3, 4}));
  fuzz(archive, 4, [&](const std::string &content) { return readNpz(folder.write("b.npz", content), limits); });
}

TEST(Fuzz, messages) {
  Sequence sequence;
  sequence.push_back(tensorOf<int8_t>(DType::I4, {3}, {-8, 7, -1}));
  sequence.push_back(tensorOf<double>(DType::F64, {2}, {1, 2}));
  const std::string sample = serializeValue("n", Optional(std::move(sequence)));
  fuzz(sample, 3, [&](const std::string &content) {
    return parseValue(std::as_bytes(std::span(content.data(), content.size())), ValueKind::Optional, limits);
  });
}

} // namespace
