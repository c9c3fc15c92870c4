// Implements the binary form of programs: one list of fields per record serves both directions.
#include "runtime/format/PlanBinary.h"

#include "runtime/format/BinaryIO.h"
#include "runtime/format/PlanVerifier.h"

namespace heddle {

#define HEDDLE_COUNT_DTYPE(ID, NAME, BYTES, ONNX) +1 // NOLINT(bugprone-macro-parentheses)
template <> inline constexpr unsigned enumLimit<DType> = 0 HEDDLE_DTYPES(HEDDLE_COUNT_DTYPE);
#undef HEDDLE_COUNT_DTYPE
template <> inline constexpr unsigned enumLimit<PlaceKind> = unsigned(PlaceKind::Runtime) + 1;
template <> inline constexpr unsigned enumLimit<SetSymbol::Source> = unsigned(SetSymbol::Source::Value) + 1;
template <> inline constexpr unsigned enumLimit<CodeObject::Kind> = unsigned(CodeObject::Kind::Cubin) + 1;

// Static functions, not an anonymous namespace: argument-dependent lookup from the archives must find them.

/// `R` is `T`, or `const T` when it is written.
template <typename R, typename T>
concept Record = std::same_as<std::remove_const_t<R>, T>;

static void fields(auto &archive, Record<Place> auto &place) {
  archive(place.kind, place.index, place.bytes, place.first, place.last, place.epoch);
}
static void fields(auto &archive, Record<Operand> auto &operand) {
  archive(operand.place, operand.byteOffset, operand.type, operand.shape, operand.strides);
}
static void fields(auto &archive, Record<Launch> auto &launch) {
  archive(launch.kernel, launch.inputs, launch.results, launch.sizes, launch.tasks, launch.grid,
          launch.dynamicSharedBytes);
}
static void fields(auto &archive, Record<HostCall> auto &call) {
  archive(call.function, call.version, call.attrs, call.inputs, call.results);
}
static void fields(auto &archive, Record<SetSymbol> auto &set) {
  archive(set.symbol, set.source, set.operand, set.index, set.value);
}
static void fields(auto &archive, Record<Region> auto &region) { archive(region.steps); }
static void fields(auto &archive, Record<If> auto &branch) {
  archive(branch.condition, branch.thenRegion, branch.elseRegion);
}
static void fields(auto &archive, Record<Loop::Carried> auto &carried) {
  archive(carried.init, carried.in, carried.out, carried.result);
}
static void fields(auto &archive, Record<Loop::Stacked> auto &stacked) { archive(stacked.element, stacked.result); }
static void fields(auto &archive, Record<Loop> auto &loop) {
  archive(loop.tripCount, loop.condition, loop.iteration, loop.nextCondition, loop.body, loop.carried, loop.stacked);
}
static void fields(auto &archive, Record<Fail> auto &fail) { archive(fail.message, fail.sizes); }
static void fields(auto &archive, Record<Step> auto &step) { archive(step.action, step.origin); }
static void fields(auto &archive, Record<Plan> auto &plan) { archive(plan.places, plan.body); }
static void fields(auto &archive, Record<KernelCheck> auto &check) { archive(check.message); }
static void fields(auto &archive, Record<Kernel> auto &kernel) {
  archive(kernel.name, kernel.symbols, kernel.checks, kernel.code, kernel.entry, kernel.scratchBytes, kernel.block,
          kernel.staticSharedBytes, kernel.lines);
}
static void fields(auto &archive, Record<CodeObject> auto &code) { archive(code.kind, code.target); }
static void fields(auto &archive, Record<Variant> auto &variant) {
  archive(variant.device, variant.target, variant.guards, variant.plan, variant.kernels);
}
static void fields(auto &archive, Record<Port> auto &port) { archive(port.name, port.type, port.shape); }
static void fields(auto &archive, Record<Weight> auto &weight) {
  archive(weight.digest, weight.transform, weight.type, weight.shape, weight.name);
}

std::vector<std::byte> encodeProgram(const Program &program) {
  std::vector<Variant> variants;
  for (const std::shared_ptr<const Variant> &variant : program.variants)
    variants.push_back(*variant);
  BinaryWriter writer;
  writer(program.modelName, program.producer, program.inputs, program.outputs, program.weights, program.codes,
         variants);
  return writer.finish();
}

Result<Program> decodeProgram(std::span<const std::byte> bytes) {
  Program program;
  std::vector<Variant> variants;
  BinaryReader reader(bytes);
  reader(program.modelName, program.producer, program.inputs, program.outputs, program.weights, program.codes,
         variants);
  HEDDLE_RETURN_IF_ERROR(reader.status());
  for (Variant &variant : variants)
    program.variants.push_back(std::make_shared<const Variant>(std::move(variant)));
  HEDDLE_RETURN_IF_ERROR(verifyProgram(program));
  return program;
}

} // namespace heddle
