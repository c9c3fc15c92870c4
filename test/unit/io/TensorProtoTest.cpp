// Tests the reader of ONNX's tensor messages field by field.
#include "tools/io/TensorProto.h"
#include "test/unit/io/IOTestUtils.h"

using namespace heddle;
using namespace heddle::test;

namespace {

std::string field(unsigned number, const std::string &content) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + content;
}

std::string number(unsigned field, char value) { return {static_cast<char>(field << 3), value}; }

Result<Value> parse(const std::string &message, ValueKind kind = ValueKind::Tensor) {
  return parseValue(std::as_bytes(std::span(message.data(), message.size())), kind);
}

template <typename T> std::vector<T> parsedValues(const std::string &message) {
  Result<Value> value = parse(message);
  EXPECT_TRUE(value.isOk()) << value.status().message();
  return value ? valuesOf<T>(std::get<Tensor>(*value)) : std::vector<T>{};
}

void expectError(const std::string &message, Code code, const std::string &text) {
  Result<Value> value = parse(message);
  ASSERT_FALSE(value.isOk()) << text;
  EXPECT_EQ(value.status().code(), code) << value.status().message();
  EXPECT_NE(value.status().message().find(text), std::string::npos) << value.status().message();
}

constexpr char i8 = 3, f16 = 10, f32 = 1, i64 = 7, boolean = 9, text = 8, u32 = 12, u4 = 21, i4 = 22, complex64 = 14;

// Writers may pack repeated numbers or not; readers must take both.
TEST(TensorProto, readsPackedAndSingleNumbers) {
  const std::string one = number(1, 2) + number(2, i64);
  EXPECT_EQ(parsedValues<int64_t>(one + field(7, "\x05\x06")), (std::vector<int64_t>{5, 6}));
  EXPECT_EQ(parsedValues<int64_t>(one + number(7, 5) + number(7, 6)), (std::vector<int64_t>{5, 6}));
}

// A negative int32 takes ten bytes on the wire.
TEST(TensorProto, readsNegativeNumbers) {
  const std::string minusOne(9, '\xff');
  EXPECT_EQ(parsedValues<int8_t>(number(1, 1) + number(2, i8) + field(5, minusOne + '\1')), std::vector<int8_t>{-1});
}

// f16 lies in int32_data as its bits.
TEST(TensorProto, readsHalfBits) {
  EXPECT_EQ(parsedValues<uint16_t>(number(1, 1) + number(2, f16) + field(5, "\x80\x78")),
            std::vector<uint16_t>{0x3c00});
}

TEST(TensorProto, readsUnsigned32FromUint64Data) {
  EXPECT_EQ(parsedValues<uint32_t>(number(1, 1) + number(2, u32) + field(11, "\x09")), std::vector<uint32_t>{9});
}

// Two elements in a byte, the first in the low half, an odd count leaves the last half unused.
TEST(TensorProto, unpacksFourBitElements) {
  EXPECT_EQ(parsedValues<uint8_t>(number(1, 3) + number(2, u4) + field(9, "\xf1\x0a")),
            (std::vector<uint8_t>{1, 15, 10}));
  EXPECT_EQ(parsedValues<int8_t>(number(1, 3) + number(2, i4) + field(9, "\xf1\x0a")),
            (std::vector<int8_t>{1, -1, -6}));
  EXPECT_EQ(parsedValues<int8_t>(number(1, 3) + number(2, i4) + field(5, "\x71\x0a")), (std::vector<int8_t>{1, 7, -6}));
}

TEST(TensorProto, normalizesBools) {
  EXPECT_EQ(parsedValues<uint8_t>(number(1, 2) + number(2, boolean) + field(9, std::string("\x80\0", 2))),
            (std::vector<uint8_t>{1, 0}));
}

TEST(TensorProto, readsStrings) {
  Result<Value> value = parse(number(1, 2) + number(2, text) + field(6, "ab") + field(6, ""));
  ASSERT_TRUE(value.isOk()) << value.status().message();
  EXPECT_EQ(std::get<Tensor>(*value).strings(), (std::vector<std::string>{"ab", ""}));
}

TEST(TensorProto, countsMustBeExact) {
  const std::string four = number(1, 1) + number(2, f32);
  expectError(four + field(9, "123"), Code::Malformed, "raw_data has 3 bytes");
  expectError(four + field(9, "12345"), Code::Malformed, "raw_data has 5 bytes");
  expectError(four, Code::Malformed, "0 values do not fit 1xf32");
  expectError(four + field(4, "12345678"), Code::Malformed, "2 values do not fit 1xf32");
  expectError(number(1, 2) + number(2, text) + field(6, "a"), Code::Malformed, "1 values do not fit 2xstring");
}

TEST(TensorProto, elementsLieInOneField) {
  const std::string start = number(1, 1) + number(2, f32);
  expectError(start + field(9, "1234") + field(4, "1234"), Code::Malformed, "more than one field");
  expectError(start + field(7, "\1"), Code::Malformed, "in the wrong one");
  expectError(start + field(9, "1234") + field(9, "1234"), Code::Malformed, "twice");
}

