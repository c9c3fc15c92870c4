// Expected results of PTX instructions on memory, control flow and whole warps.
#include "test/unit/sim/OpcodeCases.h"

namespace heddle::sim {
namespace {

template <typename F> std::vector<uint32_t> perLane(F value) {
  std::vector<uint32_t> result;
  for (uint32_t lane = 0; lane < 32; ++lane)
    result.push_back(value(lane));
  return result;
}

std::vector<BodyCase> moveCases() {
  return {
      {"cvt.u16.u32 %h1, %r1; mov.u16 %h2, 1; mov.b32 %r0, {%h1, %h2};", perLane([](uint32_t i) { return i | 65536; })},
      {"mov.b64 %rd3, {%r1, 7}; mov.b64 {_, %r0}, %rd3;", {7}},
      {"mov.b32 {%h1, %h2}, %r1; cvt.u32.u16 %r0, %h1;", perLane([](uint32_t i) { return i; })},
      // Through the generic window and back.
      {"mov.u64 %rd3, s; cvta.shared.u64 %rd4, %rd3; st.u32 [%rd4+4], 9; ld.shared.u32 %r0, [s+4];", {9}},
      {"mov.u64 %rd3, s; cvta.shared.u64 %rd4, %rd3; cvta.to.shared.u64 %rd5, %rd4; sub.s64 %rd5, %rd5, %rd3;"
       " cvt.u32.u64 %r0, %rd5;",
       {0}},
      {"mov.u64 %rd3, s; cvta.shared.u64 %rd3, %rd3; isspacep.shared %p1, %rd3; selp.u32 %r0, 1, 0, %p1;", {1}},
      {"isspacep.global %p1, %rd1; selp.u32 %r0, 1, 0, %p1;", {1}},
  };
}

std::vector<BodyCase> memoryCases() {
  return {
      {"mad.wide.u32 %rd3, %r1, 4, %rd1; ld.global.nc.u32 %r0, [%rd3];", perLane([](uint32_t i) { return 100 + i; })},
      {"ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd1+16]; add.u32 %r0, %r2, %r5;", {104 + 107}},
      {"ld.volatile.global.u32 %r0, [%rd1];", {100}},
      {"ld.const.u32 %r0, [c+8];", {9}},
      {"ldu.global.u32 %r0, [%rd1+4];", {101}},
      {"ld.global.s8 %r0, [%rd1]; st.global.u8 [%rd1+2], 255; ld.global.s8 %r0, [%rd1+2];", {0xffffffff}},
      {"st.local.u32 [l+4], %r1; ld.local.u32 %r0, [l+4];", perLane([](uint32_t i) { return i; })},
      {"mad.wide.u32 %rd3, %r1, 8, %rd2; st.global.v2.u32 [%rd3], {%r1, 5}; ld.global.u32 %r0, [%rd3+4];", {5}},
      {"prefetch.global.L2 [%rd1]; prefetchu.L1 [%rd1]; membar.gl; fence.acq_rel.gpu; mov.u32 %r0, 1;", {1}},
      // Atomics: lane after lane.
      {"atom.global.add.u32 %r2, [%rd1], 1; sub.u32 %r0, %r2, 100;", perLane([](uint32_t i) { return i; })},
      {"st.shared.u32 [s], 0; atom.shared.max.s32 %r2, [s], %r1; bar.warp.sync -1; ld.shared.u32 %r0, [s];", {31}},
      {"st.shared.u32 [s], 0; red.shared.xor.b32 [s], %r1; bar.warp.sync -1; ld.shared.u32 %r0, [s];", {0}},
      {"red.global.add.f32 [%rd2], 0f3F800000; ld.global.u32 %r0, [%rd2];", {static_cast<uint32_t>(f32(32))}},
      {"atom.global.cas.b32 %r2, [%rd1], 100, %r1; ld.global.u32 %r0, [%rd1];", {0}},
      {"atom.global.inc.u32 %r2, [%rd2+8], 3; mov.u32 %r0, %r2;", perLane([](uint32_t i) { return i % 4; })},
      {"atom.global.exch.b32 %r0, [%rd1+4], %r1;", perLane([](uint32_t i) { return i == 0 ? 101 : i - 1; })},
  };
}

std::vector<BodyCase> controlCases() {
  return {
      // Lanes part at the branch and meet again; both sides run once.
      {"mov.u32 %r0, 1; setp.lt.u32 %p1, %r1, 8; @%p1 bra $L1; mov.u32 %r0, 2; $L1: add.u32 %r0, %r0, 10;",
       perLane([](uint32_t i) { return i < 8 ? 11u : 12u; })},
      {"mov.u32 %r0, 0; $L1: add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, %r1; @%p1 bra.uni $L1;",
       perLane([](uint32_t i) { return i < 1 ? 1 : i; })},
      {"T: .branchtargets $L1, $L2; and.b32 %r2, %r1, 1; brx.idx %r2, T; $L1: mov.u32 %r0, 7; bra $L3;"
       " $L2: mov.u32 %r0, 8; $L3: ;",
       perLane([](uint32_t i) { return 7 + i % 2; })},
      {"mov.u32 %r0, 5; setp.eq.u32 %p1, %r1, 99; @%p1 exit; @%p1 ret; @%p1 trap; @%p1 brkpt;", {5}},
      {"st.shared.u32 [s], 3; bar.sync 0; ld.shared.u32 %r0, [s];", {3}},
      {"bar.arrive 1, 64; bar.sync 1, 64; mov.u32 %r0, 1;", {1}},
      {"setp.lt.u32 %p1, %r1, 5; bar.red.popc.u32 %r0, 0, %p1;", {5}},
      {"setp.lt.u32 %p1, %r1, 5; bar.red.and.pred %p1, 0, %p1; selp.u32 %r0, 1, 0, %p1;", {0}},
      {"setp.lt.u32 %p1, %r1, 5; bar.red.or.pred %p1, 0, !%p1; selp.u32 %r0, 1, 0, %p1;", {1}},
      {"barrier.sync 0; barrier.arrive 2, 64; barrier.sync.aligned 2, 64; mov.u32 %r0, 1;", {1}},
      {"bar.warp.sync 0xffffffff; mov.u32 %r0, 1;", {1}},
  };
}

std::vector<BodyCase> warpCases() {
  return {
      {"shfl.sync.bfly.b32 %r0, %r1, 16, 31, -1;", perLane([](uint32_t i) { return i ^ 16; })},
      {"shfl.sync.up.b32 %r0, %r1, 1, 0, -1;", perLane([](uint32_t i) { return i ? i - 1 : 0; })},
      {"shfl.sync.down.b32 %r0|%p1, %r1, 2, 31, -1; selp.u32 %r0, %r0, 99, %p1;",
       perLane([](uint32_t i) { return i < 30 ? i + 2 : 99; })},
      // Segments of 8 lanes: c = (32 - 8) << 8 | 31.
      {"shfl.sync.idx.b32 %r0, %r1, 3, 0x181f, -1;", perLane([](uint32_t i) { return i / 8 * 8 + 3; })},
      {"setp.lt.u32 %p1, %r1, 31; vote.sync.all.pred %p1, %p1, -1; selp.u32 %r0, 1, 0, %p1;", {0}},
      {"setp.lt.u32 %p1, %r1, 31; vote.sync.any.pred %p1, %p1, -1; selp.u32 %r0, 1, 0, %p1;", {1}},
      {"setp.lt.u32 %p1, %r1, 4; vote.sync.ballot.b32 %r0, %p1, -1;", {15}},
      {"and.b32 %r2, %r1, 15; match.any.sync.b32 %r0, %r2, -1;",
       perLane([](uint32_t i) { return 0x10001u << (i % 16); })},
      {"mov.u32 %r2, 4; match.all.sync.b32 %r0|%p1, %r2, -1;", {0xffffffff}},
      {"redux.sync.add.u32 %r0, %r1, -1;", {496}},
      {"sub.s32 %r2, %r1, 5; redux.sync.min.s32 %r0, %r2, -1;", {static_cast<uint32_t>(-5)}},
      {"redux.sync.or.b32 %r0, %r1, -1;", {31}},
      {"activemask.b32 %r0;", {0xffffffff}},
  };
}

} // namespace

std::vector<BodyCase> bodyCases() {
  std::vector<BodyCase> all = moveCases();
  for (const std::vector<BodyCase> &more : {memoryCases(), controlCases(), warpCases()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace heddle::sim
