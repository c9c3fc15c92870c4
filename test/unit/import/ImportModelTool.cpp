// Imports models for the tests of the importer: prints the module, or with --summary one line per model.
#include "compiler/onnx/Import.h"
#include "ir/HeddleOps.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace heddle;

namespace {

struct Arguments {
  ImportOptions options;
  std::vector<std::string> files;
  bool isSummary = false;
  bool printsLocations = false;
};

std::vector<int64_t> integersOf(llvm::StringRef text, llvm::StringRef separator) {
  std::vector<int64_t> values;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, separator, -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    int64_t value = 0;
    part.getAsInteger(10, value);
    values.push_back(value);
  }
  return values;
}

/// `--bind s=1`, `--shape x:2xn`, `--assume axes=0,1`.
void readOption(Arguments &arguments, llvm::StringRef option, llvm::StringRef value) {
  if (option == "--bind") {
    auto [symbol, number] = value.split('=');
    arguments.options.bindings[symbol.str()] = integersOf(number, ",").front();
  } else if (option == "--assume") {
    auto [name, values] = value.split('=');
    arguments.options.assumedContents[name.str()] = integersOf(values, ",");
  } else {
    auto [name, sizes] = value.rsplit(':');
    Shape &shape = arguments.options.inputShapes[name.str()];
    llvm::SmallVector<llvm::StringRef> parts;
    sizes.split(parts, 'x', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef part : parts)
      shape.push_back(*Expr::parse(part.str()));
  }
}

Arguments readArguments(int argc, char **argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef word = argv[i];
    if (word == "--summary")
      arguments.isSummary = true;
    else if (word == "--locations")
      arguments.printsLocations = true;
    else if (word.starts_with("--") && i + 1 < argc)
      readOption(arguments, word, argv[++i]);
    else
      arguments.files.push_back(word.str());
  }
  return arguments;
}

/// What the case's first data set has for an input, as a driver would take it from the user's inputs.
std::optional<std::vector<int64_t>> storedInput(const LoadedModel &model, const std::string &file,
                                                const std::string &name) {
  int position = 0;
  for (const auto &input : model.proto.graph().input()) {
    if (input.name() == name)
      break;
    ++position;
  }
  std::filesystem::path folder = std::filesystem::path(file).parent_path() / "test_data_set_0";
  std::ifstream stream(folder / ("input_" + std::to_string(position) + ".pb"), std::ios::binary);
  onnx::TensorProto proto;
  if (!stream || !proto.ParseFromIstream(&stream))
    return std::nullopt;
  Result<TensorData> data = model.tensor(proto);
  if (!data)
    return std::nullopt;
  std::vector<int64_t> values;
  size_t width = byteWidth(data->type);
  for (size_t offset = 0; offset + width <= data->bytes.size(); offset += width) {
    int64_t value = 0;
    std::memcpy(&value, data->bytes.data() + offset, width);
    values.push_back(width == 4 ? static_cast<int32_t>(value) : value);
  }
  return values;
}

/// Imports, and once more with the values that the first import asks for.
ImportOutcome importWithStoredInputs(const LoadedModel &model, const std::string &file, ImportOptions options,
                                     mlir::MLIRContext &context) {
  ImportOutcome outcome = importModel(context, model, options);
  for (int retry = 0; retry < 3 && !outcome.neededInputs.empty(); ++retry) {
    for (const std::string &name : outcome.neededInputs) {
      std::optional<std::vector<int64_t>> values = storedInput(model, file, name);
      if (!values)
        return outcome;
      options.assumedContents[name] = *values;
    }
    outcome = importModel(context, model, options);
  }
  return outcome;
}

int importFile(const Arguments &arguments, const std::string &file) {
  Result<std::unique_ptr<LoadedModel>> model = loadModel(file);
  if (!model) {
    (arguments.isSummary ? llvm::outs() << file << "\t" : llvm::errs() << "error: ")
        << "load\t" << static_cast<int>(model.status().code()) << "\t" << model.status().message() << "\n";
    return static_cast<int>(model.status().code());
  }
  mlir::MLIRContext context;
  if (arguments.isSummary) {
    ImportOutcome outcome = importWithStoredInputs(**model, file, arguments.options, context);
    Status status = outcome.status();
    llvm::outs() << file << "\t" << static_cast<int>(status.code()) << "\t" << status.message() << "\n";
    return 0;
  }
  ImportOutcome outcome = importModel(context, **model, arguments.options);
  for (const ImportDiagnostic &diagnostic : outcome.diagnostics)
    llvm::errs() << "error " << static_cast<int>(diagnostic.code) << ": " << diagnostic.node << ": "
                 << diagnostic.message << "\n";
  for (const std::string &name : outcome.neededInputs)
    llvm::errs() << "needs the value of input: " << name << "\n";
  if (!outcome.module)
    return static_cast<int>(outcome.status().code());
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(arguments.printsLocations);
  outcome.module->print(llvm::outs(), flags);
  llvm::outs() << "\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  Arguments arguments = readArguments(argc, argv);
  int code = 0;
  for (const std::string &file : arguments.files)
    code = std::max(code, importFile(arguments, file));
  return code;
}