TEST(TensorProto, brokenMessagesAreRefused) {
  expectError(number(2, 99), Code::Malformed, "data_type 99 is not a supported element type");
  expectError("", Code::Malformed, "data_type 0");
  expectError(number(2, complex64), Code::Unsupported, "data_type 14");
  expectError(number(1, 1) + number(2, f32) + field(3, ""), Code::Malformed, "segments");
  expectError(field(9, "1234").substr(0, 4), Code::Malformed, " passes the end, ");
  expectError("\x0d\x01", Code::Malformed, "truncated fixed-width number");
  expectError(number(1, 1) + number(2, f32) + number(14, 1), Code::Unsupported,
              "external data is not read from .pb files");
  expectError("\x0b", Code::Malformed, "wire type 3");
  expectError(std::string(2, '\0'), Code::Malformed, "field number 0");
  expectError(std::string(11, '\xff'), Code::Malformed, "longer than 64 bits");
  expectError("\x08\x80", Code::Malformed, "truncated number");
}

// Negative and overflowing dimensions reach every size computation unless they stop here.
TEST(TensorProto, dimensionsAreChecked) {
  const std::string huge = std::string("\x08") + std::string(8, '\x80') + "\x40"; // 2^62
  expectError("\x08" + std::string(9, '\xff') + '\1' + number(2, f32), Code::Malformed, "negative dimension");
  expectError(huge + huge + number(2, f32), Code::Malformed, "too large");
  expectError(huge + huge + number(1, 0) + number(2, f32), Code::Malformed, "too large");
}

// Sequences and optionals may hold what has no place in a plan: maps, sparse tensors, each other.
TEST(TensorProto, valuesOfOtherKindsAreRefused) {
  EXPECT_EQ(parse(field(4, ""), ValueKind::Sequence).status().message(),
            "sequences of other values than tensors are not supported");
  EXPECT_EQ(parse(field(4, ""), ValueKind::Optional).status().message(),
            "optionals of other values than tensors and sequences are not supported");
}

TEST(TensorProto, limitsAreKept) {
  const std::string tensor = number(1, 1) + number(2, f32) + field(9, "1234");
  const std::string two = field(3, tensor) + field(3, tensor);
  ReadLimits limits;
  limits.count = 1;
  auto bytes = [](const std::string &message) { return std::as_bytes(std::span(message.data(), message.size())); };
  EXPECT_EQ(parseValue(bytes(two), ValueKind::Sequence, limits).status().message(),
            "a sequence has more than 1 tensors");
  limits.tensorBytes = 3;
  EXPECT_EQ(parseValue(bytes(tensor), ValueKind::Tensor, limits).status().message(),
            "tensor 1xf32 takes 4 bytes, the limit is 3");
  EXPECT_EQ(Tensor::allocate(DType::U8, std::vector<int64_t>(65, 1)).status().message(),
            "rank 65 is over the limit of 64");
  EXPECT_NE(Tensor::allocate(DType::U8, {-1}).status().message().find(" has a negative dimension or is too large"),
            std::string::npos);
  limits.tensorBytes = UINT64_MAX;
  EXPECT_NE(Tensor::allocate(DType::U8, {int64_t(1) << 60}, limits).status().message().find("no memory for tensor "),
            std::string::npos);
  limits.totalBytes = 3;
  ScratchFolder folder;
  EXPECT_EQ(readValueFile(folder.write("x.pb", tensor), ValueKind::Tensor, limits).status().message(),
            "'" + folder.path("x.pb") + "': 10 bytes, the limit is 3");
}

template <typename T> T roundTrip(const Value &value, ValueKind kind) {
  Result<Value> read = parse(serializeValue("n", value), kind);
  EXPECT_TRUE(read.isOk()) << read.status().message();
  return std::get<T>(std::move(*read));
}

TEST(TensorProto, tensorsRoundTrip) {
  const Tensor tensor = roundTrip<Tensor>(tensorOf<int8_t>(DType::I4, {3}, {-8, 7, -1}), ValueKind::Tensor);
  EXPECT_EQ(tensor.type(), DType::I4);
  EXPECT_EQ(valuesOf<int8_t>(tensor), (std::vector<int8_t>{-8, 7, -1}));
}

TEST(TensorProto, sequencesRoundTrip) {
  Sequence sequence;
  sequence.push_back(tensorOf<float>(DType::F32, {1}, {1.5f}));
  sequence.push_back(tensorOf<float>(DType::F32, {0}, {}));
  const Sequence read = roundTrip<Sequence>(Value(std::move(sequence)), ValueKind::Sequence);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(valuesOf<float>(read[0]), std::vector<float>{1.5f});
  EXPECT_EQ(read[1].shape(), std::vector<int64_t>{0});
}

TEST(TensorProto, optionalsRoundTrip) {
  const Optional empty = roundTrip<Optional>(Optional(), ValueKind::Optional);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(empty));
  const Optional full = roundTrip<Optional>(Optional(tensorOf<float>(DType::F32, {1}, {2})), ValueKind::Optional);
  ASSERT_TRUE(std::holds_alternative<Tensor>(full));
  EXPECT_EQ(valuesOf<float>(std::get<Tensor>(full)), std::vector<float>{2});
}

TEST(TensorProto, messagesCarryTheirName) {
  const std::string message = serializeValue("logits", tensorOf<float>(DType::F32, {1}, {2}));
  EXPECT_EQ(nameInMessage(std::as_bytes(std::span(message.data(), message.size())), ValueKind::Tensor), "logits");
}

} // namespace
