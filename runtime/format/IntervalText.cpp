// The CSV form of packing problems.
#include "runtime/format/IntervalText.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace heddle {

namespace {

enum Column { Id, Lower, Upper, Size, Offset, ColumnCount };
constexpr std::string_view columnNames[ColumnCount] = {"id", "lower", "upper", "size", "offset"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> fieldsOf(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t start = 0; start <= line.size();) {
    size_t comma = std::min(line.find(',', start), line.size());
    fields.push_back(trimmed(line.substr(start, comma - start)));
    start = comma + 1;
  }
  return fields;
}

class TableReader {
public:
  Result<IntervalTable> read(std::string_view text) {
    while (!text.empty()) {
      ++line;
      size_t end = std::min(text.find('\n'), text.size());
      std::string_view content = trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (content.empty())
        continue;
      std::vector<std::string_view> fields = fieldsOf(content);
      HEDDLE_RETURN_IF_ERROR(columnCount == 0 ? readHeader(fields) : readRow(fields));
    }
    if (columnCount == 0)
      return Status(Code::Malformed, "line 1: expected the header 'id,lower,upper,size', got the end");
    return std::move(table);
  }

private:
  Status failure(const std::string &message) const {
    return Status(Code::Malformed, "line " + std::to_string(line) + ": " + message);
  }

  /// A field in a message: short, and without control characters.
  static std::string shown(std::string_view field) {
    std::string text;
    for (char c : field.substr(0, 40))
      text += c >= ' ' && c <= '~' ? c : '?';
    return "'" + text + "'" + (field.size() > 40 ? "..." : "");
  }

  Status readHeader(const std::vector<std::string_view> &fields) {
    columns.fill(-1);
    for (size_t i = 0; i < fields.size(); ++i) {
      auto name = std::find(std::begin(columnNames), std::end(columnNames), fields[i]);
      if (name == std::end(columnNames))
        return failure("unknown column " + shown(fields[i]) + ", expected id, lower, upper, size or offset");
      int &column = columns[static_cast<size_t>(name - std::begin(columnNames))];
      if (column >= 0)
        return failure("column " + shown(fields[i]) + " appears twice");
      column = static_cast<int>(i);
    }
    for (int column = Id; column < Offset; ++column)
      if (columns[static_cast<size_t>(column)] < 0)
        return failure("no column '" + std::string(columnNames[column]) + "' in the header");
    columnCount = fields.size();
    return Status::ok();
  }

  Status readNumber(const std::vector<std::string_view> &fields, Column column, int64_t &value) const {
    std::string_view field = fields[static_cast<size_t>(columns[column])];
    auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size())
      return failure(std::string(columnNames[column]) + " is " + shown(field) + ", expected an integer of 64 bits");
    return Status::ok();
  }

  Status readRow(const std::vector<std::string_view> &fields) {
    if (fields.size() != columnCount)
      return failure("got " + std::to_string(fields.size()) + " fields, expected " + std::to_string(columnCount));
    Interval interval;
    HEDDLE_RETURN_IF_ERROR(readNumber(fields, Lower, interval.first));
    HEDDLE_RETURN_IF_ERROR(readNumber(fields, Upper, interval.last));
    HEDDLE_RETURN_IF_ERROR(readNumber(fields, Size, interval.size));
    if (interval.first >= interval.last)
      return failure("upper is " + std::to_string(interval.last) + ", expected more than lower, " +
                     std::to_string(interval.first));
    if (interval.size < 0)
      return failure("size is " + std::to_string(interval.size) + ", expected 0 or more");
    if (columns[Offset] >= 0 && !fields[static_cast<size_t>(columns[Offset])].empty()) {
      interval.pinned = 0;
      HEDDLE_RETURN_IF_ERROR(readNumber(fields, Offset, *interval.pinned));
      if (*interval.pinned < 0 || *interval.pinned > INT64_MAX - interval.size)
        return failure("offset is " + std::to_string(*interval.pinned) + ", expected 0 or more and an end below 2^63");
    }
    std::string name(fields[static_cast<size_t>(columns[Id])]);
    if (!seen.insert(name).second)
      return failure("id " + shown(name) + " appears twice");
    table.names.push_back(std::move(name));
    table.intervals.push_back(interval);
    return Status::ok();
  }

  int64_t line = 0;
  size_t columnCount = 0;
  std::array<int, ColumnCount> columns = {};
  std::set<std::string> seen;
  IntervalTable table;
};

} // namespace

Result<IntervalTable> parseIntervals(std::string_view text) { return TableReader().read(text); }

std::string printPacking(const IntervalTable &table, std::span<const int64_t> offsets) {
  std::string text = "id,lower,upper,size,offset\n";
  for (size_t i = 0; i < table.intervals.size(); ++i) {
    const Interval &interval = table.intervals[i];
    text += table.names[i];
    for (int64_t value : {interval.first, interval.last, interval.size, offsets[i]})
      text += "," + std::to_string(value);
    text += "\n";
  }
  return text;
}

} // namespace heddle
