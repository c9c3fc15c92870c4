// From the addresses of a warp's lanes to host memory, with all checks.
#include "runtime/sim/LaneMemory.h"
#include "runtime/sim/Lanes.h"
#include "runtime/sim/Traffic.h"
#include <bit>

namespace heddle::sim {
namespace {

/// One access by a warp, as the functions below pass it on.
struct Request {
  Warp &warp;
  const Inst &inst;
  AccessKind kind;
  unsigned bytes; ///< Per lane.
  uint64_t address[32];
  LaneMemory &lanes;

  Block &block() const { return *warp.block; }
};

std::string accessText(const Request &request) {
  constexpr std::string_view names[] = {"read of ", "write of ", "atomic on "};
  return std::string(names[static_cast<unsigned>(request.kind)]) + std::to_string(request.bytes) + " bytes";
}

void reject(Request &request, unsigned lane, SimFindingKind kind, std::string_view allocation,
            const std::string &detail) {
  request.lanes.mask &= ~(1u << lane);
  SimFinding *finding = request.block().report(kind, request.warp, request.inst, lane, allocation);
  if (finding)
    finding->detail = accessText(request) + detail;
}

std::string boundsText(int64_t offset, uint64_t size, std::string_view name) {
  std::string where = offset < 0 ? std::to_string(-offset) + " bytes before the start"
                                 : std::to_string(offset) + " bytes from the start";
  return " " + where + " of '" + std::string(name) + "' (" + std::to_string(size) + " bytes)";
}

/// Whether a lane's access at `offset` of something of `size` bytes is inside it and aligned; reports if not.
bool checkBounds(Request &request, unsigned lane, uint64_t offset, uint64_t size, std::string_view name) {
  bool fits = size >= request.bytes && offset <= size - request.bytes;
  bool isAligned = request.address[lane] % request.bytes == 0;
  if (fits && isAligned)
    return true;
  auto kind = fits ? SimFindingKind::Misaligned : SimFindingKind::OutOfBounds;
  reject(request, lane, kind, name, boundsText(static_cast<int64_t>(offset), size, name));
  return false;
}

void resolveGlobalLane(Request &request, unsigned lane) {
  uint64_t address = request.address[lane];
  Allocation *allocation = request.block().launch.memory->find(address);
  if (!allocation)
    return reject(request, lane, SimFindingKind::OutOfBounds, {}, " at an address in no allocation");
  if (allocation->isFreed)
    return reject(request, lane, SimFindingKind::UseAfterFree, allocation->name, " in '" + allocation->name + "'");
  uint64_t offset = address - allocation->base;
  if (!checkBounds(request, lane, offset, allocation->bytes, allocation->name))
    return;
  if (request.kind != AccessKind::Read && !allocation->isWritable)
    return reject(request, lane, SimFindingKind::ReadOnly, allocation->name, " in '" + allocation->name + "'");
  request.lanes.host[lane] = allocation->host + offset;
}

/// What lanes access together: `bytes` at `host`, known to them as addresses from `base` on.
struct Region {
  uint8_t *host;
  uint64_t base;
  uint64_t bytes;
};

/// The usual case, all lanes aligned and inside one region. \returns false, with nothing reported, if any is not.
bool resolveTogether(Request &request, const Region &region) {
  if (region.bytes < request.bytes)
    return false;
  uint32_t mask = request.lanes.mask;
  const uint64_t *address = request.address;
  uint64_t last = region.bytes - request.bytes, low = request.bytes - 1, first = address[0];
  uint64_t bad = 0, gaps = 0;
  auto host = reinterpret_cast<uintptr_t>(region.host); // Lanes that are outside must not form a pointer.
  uint64_t hosts[32];
  HEDDLE_LANES(i) {
    uint64_t offset = address[i] - region.base;
    uint64_t isActiveLane = -uint64_t(mask >> i & 1);
    bad |= ((address[i] & low) | uint64_t(offset > last)) & isActiveLane;
    gaps |= address[i] - first - uint64_t(i) * request.bytes;
    hosts[i] = host + offset;
  }
  std::memcpy(request.lanes.host, hosts, sizeof(hosts));
  request.lanes.isContiguous = gaps == 0 && bad == 0 && mask == ~0u;
  return bad == 0;
}

bool resolveTogetherInGlobal(Request &request) {
  uint64_t first = request.address[std::countr_zero(request.lanes.mask)];
  const Allocation *allocation = request.block().launch.memory->find(first);
  if (!allocation || allocation->isFreed || (request.kind != AccessKind::Read && !allocation->isWritable))
    return false;
  return resolveTogether(request, {allocation->host, allocation->base, allocation->bytes});
}

void recordGlobalWrites(const Request &request) {
  DeviceMemory &memory = *request.block().launch.memory;
  for (unsigned i = 0; i < 32; ++i) {
    if (!isActive(request.lanes.mask, i))
      continue;
    Allocation *root = memory.find(request.address[i])->root;
    if (root->shadow)
      root->shadow->recordWrite(static_cast<uint64_t>(request.lanes.host[i] - root->host), request.bytes,
                                static_cast<uint32_t>(request.block().id), request.inst.place);
  }
}

void resolveGlobal(Request &request) {
  if (!resolveTogetherInGlobal(request)) {
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(request.lanes.mask, i))
        resolveGlobalLane(request, i);
  }
  const SimOptions &options = request.block().launch.options;
  if (options.checks && request.kind == AccessKind::Write)
    recordGlobalWrites(request);
  if (options.profile)
    countSectors(request.block().counters[request.inst.place], request.address, request.bytes, request.lanes.mask);
}

void reportShared(Request &request, unsigned lane, const SharedShadow::Outcome &outcome) {
  Block &block = request.block();
  std::string where =
      accessText(request) + " at offset " + std::to_string(request.address[lane]) + " of shared memory, ";
  if (outcome.isUnwritten) {
    SimFinding *finding = block.report(SimFindingKind::UninitializedShared, request.warp, request.inst, lane, "shared");
    if (finding)
      finding->detail = where + "which the block has not written";
  }
  if (outcome.isRace) {
    SimFinding *finding =
        block.report(SimFindingKind::SharedRace, request.warp, request.inst, lane, "shared", outcome.earlier.place);
    if (finding)
      finding->detail = where + "not ordered after the " + (outcome.earlier.isWrite ? "write" : "read") +
                        " by linear thread " + std::to_string(outcome.earlier.thread);
  }
}

/// Lanes that read one address count as one reader: the first of them, where neighbours or half warps share it.
uint32_t distinctReaders(const Request &request) {
  uint32_t repeated = 0;
  for (unsigned i = 1; i < 32; ++i) {
    bool asBefore = request.address[i] == request.address[i - 1] && isActive(request.lanes.mask, i - 1);
    bool asHalf = i >= 16 && request.address[i] == request.address[i - 16] && isActive(request.lanes.mask, i - 16);
    repeated |= uint32_t(asBefore || asHalf) << i;
  }
  return request.lanes.mask & ~repeated;
}

/// Lanes of one store that write the same bytes to one address leave no doubt about the result.
bool isSameStore(const Request &request, unsigned lane, const SharedShadow::Outcome &outcome) {
  const Inst &inst = request.inst;
  unsigned other = outcome.earlier.thread % 32;
  bool isSameAccess = request.kind == AccessKind::Write && outcome.earlier.place == inst.place &&
                      outcome.earlier.thread / 32 == request.warp.index && isActive(request.lanes.mask, other) &&
                      request.address[other] == request.address[lane];
  if (!isSameAccess)
    return false;
  unsigned bytes = inst.registerBytes[0];
  for (unsigned k = 0; k < inst.count; ++k) {
    const uint8_t *values = request.warp.lanes<uint8_t>(inst.op[1 + k]);
    if (std::memcmp(values + lane * bytes, values + other * bytes, bytes) != 0)
      return false;
  }
  return true;
}

void checkShared(Request &request) {
  SharedShadow &shadow = request.block().sharedShadow;
  uint32_t mask = request.kind == AccessKind::Read ? distinctReaders(request) : request.lanes.mask;
  SharedShadow::Access access;
  access.place = request.inst.place;
  access.isWrite = request.kind != AccessKind::Read;
  access.isAtomic = request.kind == AccessKind::Atomic;
  for (; mask != 0; mask &= mask - 1) {
    auto lane = static_cast<unsigned>(std::countr_zero(mask));
    access.thread = request.warp.index * 32 + lane;
    SharedShadow::Outcome outcome = shadow.record(request.address[lane], request.bytes, access);
    outcome.isRace = outcome.isRace && !isSameStore(request, lane, outcome);
    if (outcome.isUnwritten || outcome.isRace)
      reportShared(request, lane, outcome);
  }
}

void resolveShared(Request &request) {
  Block &block = request.block();
  uint64_t size = block.launch.sharedBytes;
  if (!resolveTogether(request, {block.sharedBytes(), 0, size}))
    for (unsigned i = 0; i < 32; ++i)
      if (isActive(request.lanes.mask, i) && checkBounds(request, i, request.address[i], size, "shared"))
        request.lanes.host[i] = block.sharedBytes() + request.address[i];
  if (block.launch.options.checks)
    checkShared(request);
  if (block.launch.options.profile)
    countWavefronts(block.counters[request.inst.place], request.address, request.bytes, request.lanes.mask);
}

void resolveLocal(Request &request) {
  uint64_t size = request.block().kernel.localBytes;
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(request.lanes.mask, i) && checkBounds(request, i, request.address[i], size, "local"))
      request.lanes.host[i] = request.warp.local.data() + i * size + request.address[i];
}

