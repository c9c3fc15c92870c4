// Tests heddle-run and the example generate as a user calls them: what they print and write, their exit codes.
#include "runtime/format/Artifact.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n"), past = Expr::symbol("past");

class HeddleRun : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("heddle-run-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string pathOf(const std::string &name) const { return (folder / name).string(); }

  void write(const std::string &name, const std::shared_ptr<const Program> &program) {
    Status status = writeArtifact(pathOf(name), *program, [](size_t, const WeightSink &) { return Status::ok(); });
    ASSERT_TRUE(status) << status.message();
  }

  /// y = x + x over a free size.
  void writeDouble(const std::string &name) {
    ProgramBuilder builder;
    Operand x = builder.input("x", DType::F32, {n});
    Operand y = builder.output("y", DType::F32, {n});
    builder.steps() = {ProgramBuilder::add(x, x, y)};
    write(name, builder.build());
  }

  /// Runs in the folder and keeps exit code and output (stderr included).
  void run(const std::string &words, const std::string &program = HEDDLE_RUN_PROGRAM) {
    std::string command = "cd " + folder.string() + " && " + program + " " + words + " 2>&1";
    FILE *pipe = popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    text.clear();
    char buffer[512];
    while (size_t count = fread(buffer, 1, sizeof(buffer), pipe))
      text.append(buffer, count);
    exitCode = WEXITSTATUS(pclose(pipe));
  }

  std::filesystem::path folder;
  std::string text;
  int exitCode = -1;
};

// With nothing given, free sizes get small defaults that are printed.
TEST_F(HeddleRun, DrawsInputsAndSummarizesOutputs) {
  writeDouble("m.hdl");
  run("m.hdl");
  EXPECT_EQ(exitCode, 0);
  EXPECT_NE(text.find("note: free size 'n' is set to 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("y: 1xf32"), std::string::npos) << text;
}

// Sizes that were chosen for the model and that it refuses are no user's mistake: others are tried.
TEST_F(HeddleRun, TriesOtherSizesWhereTheModelRefusesThem) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {1, n});
  Operand y = builder.output("y", DType::F32, {1, n});
  builder.steps() = {ProgramBuilder::add(x, x, y)};
  builder.variant.guards = {equal(mod(n, 256), 0)};
  write("m.hdl", builder.build());
  run("m.hdl");
  EXPECT_EQ(exitCode, 0) << text;
  EXPECT_NE(text.find("note: the model refuses these sizes: no variant"), std::string::npos) << text;
  EXPECT_NE(text.find("note: free size 'n' is set to 256\n"), std::string::npos) << text;
  run("m.hdl --input x=1x64xf32=1");
  EXPECT_EQ(exitCode, 2) << text;
}

TEST_F(HeddleRun, TakesValuesFromTheCommandLine) {
  writeDouble("m.hdl");
  run("m.hdl --input x=3xf32=1.5");
  EXPECT_EQ(text, "y: 3xf32  min 3  max 3  mean 3  [3, 3, 3]\n");
}

TEST_F(HeddleRun, WrittenOutputsAreInputsAgain) {
  writeDouble("m.hdl");
  run("m.hdl --input x=2xf32=1 --outputs out");
  EXPECT_EQ(exitCode, 0) << text;
  std::filesystem::rename(folder / "out" / "y.npy", folder / "out" / "x.npy");
  run("m.hdl --inputs out --json r.json");
  EXPECT_NE(text.find("[4, 4]"), std::string::npos) << text;
  std::ifstream json(pathOf("r.json"));
  std::string report{std::istreambuf_iterator<char>(json), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(
      report.starts_with(R"({"schema_version": 1, "runs": [{"outputs": [{"name": "y", "type": "f32", "shape": [2])"))
      << report;
}

// Several --inputs are several runs; the state goes on from one to the next.
TEST_F(HeddleRun, StatesGoOnFromRunToRun) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {1});
  Operand cache = builder.input("past.key", DType::F32, {past});
  Operand present = builder.output("present.key", DType::F32, {past + 1});
  builder.steps() = {ProgramBuilder::append(cache, x, present)};
  write("m.hdl", builder.build());
  std::filesystem::create_directory(folder / "none");
  run("m.hdl --state 'present*=past*' --input x=1xf32=2 --inputs none --inputs none --inputs none");
  EXPECT_EQ(exitCode, 0) << text;
  EXPECT_NE(text.find("present.key: 3xf32  min 2  max 2  mean 2  [2, 2, 2]"), std::string::npos) << text;
}

