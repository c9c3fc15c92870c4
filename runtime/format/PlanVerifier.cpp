// Implements the rules of programs.
#include "runtime/format/PlanVerifier.h"

#include "runtime/format/CheckedMath.h"

#include <algorithm>
#include <utility>

namespace heddle {
namespace {

constexpr size_t maxRank = 64;

/// The numbers if all expressions are literal.
std::optional<std::vector<int64_t>> literals(const std::vector<Expr> &exprs) {
  std::vector<int64_t> numbers;
  for (const Expr &expr : exprs) {
    if (!expr.literal())
      return std::nullopt;
    numbers.push_back(*expr.literal());
  }
  return numbers;
}

/// True if an operand is known not to lie within its place of the arena. What depends on symbols is checked in a run.
bool isOutside(const Operand &operand, const Place &place) {
  std::optional<std::vector<int64_t>> shape = literals(operand.shape), strides = literals(operand.strides);
  if (!shape || !strides || !operand.byteOffset.literal() || !place.bytes.literal())
    return false;
  std::optional<int64_t> extent =
      operand.strides.empty() ? checkedElementCount(*shape) : checkedExtent(*shape, *strides);
  return !extent ||
         !liesWithin(*operand.byteOffset.literal(), *extent, byteWidth(operand.type), *place.bytes.literal());
}

std::string of(int64_t index, size_t count) { return std::to_string(index) + " of " + std::to_string(count); }

bool isIndex(int64_t index, size_t count) { return index >= 0 && uint64_t(index) < count; }

/// Checks one variant's plan by a walk in pre-order.
class PlanVerifier {
public:
  PlanVerifier(const Program &program, const Variant &variant) : program(program), variant(variant) {}

  Status verify();

private:
  enum class Use { Read, Write };

  Status bad(const std::string &what) const {
    return Status(Code::BadArtifact, "variant for " + variant.device + " " + variant.target + ", step " +
                                         std::to_string(position) + ": " + what);
  }
  Status verifyKernel(const Kernel &kernel) const;
  Status verifyPlace(const Place &place, size_t index) const;
  Status region(const Region &region);
  Status step(const Launch &launch);
  Status step(const HostCall &call);
  Status step(const SetSymbol &set);
  Status step(const If &branch);
  Status step(const Loop &loop);
  Status step(const Fail &fail);
  Status beginEpoch();

  Status known(const Expr &expr, const std::string &what) const;
  Status operand(const Operand &operand, Use use) const;
  Status tensors(const std::vector<Operand> &operands, Use use) const;
  Status control(const Operand &operand, Use use) const;
  Status slots(const Loop::Carried &carried) const;

  static size_t countSetSymbols(const Region &region);

