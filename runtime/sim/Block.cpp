// Sets up a block and runs its warps in turn until all have exited.
#include "runtime/sim/Execution.h"
#include <algorithm>
#include <bit>

namespace heddle::sim {
namespace {

constexpr uint8_t poison = 0xff; ///< What uninitialised memory holds: a NaN in every float type.

void fill(std::vector<FramePiece> &pieces, uint8_t value) {
  std::memset(static_cast<void *>(pieces.data()), value, pieces.size() * sizeof(FramePiece));
}

size_t piecesFor(uint64_t bytes) { return bytes / sizeof(FramePiece) + 1; }

} // namespace

Block::Block(LaunchContext &launch) : launch(launch), kernel(*launch.kernel) {
  warps.resize((launch.threads() + 31) / 32);
  for (uint32_t i = 0; i < warps.size(); ++i) {
    Warp &warp = warps[i];
    warp.block = this;
    warp.index = i;
    warp.frame.resize(piecesFor(kernel.frameBytes));
    warp.local.resize(kernel.localBytes * 32);
    warp.base[0] = warp.frame.data()->bytes;
    warp.base[1] = const_cast<uint8_t *>(kernel.constants.data());
  }
  shared.resize(piecesFor(launch.sharedBytes));
  for (Warp &warp : warps) // These stay the same from block to block; beginWarp fills the others.
    for (const SpecialRegister &reg : kernel.specials)
      fillSpecial(warp, reg);
  counters.resize(kernel.function->insts.size() + 1);
}

void Block::begin(uint64_t newId) {
  id = newId;
  steps = 0;
  liveThreads = launch.threads();
  failed = false;
  fill(shared, poison);
  if (launch.options.checks)
    sharedShadow.begin(launch.sharedBytes, kernel.sharedGranule, static_cast<unsigned>(warps.size()));
  barriers.fill({});
  for (Warp &warp : warps)
    beginWarp(warp);
}

void Block::beginWarp(Warp &warp) {
  uint32_t threads = std::min(32u, launch.threads() - warp.index * 32);
  warp.live = threads == 32 ? ~0u : (1u << threads) - 1;
  warp.fragmentCount = 1;
  warp.fragments[0] = {0, warp.live, Fragment::State::Ready};
  std::fill(warp.local.begin(), warp.local.end(), poison);
  for (auto [offset, bytes] : kernel.zeroed)
    std::memset(warp.base[0] + offset, 0, bytes);
  for (const SpecialRegister &reg : kernel.specials)
    if (reg.special >= Special::CtaidX && reg.special <= Special::CtaidZ)
      fillSpecial(warp, reg);
}

namespace {

uint32_t specialValue(const Block &block, const Warp &warp, Special special, uint32_t lane) {
  const LaunchContext &launch = block.launch;
  uint32_t thread = warp.index * 32 + lane;
  auto which = static_cast<unsigned>(special);
  switch (special) {
  case Special::TidX:
    return thread % launch.blockSize[0];
  case Special::TidY:
    return thread / launch.blockSize[0] % launch.blockSize[1];
  case Special::TidZ:
    return thread / launch.blockSize[0] / launch.blockSize[1];
  case Special::NtidX:
  case Special::NtidY:
  case Special::NtidZ:
    return launch.blockSize[which - static_cast<unsigned>(Special::NtidX)];
  case Special::CtaidX:
  case Special::CtaidY:
  case Special::CtaidZ:
    return launch.blockCoordinates(block.id)[which - static_cast<unsigned>(Special::CtaidX)];
  case Special::NctaidX:
  case Special::NctaidY:
  case Special::NctaidZ:
    return launch.grid[which - static_cast<unsigned>(Special::NctaidX)];
  case Special::LaneId:
    return lane;
  case Special::WarpId:
    return warp.index;
  case Special::NwarpId:
    return static_cast<uint32_t>(block.warps.size());
  case Special::LanemaskEq:
    return 1u << lane;
  case Special::LanemaskLe:
    return ~0u >> (31 - lane);
  case Special::LanemaskLt:
    return (1u << lane) - 1;
  case Special::LanemaskGe:
    return ~0u << lane;
  case Special::LanemaskGt:
    return ~1u << lane;
  case Special::DynamicSharedBytes:
    return static_cast<uint32_t>(launch.dynamicShared);
  case Special::TotalSharedBytes:
    return static_cast<uint32_t>(launch.sharedBytes);
  }
  return 0;
}

} // namespace

void Block::fillSpecial(Warp &warp, const SpecialRegister &reg) {
  for (uint32_t lane = 0; lane < 32; ++lane) {
    uint64_t value = specialValue(*this, warp, reg.special, lane);
    std::memcpy(warp.base[0] + reg.offset + lane * reg.bytes, &value, reg.bytes);
  }
}

bool Block::run(uint64_t newId) {
  begin(newId);
  auto runAll = [this](bool isForced) {
    bool progress = false;
    for (Warp &warp : warps)
      if (!failed && !warp.isDone() && !(isForced && progress))
        progress |= runWarp(warp, isForced);
    return progress;
  };
  while (!failed && (runAll(false) || runAll(true))) {
  }
  if (!failed && liveThreads != 0)
    reportDeadlock();
  return !failed;
}

/// One finding per waiting warp, at the instruction where it waits.
void Block::reportDeadlock() {
  failed = true;
  for (Warp &warp : warps)
    for (uint32_t i = 0; i < warp.fragmentCount; ++i) {
      const Fragment &fragment = warp.fragments[i];
      auto lanes = static_cast<unsigned>(std::popcount(fragment.mask));
      SimFinding *finding = report(SimFindingKind::Deadlock, warp, kernel.code[fragment.pc],
                                   static_cast<unsigned>(std::countr_zero(fragment.mask)), {}, noPlace, lanes);
      if (finding)
        finding->detail = std::to_string(lanes) + " threads of warp " + std::to_string(warp.index) +
                          " wait for threads that never arrive";
    }
}

SimFinding *Block::report(SimFindingKind kind, const Warp &warp, const Inst &inst, unsigned lane,
                          std::string_view allocation, uint32_t otherPlace, uint64_t lanes) {
  SimFinding *finding = findings.note(kind, inst.place, otherPlace, allocation, id, lanes);
  if (!finding)
    return nullptr;
  finding->kernel = kernel.function->name;
  finding->place = kernel.placeOf(inst.place);
  if (otherPlace != noPlace)
    finding->other = kernel.placeOf(otherPlace);
  finding->block = launch.blockCoordinates(id);
  for (unsigned i = 0; i < 3; ++i)
    finding->thread[i] = specialValue(*this, warp, static_cast<Special>(i), lane);
  return finding;
}

} // namespace heddle::sim
