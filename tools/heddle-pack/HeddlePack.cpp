// heddle-pack: packs the tensors of a CSV file into one arena and prints the certificate.
#include "runtime/format/InputFile.h"
#include "runtime/format/IntervalText.h"
#include "runtime/format/OutputFile.h"

#include <charconv>
#include <cstdio>
#include <cstring>

using namespace heddle;

namespace {

constexpr char help[] =
    R"(usage: heddle-pack F.csv [options]

Places tensors in one arena so that no two that live at the same time share a byte. F.csv has the
columns id, lower, upper, size (lifetime [lower, upper), bytes) and, to pin a tensor, offset.

  --capacity BYTES   the arena at hand; exit code 6 if the packing does not fit it
  --alignment BYTES  every offset is a multiple of this power of two (1)
  --steps N          budget of the exact search, in nodes (200000)
  -o FILE            write the table with its offsets
  --json FILE        write the figures as JSON; '-' is stdout
  --help

exit codes: 0 packed, 2 bad usage or malformed file, 6 over the capacity
)";

struct Options {
  std::string input, output, json;
  PackOptions pack = {.alignment = 1, .searchSteps = 200000, .capacity = std::nullopt};
};

Result<int64_t> parseNumber(const std::string &option, std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return Status(Code::Malformed, option + " is '" + std::string(text) + "', expected a number of 0 or more");
  return value;
}

Status setOption(Options &options, const std::string &option, const char *value) {
  if (option == "-o" || option == "--json") {
    (option == "-o" ? options.output : options.json) = value;
    return Status::ok();
  }
  Result<int64_t> number = parseNumber(option, value);
  if (!number)
    return number.status();
  if (option == "--alignment" && (*number == 0 || (*number & (*number - 1)) != 0 || *number > (1 << 20)))
    return Status(Code::Malformed,
                  "--alignment is " + std::to_string(*number) + ", expected a power of two up to 2^20");
  if (option == "--alignment")
    options.pack.alignment = *number;
  else if (option == "--capacity")
    options.pack.capacity = *number;
  else
    options.pack.searchSteps = *number;
  return Status::ok();
}

Result<Options> parseArguments(int count, char **arguments) {
  constexpr const char *valued[] = {"--capacity", "--alignment", "--steps", "-o", "--json"};
  Options options;
  for (int i = 1; i < count; ++i) {
    std::string argument = arguments[i];
    bool takesValue = false;
    for (const char *option : valued)
      takesValue |= argument == option;
    if (takesValue) {
      if (i + 1 == count)
        return Status(Code::Malformed, argument + " needs a value");
      HEDDLE_RETURN_IF_ERROR(setOption(options, argument, arguments[++i]));
    } else if (argument.size() > 1 && argument.front() == '-') {
      return Status(Code::Malformed, "unknown option '" + argument + "', see heddle-pack --help");
    } else if (!options.input.empty()) {
      return Status(Code::Malformed, "more than one file: '" + options.input + "' and '" + argument + "'");
    } else {
      options.input = argument;
    }
  }
  if (options.input.empty())
    return Status(Code::Malformed, "no file given, see heddle-pack --help");
  return options;
}

Result<IntervalTable> readTable(const Options &options) {
  Result<InputFile> file = InputFile::open(options.input);
  if (!file)
    return file.status();
  constexpr uint64_t maxBytes = uint64_t{64} << 20;
  if (file->size() > maxBytes)
    return Status(Code::OverLimit, options.input + ": has " + std::to_string(file->size()) +
                                       " bytes, expected at most " + std::to_string(maxBytes));
  std::string text(file->size(), '\0');
  HEDDLE_RETURN_IF_ERROR(file->readAt(0, std::as_writable_bytes(std::span(text))));
  Result<IntervalTable> table = parseIntervals(text);
  if (!table)
    return Status(table.status().code(), options.input + ": " + table.status().message());
  for (size_t i = 0; i < table->intervals.size(); ++i)
    if (table->intervals[i].pinned.value_or(0) % options.pack.alignment != 0)
      return Status(Code::Malformed, options.input + ": offset of '" + table->names[i] + "' is no multiple of " +
                                         std::to_string(options.pack.alignment));
  return table;
}

