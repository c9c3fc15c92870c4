// Writes the manifest of a kernel.
#include "codegen/cuda/CudaKernel.h"
#include "runtime/format/Digest.h"
#include "llvm/Support/JSON.h"

using namespace heddle;

static void writeShape(llvm::json::OStream &json, const Shape &shape) {
  json.attributeArray("shape", [&] {
    for (const Expr &size : shape)
      json.value(size.str());
  });
}

static void writeParameters(llvm::json::OStream &json, const CudaKernel &kernel) {
  json.attributeArray("parameters", [&] {
    for (const CudaParameter &parameter : kernel.parameters)
      json.object([&] {
        json.attribute("name", parameter.name);
        json.attribute("value", llvm::json::fixUTF8(parameter.value));
        json.attribute("type", llvm::StringRef(nameOf(parameter.type)));
        writeShape(json, parameter.shape);
        json.attribute("access", parameter.isWritten ? "write" : "read");
      });
    for (const std::string &symbol : kernel.symbols)
      json.object([&] {
        json.attribute("symbol", llvm::json::fixUTF8(symbol));
        json.attribute("type", kernel.hasWideSymbols ? "i64" : "i32");
      });
    if (!kernel.checks.empty())
      json.object([&] {
        json.attribute("name", "error");
        json.attribute("type", "u32");
        json.attribute("access", "write");
      });
  });
}

std::string heddle::manifestJson(const CudaKernel &kernel) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema_version", 1);
    json.attribute("entry", kernel.name);
    json.attribute("minimum_architecture", "sm_" + std::to_string(kernel.minimumArchitecture));
    json.attributeArray("grid", [&] {
      for (const Expr &size : kernel.grid)
        json.value(size.str());
    });
    json.attributeArray("block", [&] {
      for (int64_t size : kernel.block)
        json.value(size);
    });
    json.attribute("static_shared_bytes", kernel.staticSharedBytes);
    json.attribute("dynamic_shared_bytes", kernel.dynamicSharedBytes.str());
    writeParameters(json, kernel);
    json.attributeArray("guards", [&] {
      for (const Expr &guard : kernel.guards)
        json.value(guard.str());
    });
    json.attributeArray("checks", [&] {
      for (const std::string &check : kernel.checks)
        json.value(llvm::json::fixUTF8(check));
    });
    json.attribute("source_hash", digestOf(kernel.source));
    json.attributeArray("lines", [&] {
      for (const auto &[line, nodes] : kernel.lines)
        json.object([&, line = line, &nodes = nodes] {
          json.attribute("line", line);
          json.attribute("nodes", llvm::json::fixUTF8(nodes));
        });
    });
  });
  return text + "\n";
}
