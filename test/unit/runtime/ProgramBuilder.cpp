// Implements the building of small programs.
#include "test/unit/runtime/ProgramBuilder.h"

#include "runtime/cpu/CpuDevice.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace heddle::test {
namespace {

enum KernelIndex : int64_t {
  AddKernel,
  RowSumsKernel,
  GatherKernel,
  BelowKernel,
  AppendKernel,
  RememberKernel,
  SumLogitsKernel
};

std::vector<std::byte> readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto *first = reinterpret_cast<const std::byte *>(bytes.data());
  return std::vector<std::byte>(first, first + bytes.size());
}

Launch launch(int64_t kernel, std::vector<Operand> inputs, Operand result, Expr tasks) {
  Launch step;
  step.kernel = kernel;
  step.inputs = std::move(inputs);
  step.results = {std::move(result)};
  step.tasks = std::move(tasks);
  return step;
}

} // namespace

ProgramBuilder::ProgramBuilder() {
  variant.device = "cpu";
  variant.target = "x86-64-v3";
  program.modelName = "test";
  program.codes.push_back({CodeObject::Kind::CpuSharedObject, "x86-64-v3", readFile(HEDDLE_TEST_KERNELS)});
  for (const char *name : {"add", "rowSums", "gather", "below", "append", "remember", "sumLogits"}) {
    Kernel kernel;
    kernel.name = kernel.entry = name;
    kernel.code = 0;
    variant.kernels.push_back(kernel);
  }
  variant.kernels[RowSumsKernel].symbols = {"columns"};
  variant.kernels[RowSumsKernel].scratchBytes = 64;
  variant.kernels[GatherKernel].symbols = {"count"};
  variant.kernels[AppendKernel].symbols = variant.kernels[RememberKernel].symbols = {"count"};
  variant.kernels[SumLogitsKernel].symbols = {"past", "vocabulary"};
  variant.kernels[GatherKernel].checks = {{"unused check"}, {"Gather_1: an index is out of bounds"}};
}

Operand ProgramBuilder::place(PlaceKind kind, int64_t index, DType type, Shape shape, int64_t epoch) {
  Place place;
  place.kind = kind;
  place.index = index;
  place.bytes = kind == PlaceKind::Arena ? elementCount(shape) * byteWidth(type) : Expr(0);
  place.last = 1000;
  place.epoch = epoch;
  variant.plan.places.push_back(place);
  Operand operand;
  operand.place = int64_t(variant.plan.places.size()) - 1;
  operand.type = type;
  operand.shape = std::move(shape);
  return operand;
}

Operand ProgramBuilder::input(const std::string &name, DType type, Shape shape) {
  program.inputs.push_back({name, type, shape});
  return place(PlaceKind::Input, int64_t(program.inputs.size()) - 1, type, std::move(shape));
}

Operand ProgramBuilder::output(const std::string &name, DType type, Shape shape) {
  program.outputs.push_back({name, type, shape});
  return place(PlaceKind::Output, int64_t(program.outputs.size()) - 1, type, std::move(shape));
}

Operand ProgramBuilder::arena(DType type, Shape shape, int64_t epoch) {
  return place(PlaceKind::Arena, 0, type, std::move(shape), epoch);
}

Operand ProgramBuilder::runtime(DType type, Shape shape) {
  return place(PlaceKind::Runtime, 0, type, std::move(shape));
}

Operand ProgramBuilder::weight(DType type, std::vector<int64_t> shape) {
  Weight weight;
  weight.type = type;
  weight.shape = shape;
  weight.name = "w" + std::to_string(program.weights.size());
  program.weights.push_back(weight);
  return place(PlaceKind::Weight, int64_t(program.weights.size()) - 1, type, Shape(shape.begin(), shape.end()));
}

Step ProgramBuilder::add(Operand a, Operand b, Operand c) {
  Expr tasks = elementCount(c.shape);
  return {launch(AddKernel, {std::move(a), std::move(b)}, std::move(c), tasks), "Add_0"};
}

Step ProgramBuilder::rowSums(Operand x, Operand y) {
  Expr rows = x.shape[0], columns = x.shape[1];
  Launch step = launch(RowSumsKernel, {std::move(x)}, std::move(y), rows);
  step.sizes = {columns};
  return {std::move(step), "ReduceSum_0"};
}

Step ProgramBuilder::gather(Operand x, Operand index, Operand y) {
  Expr count = elementCount(x.shape), tasks = elementCount(y.shape);
  Launch step = launch(GatherKernel, {std::move(x), std::move(index)}, std::move(y), tasks);
  step.sizes = {count};
  return {std::move(step), "Gather_1"};
}

Step ProgramBuilder::below(Operand total, Operand limit, Operand flag) {
  return {launch(BelowKernel, {std::move(total), std::move(limit)}, std::move(flag), 1), "Less_0"};
}

Step ProgramBuilder::append(Operand past, Operand x, Operand present) {
  Expr count = past.shape[0];
  Launch step = launch(AppendKernel, {std::move(past), std::move(x)}, std::move(present), count + 1);
  step.sizes = {count};
  return {std::move(step), "Concat_0"};
}

Step ProgramBuilder::remember(Operand past, Operand ids, Operand present) {
  Expr count = elementCount(past.shape), tasks = elementCount(present.shape);
  Launch step = launch(RememberKernel, {std::move(past), std::move(ids)}, std::move(present), tasks);
  step.sizes = {count};
  return {std::move(step), "Concat_1"};
}

Step ProgramBuilder::sumLogits(Operand present, Operand logits, Expr past) {
  Expr tokens = logits.shape[1], vocabulary = logits.shape[2];
  Launch step = launch(SumLogitsKernel, {std::move(present)}, std::move(logits), tokens);
  step.sizes = {std::move(past), vocabulary};
  return {std::move(step), "MatMul_9"};
}

Step ProgramBuilder::identity(Operand from, Operand to) {
  HostCall call;
  call.function = "identity";
  call.inputs = {std::move(from)};
  call.results = {std::move(to)};
  return {std::move(call), "Identity_0"};
}

Step ProgramBuilder::fail(const std::string &message) { return {Fail{message, {}}, "Reshape_7"}; }

std::shared_ptr<const Program> ProgramBuilder::build() {
  Program result = program;
  result.variants.push_back(std::make_shared<const Variant>(variant));
  return std::make_shared<const Program>(std::move(result));
}

std::unique_ptr<Session> makeSession(std::shared_ptr<const Program> program, SessionOptions options,
                                     std::shared_ptr<WeightSource> weights, std::shared_ptr<Specializer> specializer) {
  options.poisonArena = true;
  Result<std::unique_ptr<Session>> session =
      Session::create({std::move(program), std::move(weights), makeCpuDevice(), std::move(specializer)}, options);
  if (!session) {
    ADD_FAILURE() << session.status().message();
    return nullptr;
  }
  return std::move(*session);
}

} // namespace heddle::test
