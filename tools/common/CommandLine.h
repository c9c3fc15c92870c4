// Command lines: flags from a table, help on one screen, the nearest match for an unknown word.
#ifndef HEDDLE_TOOLS_COMMON_COMMANDLINE_H
#define HEDDLE_TOOLS_COMMON_COMMANDLINE_H

#include "runtime/format/Status.h"
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// One flag of a verb.
struct Flag {
  std::string_view name;  ///< With its dashes: "--shapes", "-o".
  std::string_view value; ///< What it takes, for the help: "N"; empty for a switch.
  std::string_view help;
};

/// A parsed command line.
class CommandLine {
public:
  /// Flags may be written `--name value` or `--name=value`; what is no flag is positional; `--` ends the flags.
  /// Code::Malformed names an unknown flag with its nearest match, or a missing value.
  static Result<CommandLine> parse(std::span<char *const> words, std::span<const Flag> flags);

  bool has(std::string_view flag) const { return values.contains(flag); }
  /// The last value given, or `otherwise`.
  std::string get(std::string_view flag, std::string otherwise = "") const;
  /// All values given, in order.
  std::vector<std::string> all(std::string_view flag) const;
  /// The value as a number of at least `low`; Code::Malformed names the flag.
  Result<int64_t> number(std::string_view flag, int64_t otherwise, int64_t low = 0) const;
  /// A finite or infinite number that is not negative, likewise.
  Result<double> real(std::string_view flag, double otherwise) const;
  const std::vector<std::string> &positional() const { return words; }

private:
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::vector<std::string> words;
};

/// One line of `text` with a question mark for each control character, those of UTF-8 (U+0080 to U+009F) included:
/// names in a model may hold anything, and must not steer a terminal.
std::string forTerminal(std::string text);
/// The candidate with the smallest edit distance to `word`; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
/// `, did you mean 'X'?` for the nearest candidate, to end a message about `word`; empty if none is near.
std::string didYouMean(std::string_view word, std::span<const std::string_view> candidates);
/// Usage line, then one line per flag.
std::string helpText(std::string_view usage, std::string_view summary, std::span<const Flag> flags);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_COMMANDLINE_H
