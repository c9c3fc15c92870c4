// Feeds every reader thousands of damaged files: it must answer with a status and never crash or ask for much memory.
#include "test/unit/io/IOTestUtils.h"
#include "tools/io/Npy.h"
#include "tools/io/TensorFiles.h"
#include "tools/io/TensorProto.h"
#include <random>

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
