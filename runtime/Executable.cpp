// Implements the translation of a plan into its executable form.
#include "runtime/Executable.h"

#include "runtime/host/Registry.h"

namespace heddle {

ExprId ExprTable::intern(const Expr &expr) {
  auto [position, isNew] = ids.try_emplace(expr, ExprId(exprs.size()));
  if (!isNew)
    return position->second;
  exprs.push_back(expr);
  std::set<std::string> symbols;
  expr.collectSymbols(symbols);
  for (const std::string &symbol : symbols)
    bySymbol[symbol].push_back(position->second);
  return position->second;
}

std::vector<ExprId> ExprTable::intern(const std::vector<Expr> &list) {
  std::vector<ExprId> result;
  for (const Expr &expr : list)
    result.push_back(intern(expr));
  return result;
}

const std::vector<ExprId> &ExprTable::dependents(const std::string &symbol) const {
  static const std::vector<ExprId> none;
  auto position = bySymbol.find(symbol);
  return position == bySymbol.end() ? none : position->second;
}

namespace {

class Preparation {
public:
  explicit Preparation(ExprTable &table) : table(table) {}

  Status region(const Region &from, ExecRegion &to);

private:
  TensorRef ref(const Operand &operand);
  std::vector<TensorRef> refs(const std::vector<Operand> &operands);
  Status step(const Launch &launch, ExecStep &to);
  Status step(const HostCall &call, ExecStep &to);
  Status step(const SetSymbol &set, ExecStep &to);
  Status step(const If &branch, ExecStep &to);
  Status step(const Loop &loop, ExecStep &to);
  Status step(const Fail &fail, ExecStep &to);

  ExprTable &table;
  size_t epochs = 0;
};

TensorRef Preparation::ref(const Operand &operand) {
  bool isPart = !operand.byteOffset.isLiteral(0) || !operand.strides.empty();
  return {operand.place,
          table.intern(operand.byteOffset),
          operand.type,
          table.intern(operand.shape),
          table.intern(operand.strides),
          isPart};
}

std::vector<TensorRef> Preparation::refs(const std::vector<Operand> &operands) {
  std::vector<TensorRef> result;
  for (const Operand &operand : operands)
    result.push_back(ref(operand));
  return result;
}

Status Preparation::region(const Region &from, ExecRegion &to) {
  to.reserve(from.steps.size());
  for (const Step &source : from.steps) {
    ExecStep &target = to.emplace_back();
    target.origin = &source.origin;
    HEDDLE_RETURN_IF_ERROR(std::visit([&](const auto &action) { return step(action, target); }, source.action));
  }
  return Status::ok();
}

Status Preparation::step(const Launch &launch, ExecStep &to) {
  ExecLaunch result;
  result.kernel = size_t(launch.kernel);
  result.buffers = refs(launch.inputs);
  result.inputs = launch.inputs.size();
  for (const Operand &operand : launch.results)
    result.buffers.push_back(ref(operand));
  result.sizes = table.intern(launch.sizes);
  result.tasks = table.intern(launch.tasks);
  for (size_t axis = 0; axis < 3; ++axis)
    result.grid[axis] = table.intern(launch.grid[axis]);
  result.dynamicSharedBytes = table.intern(launch.dynamicSharedBytes);
  to.action = std::move(result);
  return Status::ok();
}

Status Preparation::step(const HostCall &call, ExecStep &to) {
  HostFunction function = findHostFunction(call.function, call.version);
  if (!function)
    return Status(Code::BadArtifact, "host function '" + call.function + "' version " + std::to_string(call.version) +
                                         " is not in this runtime");
  to.action = ExecHostCall{function, &call, refs(call.inputs), refs(call.results)};
  return Status::ok();
}

Status Preparation::step(const SetSymbol &set, ExecStep &to) {
  to.action = ExecSetSymbol{&set, ++epochs, ref(set.operand), table.intern(set.value)};
  return Status::ok();
}

Status Preparation::step(const If &branch, ExecStep &to) {
  ExecIf result;
  result.condition = ref(branch.condition);
  HEDDLE_RETURN_IF_ERROR(region(branch.thenRegion, result.thenRegion));
  HEDDLE_RETURN_IF_ERROR(region(branch.elseRegion, result.elseRegion));
  to.action = std::move(result);
  return Status::ok();
}

Status Preparation::step(const Loop &loop, ExecStep &to) {
  ExecLoop result;
  result.tripCount = ref(loop.tripCount);
  result.condition = ref(loop.condition);
  result.iteration = ref(loop.iteration);
  result.nextCondition = ref(loop.nextCondition);
  HEDDLE_RETURN_IF_ERROR(region(loop.body, result.body));
  for (const Loop::Carried &carried : loop.carried)
    result.carried.push_back({ref(carried.init), ref(carried.in), ref(carried.out), ref(carried.result)});
  for (const Loop::Stacked &stacked : loop.stacked)
    result.stacked.push_back({ref(stacked.element), ref(stacked.result)});
  result.origin = to.origin;
  to.action = std::move(result);
  return Status::ok();
}

Status Preparation::step(const Fail &fail, ExecStep &to) {
  to.action = ExecFail{&fail.message, table.intern(fail.sizes)};
  return Status::ok();
}

} // namespace

Result<std::unique_ptr<Executable>> prepare(const Variant &variant) {
  auto exec = std::make_unique<Executable>();
  exec->variant = &variant;
  HEDDLE_RETURN_IF_ERROR(Preparation(exec->exprs).region(variant.plan.body, exec->body));
  exec->epochPlaces.emplace_back();
  for (size_t index = 0; index < variant.plan.places.size(); ++index) {
    const Place &place = variant.plan.places[index];
    exec->placeBytes.push_back(exec->exprs.intern(place.bytes));
    if (place.kind != PlaceKind::Arena)
      continue;
    if (exec->epochPlaces.size() <= size_t(place.epoch))
      exec->epochPlaces.resize(size_t(place.epoch) + 1);
    exec->epochPlaces[size_t(place.epoch)].push_back(index);
  }
  return exec;
}

} // namespace heddle
