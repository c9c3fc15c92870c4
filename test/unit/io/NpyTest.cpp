// Tests the .npy reader on files as NumPy writes them, and on broken ones.
#include "tools/io/Npy.h"
#include "test/unit/io/IOTestUtils.h"
#include "tools/io/NpyHeader.h"

using namespace heddle;
using namespace heddle::test;

namespace {

std::string npy(const std::string &header, const std::string &elements, char version = 1) {
  std::string text = std::string("\x93NUMPY", 6) + version + '\0';
  text += {static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  if (version > 1)
    text += std::string(2, '\0');
  return text + header + elements;
}

class Npy : public testing::Test {
protected:
  Result<Tensor> read(const std::string &content) { return readNpyFile(folder.write("x.npy", content)); }
  void expectError(const std::string &content, Code code, const std::string &message) {
    Result<Tensor> tensor = read(content);
    ASSERT_FALSE(tensor.isOk());
    EXPECT_EQ(tensor.status().code(), code) << tensor.status().message();
    EXPECT_NE(tensor.status().message().find(message), std::string::npos) << tensor.status().message();
    EXPECT_EQ(tensor.status().message().find('\n'), std::string::npos);
  }
  ScratchFolder folder;
};

// The order of the keys is NumPy's choice, not the format's.
TEST_F(Npy, readsKeysInAnyOrder) {
  Result<Tensor> tensor =
      read(npy("{'shape': (2,), \"fortran_order\": False, 'descr': '<i2'}\n", std::string("\x01\0\xff\xff", 4)));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(tensor->type(), DType::I16);
  EXPECT_EQ(valuesOf<int16_t>(*tensor), (std::vector<int16_t>{1, -1}));
}

// Versions 2 and 3 have four bytes of header length.
TEST_F(Npy, readsVersionsTwoAndThree) {
  for (char version : {2, 3}) {
    Result<Tensor> tensor = read(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "\x07", version));
    ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
    EXPECT_TRUE(tensor->shape().empty());
    EXPECT_EQ(valuesOf<uint8_t>(*tensor), std::vector<uint8_t>{7});
  }
}

// A transposed array in NumPy is saved so; taking it for row-major would compute with scrambled values.
TEST_F(Npy, transposesFortranOrder) {
  Result<Tensor> tensor = read(npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3)}", "\1\4\2\5\3\6"));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(valuesOf<int8_t>(*tensor), (std::vector<int8_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(Npy, swapsBigEndianElements) {
  Result<Tensor> tensor =
      read(npy("{'descr': '>u4', 'fortran_order': False, 'shape': (1,)}", std::string("\0\0\1\2", 4)));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(valuesOf<uint32_t>(*tensor), std::vector<uint32_t>{258});
}

// Kernels rely on a bool being 0 or 1.
TEST_F(Npy, normalizesBools) {
  Result<Tensor> tensor = read(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", std::string("\5\0", 2)));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(valuesOf<uint8_t>(*tensor), (std::vector<uint8_t>{1, 0}));
}

// An empty tensor is normal (a cache before the first token).
TEST_F(Npy, readsEmptyTensors) {
  Result<Tensor> tensor = read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0, 64)}", ""));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(tensor->elementCount(), 0);
}

TEST_F(Npy, refusesBrokenFiles) {
  const std::string rest = ", 'fortran_order': False, 'shape': (2,)}";
  expectError("", Code::Malformed, "too short");
  expectError("PK\3\4 and so on", Code::Malformed, "not a .npy file");
  expectError(npy("{'descr': '<f4'" + rest, std::string(7, '\0')), Code::Malformed,
              "holds 7 bytes of elements, expected 8");
  expectError(npy("{'descr': '<f4'" + rest, std::string(9, '\0')), Code::Malformed, "holds 9 bytes");
  expectError(npy("{'descr': '<f4'" + rest + "x", std::string(8, '\0')), Code::Malformed, "after the dictionary");
  expectError(npy("{'descr': '<f4', 'descr': '<f4'" + rest, ""), Code::Malformed, "twice");
  expectError(npy("{'descr': '<f4', 'shape': (2,)}", ""), Code::Malformed, "expected descr, fortran_order and shape");
  expectError(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", ""), Code::Malformed, "dimension");
  expectError(npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", ""), Code::Malformed, "True nor False");
  expectError(npy("{'descr", ""), Code::Malformed, "unterminated");
  expectError(npy("{'descr': '<f4'" + rest, "", 9), Code::Malformed, "version 9.0");
}

// A product of dimensions that wraps around to the file's size would read out of bounds later.
TEST_F(Npy, refusesOverflowingShapes) {
  expectError(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", ""), Code::Malformed,
              "fewer than 2^63");
}

TEST_F(Npy, namesUnsupportedElementTypes) {
  expectError(npy("{'descr': '<U5', 'fortran_order': False, 'shape': ()}", ""), Code::Unsupported, "'<U5'");
  expectError(npy("{'descr': '<c8', 'fortran_order': False, 'shape': ()}", ""), Code::Unsupported, "'<c8'");
  expectError(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", ""), Code::Unsupported,
              "structured");
}

TEST_F(Npy, keepsToTheLimits) {
  const std::string file =
      folder.write("x.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", std::string(12, '\0')));
  Result<Tensor> tensor = readNpyFile(file, ReadLimits{.tensorBytes = 8});
  ASSERT_FALSE(tensor.isOk());
  EXPECT_EQ(tensor.status().code(), Code::OverLimit);
}

// bf16 comes back as u16 and is then given its type by the model's input.
TEST_F(Npy, carriesSmallFloatsAsIntegers) {
  const Tensor written = tensorOf<uint16_t>(DType::BF16, {2}, {0x3f80, 0xc000});
  ASSERT_TRUE(storesRawIntegers(DType::BF16));
  ASSERT_TRUE(writeNpyFile(folder.path("b.npy"), written).isOk());
  Result<Tensor> tensor = readNpyFile(folder.path("b.npy"));
  ASSERT_TRUE(tensor.isOk()) << tensor.status().message();
  EXPECT_EQ(tensor->type(), DType::U16);
  ASSERT_TRUE(tensor->reinterpretAs(DType::BF16));
  EXPECT_EQ(valuesOf<uint16_t>(*tensor), valuesOf<uint16_t>(written));
  EXPECT_FALSE(tensor->reinterpretAs(DType::F32));
}

} // namespace
