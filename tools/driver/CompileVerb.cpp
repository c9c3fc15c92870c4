// `heddle compile`: a model becomes an artifact, or the IR of a stage is printed.
#include "compiler/Compiler.h"
#include "compiler/ModelWeights.h"
#include "runtime/format/Artifact.h"
#include "runtime/format/OutputFile.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/Verbs.h"
#include "tools/io/TensorFiles.h"
#include <cstdio>
#include <cstring>
#include <filesystem>

using namespace heddle;

/// Writes DIR/STAGE.mlir, and DIR/STAGE.weights with what the text refers to and the model does not hold.
static Status writeStage(const std::string &folder, const std::string &stage, const std::string &text,
                         const std::map<std::string, std::span<const std::byte>> &objects) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  Result<OutputFile> file = OutputFile::create(folder + "/" + stage + ".mlir");
  if (!file)
    return file.status();
  HEDDLE_RETURN_IF_ERROR(file->write(text));
  HEDDLE_RETURN_IF_ERROR(file->commit());
  if (objects.empty())
    return Status::ok();
  std::vector<Tensor> tensors;
  std::vector<TensorToWrite> named;
  tensors.reserve(objects.size());
  for (const auto &[digest, bytes] : objects) {
    Result<Tensor> tensor = Tensor::allocate(DType::U8, {static_cast<int64_t>(bytes.size())});
    if (!tensor)
      return tensor.status();
    std::memcpy(tensor->bytes().data(), bytes.data(), bytes.size());
    tensors.push_back(std::move(*tensor));
    named.push_back({digest, &tensors.back()});
  }
  return writeNpz(folder + "/" + stage + ".weights", named);
}

static Status printStage(const Compiler &compiler, const CompileOptions &options, const std::string &name,
                         const std::string &folder) {
  std::optional<Stage> stage = stageFromName(name);
  if (!stage)
    return Status(Code::Malformed,
                  "flag '--until' got '" + name + "', expected import, graph, kernels, plan, code or artifact");
  std::map<std::string, std::span<const std::byte>> objects;
  Result<std::string> text = compiler.print(options, *stage, &objects);
  if (!text)
    return text.status();
  if (!folder.empty())
    return writeStage(folder, name, *text, objects);
  std::fputs(text->c_str(), stdout);
  return Status::ok();
}

static Status compile(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  if (!options)
    return options.status();
  if (!line.has("-o") && !line.has("--until"))
    return Status(Code::Malformed, "nothing to do: give -o ARTIFACT or --until STAGE");
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(*path);
  if (!compiler)
    return compiler.status();
  if (line.has("--until"))
    return printStage(**compiler, *options, line.get("--until"), line.get("-o"));
  Result<CompiledModel> compiled = (*compiler)->compile(*options);
  if (!compiled)
    return compiled.status();
  return writeArtifact(line.get("-o"), *compiled->program, artifactWeights(*compiled));
}

const Verb &heddle::compileVerb() {
  static const Verb verb = {
      "compile", "compile MODEL.onnx -o ART.hdl | --until STAGE",
      "Compiles a model to an artifact, or prints the IR of a stage.",
      withCompileFlags({{"-o", "FILE|DIR", "the artifact to write, or the folder for --until"},
                        {"--until", "STAGE", "print the IR of import, graph, kernels, plan or code"}}),
      compile};
  return verb;
}