TEST_F(HeddleRun, UnknownInputGetsItsNearestMatch) {
  ProgramBuilder builder;
  Operand ids = builder.input("input_ids", DType::F32, {n});
  Operand y = builder.output("y", DType::F32, {n});
  builder.steps() = {ProgramBuilder::add(ids, ids, y)};
  write("m.hdl", builder.build());
  run("m.hdl --input inputs_ids=1xf32=1");
  EXPECT_EQ(exitCode, 2);
  EXPECT_EQ(text, "heddle-run: error: the model has no input 'inputs_ids', did you mean 'input_ids'?\n");
}

TEST_F(HeddleRun, DamagedArtifactExitsWithSeven) {
  writeDouble("m.hdl");
  std::filesystem::resize_file(folder / "m.hdl", 300);
  run("m.hdl");
  EXPECT_EQ(exitCode, 7);
}

TEST_F(HeddleRun, DeviceWithoutCodeExitsWithThree) {
  writeDouble("m.hdl");
  run("m.hdl --device sim");
  EXPECT_EQ(exitCode, 3);
  EXPECT_NE(text.find("compiled for cpu x86-64-v3; the device is sim"), std::string::npos) << text;
}

// The toy model's next token is the sum of all before it: wrong if a step loses, repeats or misplaces the cache.
TEST_F(HeddleRun, GenerateDecodesWithItsCache) {
  const Expr seq = Expr::symbol("seq");
  ProgramBuilder builder;
  Operand ids = builder.input("input_ids", DType::I64, {1, seq});
  Operand mask = builder.input("attention_mask", DType::I64, {1, past + seq});
  Operand cache = builder.input("past_key_values.0.key", DType::F32, {1, past});
  Operand logits = builder.output("logits", DType::F32, {1, seq, 10});
  Operand present = builder.output("present.0.key", DType::F32, {1, past + seq});
  builder.steps() = {ProgramBuilder::remember(cache, ids, present), ProgramBuilder::sumLogits(present, logits, past)};
  write("m.hdl", builder.build());
  run("m.hdl 6 1 2", HEDDLE_GENERATE_PROGRAM);
  EXPECT_EQ(text, "3 6 2 4 8 6\n");
  EXPECT_EQ(exitCode, 0);
}

// The folder that a debugger shall find the code in is the user's to give, and may be wrong.
TEST_F(HeddleRun, FolderForCodeMustBeThere) {
  writeDouble("m.hdl");
  run("m.hdl", "HEDDLE_KEEP=missing " + std::string(HEDDLE_RUN_PROGRAM));
  EXPECT_NE(exitCode, 0);
  EXPECT_NE(text.find("HEDDLE_KEEP: open of "), std::string::npos) << text;
}

/// A TensorProto of one string.
static std::string stringMessage(const std::string &text) {
  return std::string("\x08\x01\x10\x08\x32") + static_cast<char>(text.size()) + text;
}

// There is no sensible random text, and no tolerance for one.
TEST_F(HeddleRun, StringsAreGivenAndComparedExactly) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::String, {1});
  Operand y = builder.output("y", DType::String, {1});
  builder.steps() = {ProgramBuilder::identity(x, y)};
  write("s.hdl", builder.build());
  run("s.hdl");
  EXPECT_EQ(exitCode, int(Code::Unsupported));
  EXPECT_NE(text.find("input 'x': random strings are not drawn, give them"), std::string::npos) << text;
  std::filesystem::create_directories(pathOf("data"));
  std::ofstream(pathOf("data/input_0.pb"), std::ios::binary) << stringMessage("warp");
  std::ofstream(pathOf("data/output_0.pb"), std::ios::binary) << stringMessage("weft");
  run("s.hdl --test-dir data");
  EXPECT_EQ(exitCode, int(Code::Mismatch));
  EXPECT_NE(text.find("output 'y': strings differ"), std::string::npos) << text;
}

} // namespace
} // namespace heddle::test
