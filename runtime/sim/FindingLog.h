// Findings of running blocks, one record per kind and place.
#ifndef HEDDLE_RUNTIME_SIM_FINDINGLOG_H
#define HEDDLE_RUNTIME_SIM_FINDINGLOG_H

#include "runtime/sim/SimDevice.h"
#include <map>
#include <tuple>

namespace heddle::sim {

/// No second place.
constexpr uint32_t noPlace = ~0u;

class FindingLog {
public:
  /// Counts `lanes` occurrences, first seen by block `block`.
  /// \returns a new record to be described, or null if this place is known from this block or a lower one.
  SimFinding *note(SimFindingKind kind, uint32_t place, uint32_t otherPlace, std::string_view allocation,
                   uint64_t block, uint64_t lanes);
  /// Adds another log of the same launch. The record of the lowest block stays, so the result does not depend on the
  /// order in which blocks ran.
  void merge(FindingLog &&other);
  /// In order of place and kind.
  void appendTo(std::vector<SimFinding> &findings) const;
  bool isEmpty() const { return records.empty(); }

private:
  struct Record {
    SimFinding finding;
    uint64_t block = 0;
  };
  using Key = std::tuple<uint32_t, SimFindingKind, uint32_t, std::string>;
  std::map<Key, Record> records;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_FINDINGLOG_H
