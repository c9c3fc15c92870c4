// `heddle ops`: the table of ONNX ops that compile.
#include "compiler/OpTable.h"
#include "runtime/format/OutputFile.h"
#include "tools/common/Json.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static std::string opsetsOf(const OpVersion &version) {
  std::string since = std::to_string(version.since);
  return version.until == version.since ? since : since + "-" + std::to_string(version.until);
}

static std::string join(const std::vector<std::string> &words, std::string_view separator) {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : std::string(separator)) + word;
  return text;
}

static std::vector<std::string> namesOf(const std::vector<DType> &types) {
  std::vector<std::string> names;
  for (DType type : types)
    names.emplace_back(nameOf(type));
  return names;
}

static std::string jsonStrings(const std::vector<std::string> &texts) {
  std::vector<std::string> items;
  for (const std::string &text : texts)
    items.push_back(jsonString(text));
  return jsonList(items);
}

static std::string jsonVersion(const OpVersion &version) {
  JsonObject json;
  json.add("since", std::to_string(version.since));
  json.add("until", std::to_string(version.until));
  json.add("form", jsonString(nameOf(version.form)));
  json.add("types", version.form == OpForm::Unknown ? "null" : jsonStrings(namesOf(version.types)));
  return json.str();
}

static std::string jsonTable(const std::vector<OpRecord> &records) {
  std::vector<std::string> ops;
  for (const OpRecord &record : records) {
    std::vector<std::string> versions;
    for (const OpVersion &version : record.versions)
      versions.push_back(jsonVersion(version));
    JsonObject json;
    json.add("name", jsonString(record.name));
    json.add("devices", jsonStrings({record.devices.begin(), record.devices.end()}));
    json.add("versions", jsonList(versions));
    ops.push_back(json.str());
  }
  JsonObject json;
  json.add("schema_version", "1");
  json.add("ops", jsonList(ops));
  return json.str() + "\n";
}

/// Two versions with the same types and form share a line.
static std::string rowsOf(const OpRecord &record) {
  std::string text;
  for (size_t first = 0; first < record.versions.size();) {
    OpVersion row = record.versions[first];
    for (++first; first < record.versions.size(); ++first) {
      const OpVersion &next = record.versions[first];
      if (next.form != row.form || next.types != row.types || next.since != row.until + 1)
        break;
      row.until = next.until;
    }
    std::string line = record.name;
    line.resize(std::max<size_t>(line.size() + 1, 28), ' ');
    line += opsetsOf(row);
    line.resize(std::max<size_t>(line.size() + 1, 35), ' ');
    line += nameOf(row.form);
    line.resize(std::max<size_t>(line.size() + 1, 47), ' ');
    line += join({record.devices.begin(), record.devices.end()}, " ");
    line.resize(std::max<size_t>(line.size() + 1, 57), ' ');
    text += line + join(namesOf(row.types), " ") + "\n";
  }
  return text;
}

static Status ops(const CommandLine &line) {
  if (!line.positional().empty())
    return Status(Code::Malformed, "unexpected word '" + line.positional().front() + "'");
  std::vector<OpRecord> records = findSupportedOps();
  std::string head = "op                          opsets form        devices   element types\n";
  for (const OpRecord &record : records)
    head += rowsOf(record);
  std::fputs(head.c_str(), stdout);
  return line.has("--json") ? writeFile(line.get("--json"), jsonTable(records)) : Status::ok();
}

const Verb &heddle::opsVerb() {
  static const Verb verb = {"ops",
                            "ops",
                            "Prints which ONNX ops compile, by opset and element type: found by compiling each.",
                            {{"--json", "FILE", "write the table as JSON"}},
                            ops};
  return verb;
}
