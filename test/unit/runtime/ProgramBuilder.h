// Builds small programs by hand, with kernels from TestKernels.cpp.
#ifndef HEDDLE_TEST_UNIT_RUNTIME_PROGRAMBUILDER_H
#define HEDDLE_TEST_UNIT_RUNTIME_PROGRAMBUILDER_H

#include "runtime/Session.h"

namespace heddle::test {

/// A program of one variant for the CPU, grown piece by piece. Places are returned as operands in their dense shape.
class ProgramBuilder {
public:
  ProgramBuilder();

  Operand input(const std::string &name, DType type, Shape shape);
  Operand output(const std::string &name, DType type, Shape shape);
  /// An arena value alive over the whole plan, born in `epoch`.
  Operand arena(DType type, Shape shape, int64_t epoch = 0);
  Operand runtime(DType type, Shape shape);
  Operand weight(DType type, std::vector<int64_t> shape);

  static Step add(Operand a, Operand b, Operand c);
  static Step rowSums(Operand x, Operand y);
  static Step gather(Operand x, Operand index, Operand y);
  static Step below(Operand total, Operand limit, Operand flag);
  static Step append(Operand past, Operand x, Operand present);
  static Step remember(Operand past, Operand ids, Operand present);
  static Step sumLogits(Operand present, Operand logits, Expr past);
  static Step identity(Operand from, Operand to);
  static Step fail(const std::string &message);

  std::vector<Step> &steps() { return variant.plan.body.steps; }
  std::shared_ptr<const Program> build();

  Program program;
  Variant variant;

private:
  Operand place(PlaceKind kind, int64_t index, DType type, Shape shape, int64_t epoch = 0);
};

/// Weights given as float vectors, in the order of the program.
class VectorWeights final : public WeightSource {
public:
  explicit VectorWeights(std::vector<std::vector<float>> values = {}) : values(std::move(values)) {}
  Result<std::span<const std::byte>> bytes(const Weight &, size_t index) override {
    return std::as_bytes(std::span(values[index]));
  }

private:
  std::vector<std::vector<float>> values;
};

/// A session on the CPU with a poisoned arena; fails the test if it cannot be made.
std::unique_ptr<Session> makeSession(std::shared_ptr<const Program> program, SessionOptions options = {},
                                     std::shared_ptr<WeightSource> weights = std::make_shared<VectorWeights>(),
                                     std::shared_ptr<Specializer> specializer = nullptr);

template <typename T> constexpr DType dtypeOf();
template <> constexpr DType dtypeOf<float>() { return DType::F32; }
template <> constexpr DType dtypeOf<int64_t>() { return DType::I64; }
template <> constexpr DType dtypeOf<uint8_t>() { return DType::Bool; }

/// A dense view of a vector's elements.
template <typename T> View viewOf(std::vector<T> &values, std::vector<int64_t> shape) {
  View view{values.data(), dtypeOf<T>(), std::move(shape), {}};
  view.strides = rowMajorStrides(view.shape);
  return view;
}

/// The elements of a dense tensor.
template <typename T> std::vector<T> elementsOf(const RuntimeTensor &tensor) {
  const T *first = static_cast<const T *>(tensor.view().data);
  return std::vector<T>(first, first + tensor.view().elementCount());
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_RUNTIME_PROGRAMBUILDER_H
