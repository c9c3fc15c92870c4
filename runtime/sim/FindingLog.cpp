// Findings of running blocks, and their text.
#include "runtime/sim/FindingLog.h"
#include <algorithm>

namespace heddle {
namespace {

std::string coordinates(const std::array<uint32_t, 3> &at) {
  return "(" + std::to_string(at[0]) + "," + std::to_string(at[1]) + "," + std::to_string(at[2]) + ")";
}

std::string placeText(const SimPlace &place) {
  std::string text =
      place.file.empty() ? "ptx line " + std::to_string(place.ptxLine) : place.file + ":" + std::to_string(place.line);
  if (!place.inlinedAt.empty())
    text += " (inlined at " + place.inlinedAt + ")";
  return text + " [" + place.instruction + "]";
}

} // namespace

std::string_view nameOf(SimFindingKind kind) {
  switch (kind) {
  case SimFindingKind::OutOfBounds:
    return "out-of-bounds";
  case SimFindingKind::Misaligned:
    return "misaligned";
  case SimFindingKind::UseAfterFree:
    return "use-after-free";
  case SimFindingKind::ReadOnly:
    return "read-only";
  case SimFindingKind::UninitializedShared:
    return "uninitialized-shared";
  case SimFindingKind::SharedRace:
    return "shared-race";
  case SimFindingKind::BlockConflict:
    return "block-conflict";
  case SimFindingKind::DivergentBarrier:
    return "divergent-barrier";
  case SimFindingKind::AbsentLane:
    return "absent-lane";
  case SimFindingKind::Deadlock:
    return "deadlock";
  case SimFindingKind::StepLimit:
    return "step-limit";
  }
  return "unknown";
}

std::string SimFinding::text() const {
  std::string text = std::string(nameOf(kind)) + ": " + detail + ", kernel " + kernel + ", block " +
                     coordinates(block) + ", thread " + coordinates(thread) + ", at " + placeText(place);
  if (!other.instruction.empty())
    text += " and " + placeText(other);
  return text + " (x" + std::to_string(count) + ")";
}

namespace sim {

SimFinding *FindingLog::note(SimFindingKind kind, uint32_t place, uint32_t otherPlace, std::string_view allocation,
                             uint64_t block, uint64_t lanes) {
  // A race between two instructions is one defect, whichever comes second.
  Key key(std::min(place, otherPlace), kind, std::max(place, otherPlace), allocation);
  auto [entry, isNew] = records.try_emplace(std::move(key));
  Record &record = entry->second;
  if (!isNew)
    record.finding.count += lanes;
  if (!isNew && block >= record.block)
    return nullptr;
  uint64_t count = isNew ? lanes : record.finding.count;
  record = {};
  record.block = block;
  record.finding.kind = kind;
  record.finding.count = count;
  record.finding.allocation = allocation;
  return &record.finding;
}

void FindingLog::merge(FindingLog &&other) {
  for (auto &[key, record] : other.records) {
    auto [entry, isNew] = records.try_emplace(key, std::move(record));
    if (isNew)
      continue;
    uint64_t count = entry->second.finding.count + record.finding.count;
    if (record.block < entry->second.block)
      entry->second = std::move(record);
    entry->second.finding.count = count;
  }
  other.records.clear();
}

void FindingLog::appendTo(std::vector<SimFinding> &findings) const {
  for (const auto &[key, record] : records)
    findings.push_back(record.finding);
}

} // namespace sim
} // namespace heddle