  const Program &program;
  const Variant &variant;
  int64_t position = 0;
  size_t epochs = 0; ///< SetSymbols seen so far, in pre-order.
  std::set<std::string> symbols;
  std::set<int64_t> begunEpochs = {0};
};

size_t PlanVerifier::countSetSymbols(const Region &region) {
  size_t count = 0;
  for (const Step &step : region.steps) {
    count += std::holds_alternative<SetSymbol>(step.action);
    if (const If *branch = std::get_if<If>(&step.action))
      count += countSetSymbols(branch->thenRegion) + countSetSymbols(branch->elseRegion);
    if (const Loop *loop = std::get_if<Loop>(&step.action))
      count += countSetSymbols(loop->body);
  }
  return count;
}

Status PlanVerifier::verify() {
  for (const Port &port : program.inputs)
    for (const Expr &dim : port.shape)
      if (!dim.symbolName().empty())
        symbols.emplace(dim.symbolName());
  for (const Kernel &kernel : variant.kernels)
    HEDDLE_RETURN_IF_ERROR(verifyKernel(kernel));
  for (size_t index = 0; index < variant.plan.places.size(); ++index)
    HEDDLE_RETURN_IF_ERROR(verifyPlace(variant.plan.places[index], index));
  for (const Place &place : variant.plan.places)
    if (place.kind == PlaceKind::Arena && place.epoch == 0)
      HEDDLE_RETURN_IF_ERROR(known(place.bytes, "a place of epoch 0"));
  return region(variant.plan.body);
}

Status PlanVerifier::verifyKernel(const Kernel &kernel) const {
  if (!isIndex(kernel.code, program.codes.size()))
    return bad("kernel '" + kernel.name + "' has code " + of(kernel.code, program.codes.size()));
  if (kernel.scratchBytes < 0 || kernel.staticSharedBytes < 0)
    return bad("kernel '" + kernel.name + "' needs a negative number of bytes");
  for (int64_t threads : kernel.block)
    if (threads < 1 || threads > 1024)
      return bad("kernel '" + kernel.name + "' has a block of " + std::to_string(threads) + " threads");
  return Status::ok();
}

Status PlanVerifier::verifyPlace(const Place &place, size_t index) const {
  std::string name = "place " + std::to_string(index);
  if (place.kind == PlaceKind::Input && !isIndex(place.index, program.inputs.size()))
    return bad(name + " is input " + of(place.index, program.inputs.size()));
  if (place.kind == PlaceKind::Output && !isIndex(place.index, program.outputs.size()))
    return bad(name + " is output " + of(place.index, program.outputs.size()));
  if (place.kind == PlaceKind::Weight && !isIndex(place.index, program.weights.size()))
    return bad(name + " is weight " + of(place.index, program.weights.size()));
  if (place.kind != PlaceKind::Arena)
    return Status::ok();
  if (place.first < 0 || place.last < place.first)
    return bad(name + " has the lifetime [" + std::to_string(place.first) + ", " + std::to_string(place.last) + ")");
  size_t epochCount = countSetSymbols(variant.plan.body) + 1;
  return isIndex(place.epoch, epochCount) ? Status::ok() : bad(name + " has epoch " + of(place.epoch, epochCount));
}

Status PlanVerifier::region(const Region &region) {
  for (const Step &current : region.steps) {
    HEDDLE_RETURN_IF_ERROR(std::visit([&](const auto &action) { return step(action); }, current.action));
    ++position;
  }
  return Status::ok();
}

Status PlanVerifier::step(const Launch &launch) {
  if (!isIndex(launch.kernel, variant.kernels.size()))
    return bad("it launches kernel " + of(launch.kernel, variant.kernels.size()));
  const Kernel &kernel = variant.kernels[size_t(launch.kernel)];
  if (launch.sizes.size() != kernel.symbols.size())
    return bad("kernel '" + kernel.name + "' takes " + std::to_string(kernel.symbols.size()) + " sizes, not " +
               std::to_string(launch.sizes.size()));
  HEDDLE_RETURN_IF_ERROR(tensors(launch.inputs, Use::Read));
  HEDDLE_RETURN_IF_ERROR(tensors(launch.results, Use::Write));
  for (const Expr &size : launch.sizes)
    HEDDLE_RETURN_IF_ERROR(known(size, "a size"));
  for (const Expr &blocks : launch.grid)
    HEDDLE_RETURN_IF_ERROR(known(blocks, "the grid"));
  HEDDLE_RETURN_IF_ERROR(known(launch.dynamicSharedBytes, "shared memory"));
  return known(launch.tasks, "the number of tasks");
}

Status PlanVerifier::step(const Fail &fail) {
  for (const Expr &size : fail.sizes)
    HEDDLE_RETURN_IF_ERROR(known(size, "a size"));
  return Status::ok();
}

Status PlanVerifier::step(const HostCall &call) {
  HEDDLE_RETURN_IF_ERROR(tensors(call.inputs, Use::Read));
  return tensors(call.results, Use::Write);
}

Status PlanVerifier::step(const SetSymbol &set) {
  if (set.symbol.empty())
    return bad("it sets a symbol without a name");
  if (set.source == SetSymbol::Source::Value)
    HEDDLE_RETURN_IF_ERROR(known(set.value, "the value"));
  else if (set.operand.place < 0)
    return bad("symbol '" + set.symbol + "' is read from no tensor");
  HEDDLE_RETURN_IF_ERROR(operand(set.operand, Use::Read));
  symbols.insert(set.symbol);
  return beginEpoch();
}

Status PlanVerifier::beginEpoch() {
  int64_t epoch = int64_t(++epochs);
  begunEpochs.insert(epoch);
  for (const Place &place : variant.plan.places)
    if (place.kind == PlaceKind::Arena && place.epoch == epoch)
      HEDDLE_RETURN_IF_ERROR(known(place.bytes, "a place of epoch " + std::to_string(epoch)));
  return Status::ok();
}

Status PlanVerifier::step(const If &branch) {
  HEDDLE_RETURN_IF_ERROR(control(branch.condition, Use::Read));
  ++position;
  // What one branch defines is known in it alone; what both define is known afterwards.
  std::set<std::string> symbolsBefore = symbols;
  std::set<int64_t> epochsBefore = begunEpochs;
  HEDDLE_RETURN_IF_ERROR(region(branch.thenRegion));
  std::set<std::string> symbolsOfThen = std::exchange(symbols, symbolsBefore);
  begunEpochs = epochsBefore;
  HEDDLE_RETURN_IF_ERROR(region(branch.elseRegion));
  std::erase_if(symbols, [&](const std::string &symbol) { return !symbolsOfThen.contains(symbol); });
  begunEpochs = std::move(epochsBefore);
  --position;
  return Status::ok();
}

Status PlanVerifier::step(const Loop &loop) {
  if (loop.tripCount.place >= 0)
    HEDDLE_RETURN_IF_ERROR(control(loop.tripCount, Use::Read));
  if (loop.condition.place >= 0)
    HEDDLE_RETURN_IF_ERROR(control(loop.condition, Use::Read));
  if (loop.iteration.place >= 0) {
    HEDDLE_RETURN_IF_ERROR(control(loop.iteration, Use::Write));
    if (loop.iteration.type != DType::I64)
      return bad("the iteration number is " + std::string(nameOf(loop.iteration.type)) + ", not i64");
  }
  for (const Loop::Carried &carried : loop.carried)
    HEDDLE_RETURN_IF_ERROR(slots(carried));
  const int64_t start = position++;
  std::set<std::string> symbolsBefore = symbols;
  std::set<int64_t> epochsBefore = begunEpochs;
  HEDDLE_RETURN_IF_ERROR(region(loop.body));
  const int64_t lastInside = position - 1;
  position = lastInside;
  if (loop.nextCondition.place >= 0)
    HEDDLE_RETURN_IF_ERROR(control(loop.nextCondition, Use::Read));
  for (const Loop::Stacked &stacked : loop.stacked) {
    if (stacked.element.place < 0)
      return bad("a stacked value is absent");
    HEDDLE_RETURN_IF_ERROR(operand(stacked.element, Use::Read));
  }
  symbols = std::move(symbolsBefore);
  begunEpochs = std::move(epochsBefore);
  position = start;
  for (const Loop::Carried &carried : loop.carried)
    HEDDLE_RETURN_IF_ERROR(operand(carried.result, Use::Write));
  for (const Loop::Stacked &stacked : loop.stacked)
    HEDDLE_RETURN_IF_ERROR(operand(stacked.result, Use::Write));
  position = lastInside;
  return Status::ok();
}

Status PlanVerifier::slots(const Loop::Carried &carried) const {
  if (carried.init.place < 0 || carried.in.place < 0 || carried.out.place < 0)
    return bad("a carried value lacks its initial value or a slot");
  HEDDLE_RETURN_IF_ERROR(operand(carried.init, Use::Read));
  HEDDLE_RETURN_IF_ERROR(operand(carried.in, Use::Write));
  HEDDLE_RETURN_IF_ERROR(operand(carried.out, Use::Write));
  PlaceKind in = variant.plan.places[size_t(carried.in.place)].kind;
  PlaceKind out = variant.plan.places[size_t(carried.out.place)].kind;
  if (in != out || (in != PlaceKind::Arena && in != PlaceKind::Runtime))
    return bad("the slots of a carried value are not two arena or two runtime places");
  return Status::ok();
}

Status PlanVerifier::known(const Expr &expr, const std::string &what) const {
  std::set<std::string> used;
  expr.collectSymbols(used);
  for (const std::string &symbol : used)
    if (!symbols.contains(symbol))
      return bad(what + " uses symbol '" + symbol + "', which is not known here");
  return Status::ok();
}

Status PlanVerifier::operand(const Operand &operand, Use use) const {
  if (operand.place == -1)
    return Status::ok();
  if (!isIndex(operand.place, variant.plan.places.size()))
    return bad("an operand lies in place " + of(operand.place, variant.plan.places.size()));
  const Place &place = variant.plan.places[size_t(operand.place)];
  if (use == Use::Write && (place.kind == PlaceKind::Input || place.kind == PlaceKind::Weight))
    return bad("it writes place " + std::to_string(operand.place) + ", which is read only");
  if (operand.shape.size() > maxRank || (!operand.strides.empty() && operand.strides.size() != operand.shape.size()))
    return bad("an operand of rank " + std::to_string(operand.shape.size()) + " has " +
               std::to_string(operand.strides.size()) + " strides");
  HEDDLE_RETURN_IF_ERROR(known(operand.byteOffset, "an offset"));
  bool mayBeUnknown = place.kind == PlaceKind::Runtime || place.kind == PlaceKind::Output;
  for (const Expr &dim : operand.shape)
    if (!mayBeUnknown)
      HEDDLE_RETURN_IF_ERROR(known(dim, "a shape"));
  for (const Expr &stride : operand.strides)
    HEDDLE_RETURN_IF_ERROR(known(stride, "a stride"));
  if (place.kind != PlaceKind::Arena)
    return Status::ok();
  if (isOutside(operand, place))
    return bad("an operand lies outside of place " + std::to_string(operand.place) + " of " + place.bytes.str() +
               " bytes");
  if (!begunEpochs.contains(place.epoch))
    return bad("place " + std::to_string(operand.place) + " is used before its epoch " + std::to_string(place.epoch));
  if (position < place.first || position >= std::max(place.last, place.first + 1))
    return bad("place " + std::to_string(operand.place) + " is used outside its lifetime [" +
               std::to_string(place.first) + ", " + std::to_string(place.last) + ")");
  return Status::ok();
}

Status PlanVerifier::tensors(const std::vector<Operand> &operands, Use use) const {
  for (const Operand &item : operands)
    HEDDLE_RETURN_IF_ERROR(operand(item, use));
  return Status::ok();
}

Status PlanVerifier::control(const Operand &item, Use use) const {
  if (item.place < 0)
    return bad("a control value is absent");
  if (item.type != DType::Bool && !isSignedInteger(item.type) && !isUnsignedInteger(item.type))
    return bad("a control value is " + std::string(nameOf(item.type)));
  return operand(item, use);
}

Status verifyWeight(const Weight &weight) {
  std::optional<int64_t> count = checkedElementCount(weight.shape);
  if (weight.type == DType::String || !count || !checkedMul(*count, byteWidth(weight.type)))
    return Status(Code::BadArtifact, "weight '" + weight.name + "' is no tensor that can be stored");
  return Status::ok();
}

} // namespace

Status verifyProgram(const Program &program) {
  for (const Weight &weight : program.weights)
    HEDDLE_RETURN_IF_ERROR(verifyWeight(weight));
  for (const std::shared_ptr<const Variant> &variant : program.variants)
    HEDDLE_RETURN_IF_ERROR(PlanVerifier(program, *variant).verify());
  return Status::ok();
}

} // namespace heddle