bool fits(const Options &options, const Packing &packing) {
  return !options.pack.capacity || packing.arena <= *options.pack.capacity;
}

void printFigures(const Options &options, size_t count, const Packing &packing) {
  auto line = [](const char *name, int64_t value, const char *unit, const std::string &note = "") {
    std::printf("%-12s %14lld %s%s\n", name, static_cast<long long>(value), unit, note.c_str());
  };
  line("tensors", static_cast<int64_t>(count), "");
  line("arena", packing.arena, "bytes");
  line("lower bound", packing.lowerBound, "bytes");
  line("gap", packing.gap(), "bytes", packing.gap() == 0 ? ", optimal" : "");
  line("search steps", packing.steps, "");
  if (options.pack.capacity)
    line("capacity", *options.pack.capacity, "bytes", fits(options, packing) ? ", fits" : ", does not fit");
  std::printf("checked: no two tensors that live at the same time share a byte\n");
}

std::string jsonFigures(const Options &options, size_t count, const Packing &packing) {
  auto field = [](const char *name, int64_t value) {
    return std::string("  \"") + name + "\": " + std::to_string(value);
  };
  std::string text = "{\n" + field("schema_version", 1) + ",\n" + field("tensors", static_cast<int64_t>(count)) +
                     ",\n" + field("arena_bytes", packing.arena) + ",\n" +
                     field("arena_lower_bound", packing.lowerBound) + ",\n" + field("gap_bytes", packing.gap()) +
                     ",\n" + field("search_steps", packing.steps);
  if (options.pack.capacity)
    text += ",\n" + field("capacity_bytes", *options.pack.capacity) +
            ",\n  \"fits\": " + (fits(options, packing) ? "true" : "false");
  return text + "\n}\n";
}

Status run(const Options &options) {
  Result<IntervalTable> table = readTable(options);
  if (!table)
    return table.status();
  Result<Packing> packing = packIntervals(table->intervals, options.pack);
  if (!packing)
    return Status(packing.status().code(), options.input + ": " + packing.status().message());
  // Pinned tensors may collide already in the file.
  Status checked = checkPacking(table->intervals, packing->offsets, packing->arena, options.pack.alignment);
  if (!checked)
    return Status(Code::Malformed, options.input + ": " + checked.message());
  if (!options.output.empty())
    HEDDLE_RETURN_IF_ERROR(writeFile(options.output, printPacking(*table, packing->offsets)));
  std::string json = jsonFigures(options, table->intervals.size(), *packing);
  if (options.json == "-")
    std::fputs(json.c_str(), stdout);
  else
    printFigures(options, table->intervals.size(), *packing);
  if (!options.json.empty() && options.json != "-")
    HEDDLE_RETURN_IF_ERROR(writeFile(options.json, json));
  if (!fits(options, *packing))
    return Status(Code::OverLimit, options.input + ": the arena has " + std::to_string(packing->arena) +
                                       " bytes, the capacity is " + std::to_string(*options.pack.capacity));
  return Status::ok();
}

int report(const Status &status) {
  if (!status)
    std::fprintf(stderr, "heddle-pack: error: %s\n", status.message().c_str());
  return static_cast<int>(status.code());
}

} // namespace

int main(int count, char **arguments) {
  for (int i = 1; i < count; ++i)
    if (std::strcmp(arguments[i], "--help") == 0 || std::strcmp(arguments[i], "-h") == 0) {
      std::fputs(help, stdout);
      return 0;
    }
  Result<Options> options = parseArguments(count, arguments);
  return report(options ? run(*options) : options.status());
}
