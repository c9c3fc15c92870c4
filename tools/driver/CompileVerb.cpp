// `heddle compile`: a model becomes an artifact, or the IR of a stage is printed.
#include "compiler/Compiler.h"
#include "compiler/EmitCode.h"
#include "compiler/ModelWeights.h"
#include "runtime/format/Artifact.h"
#include "runtime/format/OutputFile.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/TemporaryFolder.h"
#include "tools/driver/Verbs.h"
#include "tools/io/TensorFiles.h"
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

using namespace heddle;

/// Writes DIR/STAGE.mlir, and DIR/STAGE.weights with what the text refers to and the model does not hold.
static Status writeStage(const std::string &folder, const std::string &stage, const std::string &text,
                         const std::map<std::string, WeightStore::Entry> &objects) {
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
  for (const auto &[digest, entry] : objects) {
    Result<Tensor> tensor = Tensor::allocate(entry.type, entry.shape);
    if (!tensor)
      return tensor.status();
    std::memcpy(tensor->bytes().data(), entry.bytes.data(), entry.bytes.size());
    tensors.push_back(std::move(*tensor));
    named.push_back({digest, &tensors.back()});
  }
  return writeNpz(folder + "/" + stage + ".weights", named);
}

static Status compileArtifact(const Compiler &compiler, const CompileOptions &options, const std::string &path) {
  Result<CompiledModel> compiled = compiler.compile(options);
  if (!compiled)
    return compiled.status();
  return writeArtifact(path, *compiled->program, artifactWeights(*compiled));
}

/// `--until artifact`: the artifact goes to FOLDER/artifact.hdl, or nowhere, and what it holds is printed.
static Status printArtifactStage(const Compiler &compiler, const CompileOptions &options, const std::string &folder) {
  if (!folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    HEDDLE_RETURN_IF_ERROR(compileArtifact(compiler, options, folder + "/artifact.hdl"));
    return printArtifact(folder + "/artifact.hdl");
  }
  Result<TemporaryFolder> temporary = TemporaryFolder::make();
  if (!temporary)
    return temporary.status();
  HEDDLE_RETURN_IF_ERROR(compileArtifact(compiler, options, temporary->path() + "/artifact.hdl"));
  return printArtifact(temporary->path() + "/artifact.hdl");
}

static Status printStage(const Compiler &compiler, const CompileOptions &options, const std::string &name,
                         const std::string &folder) {
  std::optional<Stage> stage = stageFromName(name);
  if (!stage)
    return Status(Code::Malformed,
                  "flag '--until' got '" + name + "', expected import, graph, kernels, plan, code or artifact");
  if (*stage == Stage::Artifact)
    return printArtifactStage(compiler, options, folder);
  std::map<std::string, WeightStore::Entry> objects;
  Result<std::string> text = compiler.print(options, *stage, &objects);
  if (!text)
    return text.status();
  if (!folder.empty())
    return writeStage(folder, name, *text, objects);
  std::fputs(text->c_str(), stdout);
  return Status::ok();
}

/// The parts of a comma-separated list.
static std::vector<std::string> split(const std::string &text) {
  std::vector<std::string> parts(1);
  for (char letter : text) {
    if (letter == ',')
      parts.emplace_back();
    else
      parts.back() += letter;
  }
  return parts;
}

static Status emitFiles(const Compiler &compiler, const CompileOptions &options, const std::string &list,
                        const std::string &folder) {
  constexpr std::string_view known[] = {"cuda", "ptx", "cubin", "obj", "plan"};
  std::set<std::string> kinds;
  for (const std::string &kind : split(list)) {
    if (std::find(std::begin(known), std::end(known), kind) == std::end(known))
      return Status(Code::Malformed, "flag '--emit' got '" + kind + "', expected cuda, ptx, cubin, obj or plan");
    if (kind == "obj" && options.device != "cpu")
      return Status(Code::Malformed, "flag '--emit' got 'obj', which is code for a CPU: leave out '--device'");
    kinds.insert(kind);
  }
  if (folder.empty())
    return Status(Code::Malformed, "flag '--emit' needs a folder: -o DIR");
  std::vector<std::string> warnings;
  Result<std::vector<EmittedFile>> files = compiler.emit(options, kinds, warnings);
  if (!files)
    return files.status();
  for (const std::string &warning : warnings)
    std::fprintf(stderr, "heddle: warning: %s\n", forTerminal(warning).c_str());
  for (const EmittedFile &emitted : *files) {
    std::filesystem::path path = std::filesystem::path(folder) / emitted.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    Result<OutputFile> file = OutputFile::create(path.string());
    if (!file)
      return file.status();
    HEDDLE_RETURN_IF_ERROR(file->write(emitted.bytes));
    HEDDLE_RETURN_IF_ERROR(file->commit());
  }
  return Status::ok();
}

static Status compile(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  if (!options)
    return options.status();
  bool showsPass = line.has("--dump-after") || line.has("--diff-after");
  if (!line.has("-o") && !line.has("--until") && !line.has("--emit") && !showsPass)
    return Status(Code::Malformed,
                  "nothing to do: give -o ARTIFACT, --until STAGE, --emit KINDS, --dump-after or --diff-after PASS");
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(*path);
  if (!compiler)
    return compiler.status();
  if (line.has("--emit"))
    return emitFiles(**compiler, *options, line.get("--emit"), line.get("-o"));
  if (line.has("--until"))
    return printStage(**compiler, *options, line.get("--until"), line.get("-o"));
  if (line.has("-o"))
    return compileArtifact(**compiler, *options, line.get("-o"));
  // All passes run, and show what is asked for.
  return (*compiler)->print(*options, Stage::Code).status();
}

const Verb &heddle::compileVerb() {
  static const Verb verb = {
      "compile", "compile MODEL.onnx -o ART.hdl | --until STAGE",
      "Compiles a model to an artifact, or prints the IR of a stage.",
      withCompileFlags({{"-o", "FILE|DIR", "the artifact to write, or the folder for --until"},
                        {"--until", "STAGE", "print the IR of import, graph, kernels, plan or code, or the artifact"},
                        {"--dump-after", "PASS", "print the IR after each run of a pass; may be repeated"},
                        {"--diff-after", "PASS", "print what each run of a pass changed; may be repeated"},
                        {"--emit", "cuda,ptx,...", "write files to -o DIR: cuda, ptx, cubin, obj, plan"}}),
      compile};
  return verb;
}
