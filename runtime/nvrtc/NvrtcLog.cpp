// Reads NVRTC's log: diagnostics of its front end and of ptxas, and the resources of each kernel.
#include "runtime/nvrtc/NvrtcLog.h"
#include <algorithm>
#include <charconv>
#include <optional>

namespace heddle {
namespace {

using Severity = NvrtcDiagnostic::Severity;

/// Takes `prefix` off `text` if it stands there.
bool consume(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool consumeInteger(std::string_view &text, int64_t &value) {
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc())
    return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

void skipBlanks(std::string_view &text) { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); }

std::string_view nextLine(std::string_view &text) {
  size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string withoutFolders(std::string_view path) { return std::string(path.substr(path.find_last_of('/') + 1)); }

/// "error", "warning", "catastrophic error", "remark", "note", "info", with what follows up to the colon ("#177-D").
std::optional<Severity> consumeSeverity(std::string_view &text) {
  constexpr std::pair<std::string_view, Severity> words[] = {{"catastrophic error", Severity::Error},
                                                             {"error", Severity::Error},
                                                             {"warning", Severity::Warning},
                                                             {"fatal", Severity::Error},
                                                             {"remark", Severity::Note},
                                                             {"note", Severity::Note},
                                                             {"info", Severity::Note}};
  for (auto [word, severity] : words) {
    if (!text.starts_with(word))
      continue;
    size_t colon = text.find(':');
    if (colon == std::string_view::npos)
      return std::nullopt;
    text.remove_prefix(colon + 1);
    skipBlanks(text);
    return severity;
  }
  return std::nullopt;
}

/// NAME(LINE): error: TEXT
std::optional<NvrtcDiagnostic> parseFrontEndLine(std::string_view line) {
  size_t open = line.find('(');
  if (open == std::string_view::npos || open == 0)
    return std::nullopt;
  NvrtcDiagnostic diagnostic;
  diagnostic.file = withoutFolders(line.substr(0, open));
  line.remove_prefix(open + 1);
  if (!consumeInteger(line, diagnostic.line) || !consume(line, "): "))
    return std::nullopt;
  std::optional<Severity> severity = consumeSeverity(line);
  if (!severity)
    return std::nullopt;
  diagnostic.severity = *severity;
  diagnostic.text = line;
  return diagnostic;
}

/// ptxas application ptx input, line 29; error   : TEXT    or    ptxas warning : TEXT
std::optional<NvrtcDiagnostic> parsePtxasLine(std::string_view line, const PtxLineMap &lines) {
  NvrtcDiagnostic diagnostic;
  if (!consume(line, "ptxas "))
    return std::nullopt;
  if (consume(line, "application ptx input, line ")) {
    if (!consumeInteger(line, diagnostic.ptxLine) || !consume(line, ";"))
      return std::nullopt;
    PtxLineMap::Line source = lines.find(diagnostic.ptxLine);
    diagnostic.file = source.file;
    diagnostic.line = source.line;
  }
  skipBlanks(line);
  if (line.starts_with("info") && !line.starts_with("info    : (C"))
    return std::nullopt; // Resources, not messages; but the "(C75xx)" lines about wgmma are messages.
  std::optional<Severity> severity = consumeSeverity(line);
  if (!severity)
    return std::nullopt;
  diagnostic.severity = *severity;
  diagnostic.text = line;
  return diagnostic;
}

/// nvrtc: error: TEXT
std::optional<NvrtcDiagnostic> parseOptionLine(std::string_view line) {
  NvrtcDiagnostic diagnostic;
  if (!consume(line, "nvrtc: "))
    return std::nullopt;
  std::optional<Severity> severity = consumeSeverity(line);
  if (!severity)
    return std::nullopt;
  diagnostic.severity = *severity;
  diagnostic.text = line;
  return diagnostic;
}

/// "280 bytes stack frame, 548 bytes spill stores" and "Used 167 registers, used 1 barriers, 27648 bytes smem": numbers
/// with the words behind them.
void readAmounts(std::string_view line, KernelResources &resources) {
  const std::pair<std::string_view, int64_t KernelResources::*> amounts[] = {
      {" bytes stack frame", &KernelResources::stackBytes},
      {" bytes spill stores", &KernelResources::spillStoreBytes},
      {" bytes spill loads", &KernelResources::spillLoadBytes},
      {" registers", &KernelResources::registers},
      {" barriers", &KernelResources::barriers},
      {" bytes smem", &KernelResources::sharedBytes}};
  for (size_t at = line.find_first_of("0123456789"); at != std::string_view::npos;
       at = line.find_first_of("0123456789")) {
    line.remove_prefix(at);
    int64_t value = 0;
    if (!consumeInteger(line, value))
      return;
    for (auto [words, field] : amounts)
      if (line.starts_with(words))
        resources.*field = value;
  }
}

/// \returns whether the line was about resources.
bool parseResourceLine(std::string_view line, std::vector<KernelResources> &resources) {
  if (!consume(line, "ptxas"))
    return false;
  skipBlanks(line);
  bool isAmount = consume(line, "info    : Used") || consume(line, ".");
  if (isAmount && !resources.empty()) {
    readAmounts(line, resources.back());
    return true;
  }
  if (!consume(line, "info    : Compiling entry function '"))
    return false;
  resources.push_back({std::string(line.substr(0, line.find('\''))), 0, 0, 0, 0, 0, 0});
  return true;
}

} // namespace

PtxLineMap::PtxLineMap(std::string_view ptx) {
  for (int64_t number = 1; !ptx.empty(); ++number) {
    std::string_view line = nextLine(ptx);
    bool endsKernel = line == "}";
    skipBlanks(line);
    int64_t file = 0, source = 0;
    if (endsKernel) {
      locations[number] = {0, 0};
    } else if (consume(line, ".loc")) {
      skipBlanks(line);
      bool isFile = consumeInteger(line, file);
      skipBlanks(line);
      if (isFile && consumeInteger(line, source) && source != 0)
        locations[number] = {file, source};
    } else if (consume(line, ".file")) {
      skipBlanks(line);
      size_t quote = line.find('"');
      if (consumeInteger(line, file) && quote != std::string_view::npos) {
        line.remove_prefix(line.find('"') + 1);
        files[file] = withoutFolders(line.substr(0, line.find('"')));
      }
    }
  }
}

PtxLineMap::Line PtxLineMap::find(int64_t ptxLine) const {
  auto above = locations.upper_bound(ptxLine);
  if (above == locations.begin())
    return {};
  auto [file, line] = std::prev(above)->second;
  auto name = files.find(file);
  return {name == files.end() ? std::string() : name->second, line};
}

NvrtcLog parseNvrtcLog(std::string_view log, std::string_view ptx) {
  NvrtcLog result;
  PtxLineMap lines(ptx);
  while (!log.empty()) {
    std::string_view line = nextLine(log);
    if (parseResourceLine(line, result.resources))
      continue;
    std::optional<NvrtcDiagnostic> diagnostic = parsePtxasLine(line, lines);
    if (!diagnostic)
      diagnostic = parseFrontEndLine(line);
    if (!diagnostic)
      diagnostic = parseOptionLine(line);
    if (diagnostic)
      result.diagnostics.push_back(std::move(*diagnostic));
  }
  return result;
}

} // namespace heddle
