// From a model file and options to a program, stage by stage.
#ifndef HEDDLE_COMPILER_COMPILER_H
#define HEDDLE_COMPILER_COMPILER_H

#include "compiler/Options.h"
#include "compiler/onnx/Limits.h"
#include "ir/WeightStore.h"
#include "runtime/format/Plan.h"
#include "runtime/format/Specializer.h"
#include <map>
#include <memory>
#include <set>
#include <span>

namespace heddle {

struct LoadedModel;
struct EmittedFile;
struct PairedModel;
class ReferenceModel;

/// A compiled model, and the store that holds the bytes of its weights.
struct CompiledModel {
  std::shared_ptr<const Program> program;
  std::shared_ptr<WeightStore> weights;
  /// Arithmetic operations of one launch, over the kernel's symbols, by the kernel's name (see `flopCount`).
  std::map<std::string, Expr> flops;
};

/// One opened ONNX model that can be compiled any number of times. All compilations share the weights.
/// Safe from many threads: each compilation has a context of its own.
class Compiler : public std::enable_shared_from_this<Compiler> {
public:
  /// Opens and checks a model file (see `loadModel`).
  static Result<std::shared_ptr<Compiler>> open(const std::string &path, const Limits &limits = {});
  ~Compiler();

  /// A graph's input that is no initializer, as the file declares it.
  struct DeclaredInput {
    std::string name;
    std::optional<Shape> shape; ///< Sizes or lone symbols, named as the import names them; nullopt if it has no rank.
  };
  /// In order.
  std::vector<DeclaredInput> inputs() const;

  /// Compiles to a program with one variant. Code::Unsupported lists all nodes that cannot be compiled.
  /// Where elements of inputs must be known, `neededInputs` (may be null) receives the names of those inputs.
  Result<CompiledModel> compile(const CompileOptions &options, std::vector<std::string> *neededInputs = nullptr) const;
  /// The kernels of a GPU as code for the GPU and for the CPU (compiler/PairedCode.h).
  Result<PairedModel> compilePaired(const CompileOptions &options) const;
  /// The IR at the end of a stage, as text. \param objects what the text refers to and the model does not hold, by
  /// digest: constants that passes have folded, code that stage code has made; may be null.
  Result<std::string> print(const CompileOptions &options, Stage until,
                            std::map<std::string, WeightStore::Entry> *objects = nullptr) const;
  /// The model for the evaluator, at the end of a stage up to kernels.
  Result<std::unique_ptr<ReferenceModel>> reference(const CompileOptions &options, Stage stage,
                                                    std::vector<std::string> *neededInputs = nullptr) const;
  /// The files of `--emit`: any of "cuda" (source, manifests, device headers), "ptx", "cubin", "obj" (one shared
  /// object) and "plan". The first three are a GPU's whatever the options' device.
  /// \param warnings of NVRTC, located on ONNX nodes; emitted kernels should give none.
  Result<std::vector<EmittedFile>> emit(const CompileOptions &options, const std::set<std::string> &kinds,
                                        std::vector<std::string> &warnings) const;
  /// Bytes of the model's weights; filled by the first import.
  const std::shared_ptr<WeightStore> &weightStore() const { return weights; }
  /// Takes the source bytes of a weight out of memory where they lie in a mapped file: a process that has made the
  /// transformed weight holds it once. They are read again when touched.
  void releaseSource(const std::string &digest) const;

  /// Adds variants to `program` for the shapes of the inputs, and the elements of small integer ones, that a run
  /// brings.
  std::shared_ptr<Specializer> specializer(const CompileOptions &options, std::shared_ptr<const Program> program) const;

private:
  Compiler();
  struct Work;
  Status runTo(Work &work, const CompileOptions &options, Stage until, std::vector<std::string> *neededInputs) const;

  std::shared_ptr<const LoadedModel> model;
  std::shared_ptr<WeightStore> weights;
};

/// The elements of a dense i32 or i64 tensor in row-major order.
std::vector<int64_t> integerElements(const View &tensor);

/// `options` bound to the shapes of these inputs, with the elements of small integer ones to assume.
CompileOptions optionsForInputs(CompileOptions options, const std::vector<Port> &ports, std::span<const View> inputs);

} // namespace heddle

#endif // HEDDLE_COMPILER_COMPILER_H
