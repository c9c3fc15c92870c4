// The device's own contract: memory, launches, determinism, counters.
#include "test/unit/sim/SimHarness.h"
#include <dlfcn.h>
#include <set>
#include <tuple>

namespace heddle::sim {
namespace {

/// y[i] = block * 1000 + thread, with every third block also writing to element 0 of `z`.
const char *const ptx = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry mark(.param .u64 y, .param .u64 z) {
  .reg .pred %p<3>; .reg .b32 %r<9>; .reg .b64 %rd<9>;
  ld.param.u64 %rd1, [y];
  ld.param.u64 %rd3, [z];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %tid.x;
  mad.lo.s32 %r3, %r1, 32, %r2;
  mad.lo.s32 %r4, %r1, 1000, %r2;
  mad.wide.u32 %rd2, %r3, 4, %rd1;
  st.global.u32 [%rd2], %r4;
  rem.u32 %r5, %r1, 3;
  setp.eq.u32 %p1, %r5, 0;
  setp.eq.and.u32 %p2, %r2, 0, %p1;
  @%p2 st.global.u32 [%rd3], %r1;
  ret;
}
)";

TEST(SimDeviceTest, FindingsAndResultsDoNotDependOnHostThreads) {
  std::vector<std::string> texts;
  for (int threads : {1, 2, 7}) {
    Bench bench({.hostThreads = threads});
    SimAddress y = bench.allocate<uint32_t>("y", 256 * 32 - 5), z = bench.allocate<uint32_t>("z", 1);
    ASSERT_TRUE(bench.launch(ptx, "mark", {.grid = {256, 1, 1}}, {y, z}).isOk());
    texts.push_back(bench.findingText());
    EXPECT_EQ(bench.download<uint32_t>(y, 33)[32], 1000u);
  }
  EXPECT_NE(texts[0].find("block-conflict"), std::string::npos);
  EXPECT_NE(texts[0].find("out-of-bounds"), std::string::npos);
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(texts[0], texts[2]);
}

TEST(SimDeviceTest, UnloadsOnlyWhatIsLoaded) {
  Bench bench;
  Result<const SimModule *> module = bench.device->loadModule(ptx);
  ASSERT_TRUE(module.isOk()) << module.status().message();
  EXPECT_TRUE(bench.device->unloadModule(*module).isOk());
  Status again = bench.device->unloadModule(*module);
  EXPECT_EQ(again.code(), Code::DeviceError);
  EXPECT_EQ(again.message(), "unload of a module that is not loaded");
}

// Large launches are checked by samples: only the chosen blocks run.
TEST(SimDeviceTest, ListOfBlocksRunsThoseOnly) {
  Bench bench;
  SimAddress y = bench.upload("y", std::vector<uint32_t>(8 * 32, 7)), z = bench.allocate<uint32_t>("z", 1);
  ASSERT_TRUE(bench.launch(ptx, "mark", {.grid = {8, 1, 1}, .blocks = {1, 7}}, {y, z}).isOk());
  std::vector<uint32_t> values = bench.download<uint32_t>(y, 8 * 32);
  EXPECT_EQ(values[0], 7u);
  EXPECT_EQ(values[32], 1000u);
  EXPECT_EQ(values[7 * 32 + 31], 7031u);
  EXPECT_EQ(values[6 * 32], 7u);
}

TEST(SimDeviceTest, CountsInstructionsOfWarpsAndThreads) {
  Bench bench({.profile = true});
  SimAddress y = bench.allocate<uint32_t>("y", 64), z = bench.allocate<uint32_t>("z", 1);
  ASSERT_TRUE(bench.launch(ptx, "mark", {.grid = {2, 1, 1}}, {y, z}).isOk());
  std::vector<SimLineCounters> counters = bench.device->counters();
  ASSERT_EQ(counters.size(), 1u); // No line information.
  EXPECT_EQ(counters[0].warpInstructions, 2u * 13);
  EXPECT_EQ(counters[0].threadInstructions, 2u * 12 * 32 + 1);
  EXPECT_EQ(counters[0].globalRequests, 3u);
  EXPECT_EQ(counters[0].globalSectors, 2u * 4 + 1);
  EXPECT_EQ(counters[0].sharedRequests, 0u);
  EXPECT_EQ(counters[0].sharedWavefronts, 0u);
}

// Column accesses of an unpadded tile of 32 words fall on one bank.
TEST(SimDeviceTest, CountsBankConflicts) {
  for (auto [stride, passes] : {std::pair("128", 32u), std::pair("132", 1u)}) {
    std::string text = std::string(".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k() {\n"
                                   ".reg .b32 %r<9>; .shared .align 4 .b8 s[4224];\nmov.u32 %r1, %tid.x;\n"
                                   "mul.lo.s32 %r2, %r1, ") +
                       stride + ";\nmov.u32 %r3, s; add.u32 %r3, %r3, %r2;\nst.shared.u32 [%r3], %r1; ret; }";
    Bench bench({.profile = true});
    ASSERT_TRUE(bench.launch(text, "k", {}, {}).isOk());
    SimLineCounters counters = bench.device->counters()[0];
    EXPECT_EQ(counters.sharedRequests, 1u) << "stride " << stride;
    EXPECT_EQ(counters.sharedWavefronts, passes) << "stride " << stride;
    EXPECT_EQ(counters.globalRequests, 0u) << "stride " << stride;
    EXPECT_EQ(counters.globalSectors, 0u) << "stride " << stride;
  }
}

// Lambdas of a kernel run inside functions of a header: the line that counts is the kernel's.
TEST(SimDeviceTest, PlaceNamesTheInnermostLineOfAFile) {
  SimPlace place;
  place.file = "tile.cuh";
  place.line = 20;
  place.inlinedAt = "other-k.cu:5 (inlined at k.cu:12 (inlined at k.cu:30))";
  EXPECT_EQ(place.lineIn("tile.cuh"), 20);
  EXPECT_EQ(place.lineIn("k.cu"), 12);
  EXPECT_EQ(place.lineIn("core.cuh"), 0);
}

TEST(SimDeviceTest, RefusesLaunchesThatADriverRefuses) {
  Bench bench;
  std::vector<Argument> arguments = {bench.allocate<uint32_t>("y", 64), bench.allocate<uint32_t>("z", 1)};
  EXPECT_EQ(bench.launch(ptx, "mark", {.block = {2048, 1, 1}}, arguments).message(),
            "launch of 'mark': 2048 threads per block, expected 1 to 1024");
  EXPECT_EQ(bench.launch(ptx, "mark", {.grid = {0, 1, 1}}, arguments).message(),
            "launch of 'mark': 0 blocks, expected 1 to 4294967294");
  EXPECT_EQ(bench.launch(ptx, "mark", {.grid = {4, 1, 1}, .blocks = {1, 1}}, arguments).message(),
            "launch of 'mark': the list of blocks is not ascending below 4");
  EXPECT_EQ(bench.launch(ptx, "mark", {}, {}).message(), "launch of 'mark': 0 parameters, expected 2");
  EXPECT_NE(bench.launch(ptx, "mark", {.dynamicSharedBytes = 1 << 20}, arguments)
                .message()
                .find(" bytes of shared memory, expected at most "),
            std::string::npos);
  EXPECT_EQ(bench.launch(ptx, "other", {}, arguments).message(), "the module has no kernel 'other'");
}

TEST(SimDeviceTest, RefusesCopiesOutsideOfAllocations) {
  Bench bench;
  SimAddress x = bench.allocate<uint8_t>("x", 10);
  uint8_t bytes[16] = {};
  EXPECT_TRUE(bench.device->copyToDevice(x + 2, bytes, 8).isOk());
  EXPECT_NE(bench.device->copyToDevice(x + 3, bytes, 8).message().find("outside of 'x' (10 bytes)"), std::string::npos);
  EXPECT_EQ(bench.device->copyToHost(bytes, 0xbeef, 1).message(), "copy of 1 bytes from 0xbeef: no allocation there");
  ASSERT_TRUE(bench.device->free(x).isOk());
  EXPECT_NE(bench.device->copyToHost(bytes, x, 1).message().find("'x' is freed"), std::string::npos);
  EXPECT_NE(bench.device->free(x).message().find("free of 'x', which is free already"), std::string::npos);
  EXPECT_EQ(bench.device->free(0xbeef).message(), "free of 0xbeef, which is no allocation");
}

TEST(SimDeviceTest, MemoryIsWhatWasAskedFor) {
  Bench bench;
  SimAddress x = bench.allocate<uint8_t>("x", 10);
  EXPECT_NE(bench.device->view(x + 4, 8, "part").status().message().find("is not inside an allocation"),
            std::string::npos);
  EXPECT_NE(bench.device->allocate(size_t(1) << 62, "huge").status().message().find("allocation of 'huge': "),
            std::string::npos);
  uint8_t bytes[4] = {};
  Result<SimAddress> constant = bench.device->import(bytes, sizeof(bytes), /*writable=*/false, "w");
  ASSERT_TRUE(constant.isOk());
  EXPECT_NE(bench.device->copyToDevice(*constant, bytes, 1).message().find("'w' is read-only"), std::string::npos);
}

// A session makes views for every launch: their numbers must come back, and only after a while.
TEST(SimDeviceTest, ViewsAreReusedLate) {
  Bench bench;
  SimAddress arena = bench.allocate<uint8_t>("arena", 64);
  std::set<SimAddress> seen;
  SimAddress first = 0;
  for (int i = 0; i < 5000; ++i) {
    Result<SimAddress> view = bench.device->view(arena + 8, 8, "value");
    ASSERT_TRUE(view.isOk());
    first = first ? first : *view;
    EXPECT_TRUE(i == 0 || i > 500 || *view != first);
    seen.insert(*view);
    ASSERT_TRUE(bench.device->free(*view).isOk());
  }
  EXPECT_LT(seen.size(), 2000u);
}

TEST(SimDeviceTest, FreeingAnAllocationFreesItsViews) {
  Bench bench;
  SimAddress arena = bench.allocate<uint8_t>("arena", 64);
  Result<SimAddress> view = bench.device->view(arena, 8, "value");
  ASSERT_TRUE(view.isOk());
  ASSERT_TRUE(bench.device->free(arena).isOk());
  uint8_t byte = 0;
  EXPECT_NE(bench.device->copyToHost(&byte, *view, 1).message().find("'value' is freed"), std::string::npos);
}

// Kernels report a failed check by an atomic maximum: it must not cost them their parallelism, nor its value.
TEST(SimDeviceTest, CommutativeAtomicsGiveOneResultOnAnyNumberOfThreads) {
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 y) {\n"
                     ".reg .b32 %r<9>; .reg .b64 %rd<3>;\nld.param.u64 %rd1, [y];\nmov.u32 %r1, %ctaid.x;\n"
                     "atom.global.max.u32 %r2, [%rd1], %r1;\nred.global.add.u32 [%rd1+4], %r1;\nret; }";
  for (int threads : {1, 4}) {
    Bench bench({.hostThreads = threads});
    SimAddress y = bench.upload("y", std::vector<uint32_t>{0, 0});
    ASSERT_TRUE(bench.launch(text, "k", {.grid = {200, 1, 1}}, {y}).isOk());
    EXPECT_EQ(bench.download<uint32_t>(y, 2), (std::vector<uint32_t>{199, 32 * 199 * 100}));
  }
}

TEST(SimDeviceTest, EmptyTensorsAreAllowed) {
  Bench bench;
  SimAddress empty = bench.allocate<float>("empty", 0);
  EXPECT_NE(empty, 0u);
  EXPECT_TRUE(bench.device->copyToDevice(empty, nullptr, 0).isOk());
  EXPECT_TRUE(bench.device->import(nullptr, 0, true, "none").isOk());
}

// Programs do not link the simulator: they open it when its device is asked for.
TEST(SimDeviceTest, SharedLibraryMakesDevices) {
  void *library = dlopen(HEDDLE_SIM_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  auto create = reinterpret_cast<SimDevice *(*)(const SimOptions *)>(dlsym(library, "heddle_sim_create"));
  ASSERT_NE(create, nullptr);
  SimOptions options;
  std::unique_ptr<SimDevice> device(create(&options));
  EXPECT_TRUE(device->loadModule(ptx).isOk());
}

// Two halves and four quarters of a warp, since a pass moves 128 bytes.
TEST(SimDeviceTest, WideSharedAccessesTakeAPassPer128Bytes) {
  for (auto [vector, registers, shift, passes] :
       {std::tuple("v2", "{%r1, %r1}", "8", 2u), std::tuple("v4", "{%r1, %r1, %r1, %r1}", "16", 4u)}) {
    std::string text = std::string(".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k() {\n"
                                   ".reg .b32 %r<9>; .shared .align 16 .b8 s[512];\nmov.u32 %r1, %tid.x;\n"
                                   "mul.lo.s32 %r2, %r1, ") +
                       shift + ";\nmov.u32 %r3, s; add.u32 %r3, %r3, %r2;\nst.shared." + vector + ".u32 [%r3], " +
                       registers + "; ret; }";
    Bench bench({.profile = true});
    ASSERT_TRUE(bench.launch(text, "k", {}, {}).isOk());
    EXPECT_EQ(bench.device->counters()[0].sharedWavefronts, passes) << vector;
    EXPECT_EQ(bench.findingText(), "");
  }
}

// A device without registers' initial values would leak what ran before.
TEST(SimDeviceTest, RegisterReadBeforeItIsWrittenIsZero) {
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 y) {\n"
                     ".reg .b32 %r<3>; .reg .b64 %rd<3>;\nld.param.u64 %rd1, [y];\n"
                     "st.global.u32 [%rd1], %r1;\nmov.u32 %r1, 5;\nadd.u32 %r2, %r1, %r1;\n"
                     "st.global.u32 [%rd1+4], %r2; ret; }";
  Bench bench;
  SimAddress y = bench.allocate<uint32_t>("y", 2);
  ASSERT_TRUE(bench.launch(text, "k", {.block = {1, 1, 1}}, {y}).isOk());
  EXPECT_EQ(bench.download<uint32_t>(y, 2), (std::vector<uint32_t>{0, 10}));
}

} // namespace
} // namespace heddle::sim