void resolveParam(Request &request) {
  std::vector<uint8_t> &params = request.block().launch.params;
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(request.lanes.mask, i) && checkBounds(request, i, request.address[i], params.size(), "parameters"))
      request.lanes.host[i] = params.data() + request.address[i];
}

/// Resolves the lanes in `mask` whose addresses are relative to `window` in one space.
void resolveWindow(Request &request, uint32_t mask, PtxSpace space) {
  uint32_t others = request.lanes.mask & ~mask;
  uint64_t base = windowBase(space);
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(mask, i))
      request.address[i] -= base;
  request.lanes.mask = mask;
  if (space == PtxSpace::Shared)
    resolveShared(request);
  else if (space == PtxSpace::Local)
    resolveLocal(request);
  else if (space == PtxSpace::Param)
    resolveParam(request);
  else
    resolveGlobal(request);
  request.lanes.mask |= others;
}

/// Generic addresses: each lane's says which space it means.
void resolveGeneric(Request &request) {
  uint32_t masks[4] = {};
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(request.lanes.mask, i)) {
      uint64_t number = allocationNumber(request.address[i]);
      masks[number < firstAllocation ? number : 0] |= 1u << i;
    }
  constexpr PtxSpace spaces[] = {PtxSpace::Global, PtxSpace::Shared, PtxSpace::Local, PtxSpace::Param};
  unsigned kinds = 0;
  for (unsigned k = 0; k < 4; ++k) {
    if (masks[k] == 0)
      continue;
    resolveWindow(request, masks[k], spaces[k]);
    ++kinds;
  }
  request.lanes.isContiguous &= kinds == 1;
}

template <typename T> void readAddresses(const T *from, int64_t offset, uint64_t (&to)[32]) {
  HEDDLE_LANES(i) to[i] = from[i] + static_cast<uint64_t>(offset);
}

} // namespace

void resolveLanes(Warp &warp, const Inst &inst, unsigned addressOperand, uint32_t mask, AccessKind kind,
                  LaneMemory &lanes) {
  Request request{warp, inst, kind, unsigned(inst.bytes) * inst.count, {}, lanes};
  lanes.mask = mask;
  lanes.isContiguous = false;
  if (inst.wideAddress)
    readAddresses(warp.lanes<uint64_t>(inst.op[addressOperand]), inst.offset, request.address);
  else
    readAddresses(warp.lanes<uint32_t>(inst.op[addressOperand]), inst.offset, request.address);
  switch (inst.space) {
  case PtxSpace::Global:
  case PtxSpace::Const:
    return resolveGlobal(request);
  case PtxSpace::Shared:
    return resolveShared(request);
  case PtxSpace::Local:
    return resolveLocal(request);
  case PtxSpace::Param:
    return resolveParam(request);
  case PtxSpace::Generic:
    return resolveGeneric(request);
  }
}

} // namespace heddle::sim
