// Builds the sample program.
#include "test/unit/artifact/SampleProgram.h"

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n"), found = Expr::symbol("found");

enum SamplePlace : int64_t { X, W, Flag, In, Out, Late, Found, Y, Iteration };

Place place(PlaceKind kind, int64_t index, Expr bytes = 0, int64_t first = 0, int64_t last = 0, int64_t epoch = 0) {
  return {kind, index, std::move(bytes), first, last, epoch};
}

Operand operand(int64_t place, DType type, Shape shape) {
  Operand result;
  result.place = place;
  result.type = type;
  result.shape = std::move(shape);
  return result;
}

Step launchStep() {
  Launch launch;
  Operand strided = operand(In, DType::F32, {n});
  strided.strides = {1};
  launch.inputs = {operand(X, DType::F32, {n, 3}), operand(W, DType::F32, {3})};
  launch.results = {strided};
  launch.sizes = {n};
  launch.tasks = ceilDiv(n, 64);
  launch.grid = {ceilDiv(n, 256), 1, 1};
  launch.dynamicSharedBytes = n * 4;
  return {launch, "MatMul_0, Add_1"};
}

Step hostStep() {
  HostCall call;
  call.function = "nonzero";
  call.attrs = {{"axis", int64_t(-1)},
                {"mode", std::string("a")},
                {"pads", std::vector<int64_t>{1, 2}},
                {"s", 0.5},
                {"t", std::vector<double>{2}}};
  call.inputs = {operand(In, DType::F32, {n})};
  call.results = {operand(Found, DType::I64, {1, found})};
  return {call, "NonZero_2"};
}

Step symbolStep() {
  SetSymbol set;
  set.symbol = "found";
  set.source = SetSymbol::Source::Dimension;
  set.operand = operand(Found, DType::I64, {1, found});
  set.index = 1;
  return {set, "NonZero_2"};
}

Step branchStep() {
  If branch;
  branch.condition = operand(Flag, DType::Bool, {});
  branch.thenRegion.steps = {{Fail{"Reshape_3: 4 elements, expected 6", {found}}, "Reshape_3"}};
  HostCall copy;
  copy.function = "identity";
  copy.inputs = {operand(Found, DType::I64, {found})};
  copy.results = {operand(Late, DType::I64, {found})};
  branch.elseRegion.steps = {{copy, "Identity_4"}};
  return {branch, "If_5"};
}

Step loopStep() {
  Loop loop;
  loop.tripCount = operand(Found, DType::I64, {found});
  loop.iteration = operand(Iteration, DType::I64, {});
  HostCall copy;
  copy.function = "identity";
  copy.inputs = {operand(In, DType::F32, {n})};
  copy.results = {operand(Out, DType::F32, {n})};
  loop.body.steps = {{copy, "Identity_6"}};
  loop.carried = {{operand(X, DType::F32, {n}), operand(In, DType::F32, {n}), operand(Out, DType::F32, {n}),
                   operand(-1, DType::F32, {})}};
  loop.stacked = {{operand(Out, DType::F32, {n}), operand(Y, DType::F32, {Expr::symbol("made"), n})}};
  return {loop, "Loop_7"};
}

} // namespace

Variant sampleVariant() {
  Variant variant;
  variant.device = "cpu";
  variant.target = "x86-64-v3";
  variant.guards = {lessEqual(1, n)};
  variant.plan.places = {place(PlaceKind::Input, 0),
                         place(PlaceKind::Weight, 0),
                         place(PlaceKind::Input, 1),
                         place(PlaceKind::Arena, 0, n * 4, 0, 8),
                         place(PlaceKind::Arena, 0, n * 4, 6, 8),
                         place(PlaceKind::Arena, 0, found * 8, 3, 6, 1),
                         place(PlaceKind::Runtime, 0),
                         place(PlaceKind::Output, 0),
                         place(PlaceKind::Arena, 0, 8, 6, 8)};
  variant.plan.body.steps = {launchStep(), hostStep(), symbolStep(), branchStep(), loopStep()};
  Kernel kernel;
  kernel.name = kernel.entry = "matmul_add";
  kernel.symbols = {"n"};
  kernel.checks = {{"MatMul_0: rows"}};
  kernel.code = 0;
  kernel.scratchBytes = 128;
  kernel.block = {256, 1, 1};
  kernel.staticSharedBytes = 1024;
  kernel.lines = {{7, "MatMul_0"}, {9, "Add_1"}};
  variant.kernels = {kernel};
  return variant;
}

Program withVariant(Program program, const Variant &variant) {
  program.variants = {std::make_shared<const Variant>(variant)};
  return program;
}

Program sampleProgram() {
  Program program;
  program.modelName = "sample";
  program.producer = {{"heddle", "0.1.0"}, {"llvm", "22.1.8"}};
  program.inputs = {{"x", DType::F32, {n, 3}}, {"flag", DType::Bool, {}}};
  program.outputs = {{"y", DType::F32, {Expr::symbol("made"), n}}};
  program.weights = {{"00112233445566778899aabbccddeeff", "permute(1, 0)", DType::F32, {3}, "w"}};
  program.codes = {{CodeObject::Kind::CpuSharedObject, "x86-64-v3", std::vector<std::byte>(100, std::byte(0x90))}};
  return withVariant(std::move(program), sampleVariant());
}

} // namespace heddle::test
