// `heddle cache`: what the cache of compiled kernels holds, and emptying it.
#include "compiler/KernelCache.h"
#include "runtime/format/OutputFile.h"
#include "tools/common/Json.h"
#include "tools/driver/Verbs.h"
#include <cstdio>

using namespace heddle;

static Status list(const CommandLine &line) {
  int64_t total = 0;
  std::vector<std::string> entries;
  const std::vector<CachedKernel> kernels = cachedKernels();
  for (const CachedKernel &kernel : kernels) {
    std::printf("%s %8lld bytes  %-4s  %s\n", kernel.key.c_str(), static_cast<long long>(kernel.bytes),
                kernel.device.c_str(), forTerminal(kernel.name).c_str());
    JsonObject json;
    json.add("key", jsonString(kernel.key));
    json.add("device", jsonString(kernel.device));
    json.add("name", jsonString(kernel.name));
    json.add("bytes", std::to_string(kernel.bytes));
    entries.push_back(json.str());
    total += kernel.bytes;
  }
  std::printf("%zu kernels, %lld bytes\n", kernels.size(), static_cast<long long>(total));
  if (!line.has("--json"))
    return Status::ok();
  JsonObject json;
  json.add("schema_version", "1");
  json.add("bytes", std::to_string(total));
  json.add("kernels", jsonList(entries));
  return writeFile(line.get("--json"), json.str() + "\n");
}

static Status cache(const CommandLine &line) {
  const std::vector<std::string> &words = line.positional();
  if (words.size() == 1 && words[0] == "ls")
    return list(line);
  if (words.size() == 1 && words[0] == "clear") {
    clearCachedKernels();
    return Status::ok();
  }
  return Status(Code::Malformed, "expected 'ls' or 'clear'" + (words.empty() ? "" : ", got '" + words[0] + "'"));
}

const Verb &heddle::cacheVerb() {
  static const Verb verb = {"cache",
                            "cache ls|clear",
                            "Lists or removes the compiled kernels in the user's cache.",
                            {{"--json", "FILE", "write the list as JSON"}},
                            cache};
  return verb;
}
