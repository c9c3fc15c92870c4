// Rules of LSTM, GRU and RNN: projections for all steps at once, then the steps one after another.
#include "compiler/onnx/Activations.h"
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Sequences of at most this many steps are unrolled, others loop.
constexpr int64_t maxUnrolled = 16;

/// What a cell carries from step to step: h, and c for LSTM.
using State = SmallVector<Value, 2>;

void requireRank(Node &node, int position, int64_t rank) {
  if (node.rank(position) != rank)
    malformed("input " + Twine(position) + " has shape " + textOf(node.shape(position)) + ", expected rank " +
              Twine(rank));
}

/// Operands of other sizes would broadcast, or be sliced as a whole, to an answer of some kind.
void requireSize(Node &node, int position, int64_t dim, const Expr &size) {
  const Expr &given = node.shape(position)[dim];
  require(node, equal(given, size),
          "input " + Twine(position) + " has size " + given.str() + " in dimension " + Twine(dim) + ", expected " +
              size.str());
}

/// One direction of a recurrent op.
class Direction {
public:
  Direction(Node &node, int64_t index, int64_t gates, ArrayRef<Activation> activations)
      : node(node), index(index), gates(gates), activations(activations) {
    weights = row(1, 3);
    recurrence = row(2, 3);
    hidden = shapeOfValue(recurrence)[1];
    element = elementOf(weights);
    if (!hidden.literal() || *hidden.literal() <= 0)
      unsupported("the hidden size must be known, but is " + hidden.str());
    for (int position : {1, 2})
      requireSize(node, position, 1, hidden * gates);
    if (node.hasInput(3)) {
      bias = row(3, 2);
      requireSize(node, 3, 1, hidden * (2 * gates));
    }
  }
  virtual ~Direction() = default;

  /// The projections of all steps: x of shape [steps, batch, inputs] -> [steps, batch, gates * hidden].
  Value project(Value x) {
    Value projected = node.emit<MatmulOp>({x, weights}, node.named("transpose_b", node.builder().getUnitAttr()));
    if (bias)
      projected = node.add(projected, inputBias());
    return projected;
  }
  virtual State step(Value projected, const State &state) = 0;

  Expr hiddenSize() const { return hidden; }
  Type elementType() const { return element; }

protected:
  virtual Value inputBias() {
    Expr half = hidden * gates;
    return node.add(node.sliceAxis(bias, 0, 0, half), node.sliceAxis(bias, 0, half, half));
  }
  Value recurrentProduct(Value h) {
    return node.emit<MatmulOp>({h, recurrence}, node.named("transpose_b", node.builder().getUnitAttr()));
  }
  Value gate(Value all, int64_t position) { return node.sliceAxis(all, 1, hidden * position, hidden); }
  Value one() { return node.scalar(1, element); }

  /// The input of an activation, limited by `clip`.
  Value clipped(Value x) {
    if (!node.hasAttribute("clip"))
      return x;
    double limit = node.floatAttr("clip", 0);
    return node.binary<MinOp>(node.binary<MaxOp>(x, node.scalar(-limit, element)), node.scalar(limit, element));
  }
  Value activate(size_t position, Value x) { return activations[position].apply(node, clipped(x)); }

  /// The part of an operand of the given rank that belongs to this direction.
  Value row(int position, int64_t rank) {
    requireRank(node, position, rank);
    return node.dropDim(node.sliceAxis(node.value(position), 0, index, 1), 0);
  }

  Node &node;
  int64_t index, gates;
  ArrayRef<Activation> activations;
  Expr hidden;
  Type element;
  Value weights, recurrence, bias;
};

class LstmDirection final : public Direction {
public:
  LstmDirection(Node &node, int64_t index, ArrayRef<Activation> activations) : Direction(node, index, 4, activations) {
    if (node.hasInput(7)) {
      peepholes = row(7, 2);
      requireSize(node, 7, 1, hidden * 3);
    }
  }

  /// Gates in the order input, output, forget, cell.
  State step(Value projected, const State &state) override {
    Value h = state[0], c = state[1];
    Value all = node.add(projected, recurrentProduct(h));
    Value in = activate(0, withPeephole(gate(all, 0), 0, c));
    Value forget =
        node.intAttr("input_forget", 0) ? node.sub(one(), in) : activate(0, withPeephole(gate(all, 2), 2, c));
    Value candidate = activate(1, gate(all, 3));
    Value next = node.add(node.mul(forget, c), node.mul(in, candidate));
    Value out = activate(0, withPeephole(gate(all, 1), 1, next));
    return {node.mul(out, activateCell(next)), next};
  }

private:
  Value withPeephole(Value x, int64_t position, Value c) {
    return peepholes ? node.add(x, node.mul(node.sliceAxis(peepholes, 0, hidden * position, hidden), c)) : x;
  }
  Value activateCell(Value c) { return activate(2, c); }
  Value peepholes;
};

class GruDirection final : public Direction {
public:
  GruDirection(Node &node, int64_t index, ArrayRef<Activation> activations) : Direction(node, index, 3, activations) {
    isLinearBeforeReset = node.intAttr("linear_before_reset", 0) != 0;
    if (isLinearBeforeReset && bias)
      candidateBias = node.sliceAxis(bias, 0, hidden * 5, hidden);
  }

  /// Gates in the order update, reset, hidden.
  State step(Value projected, const State &state) override {
    Value h = state[0];
    Value product = recurrentProduct(h);
    Value update = activate(0, node.add(gate(projected, 0), gate(product, 0)));
    Value reset = activate(0, node.add(gate(projected, 1), gate(product, 1)));
    Value candidate = activate(1, node.add(gate(projected, 2), resetProduct(reset, h, product)));
    return {node.add(node.mul(node.sub(one(), update), candidate), node.mul(update, h))};
  }

private:
  Value resetProduct(Value reset, Value h, Value product) {
    if (!isLinearBeforeReset)
      return gate(recurrentProduct(node.mul(reset, h)), 2);
    Value linear = gate(product, 2);
    return node.mul(reset, candidateBias ? node.add(linear, candidateBias) : linear);
  }
  /// With a linear recurrence before the reset, the hidden gate's recurrent bias is added inside it.
  Value inputBias() override {
    if (!isLinearBeforeReset)
      return Direction::inputBias();
    Value sum = node.add(node.sliceAxis(bias, 0, 0, hidden * 2), node.sliceAxis(bias, 0, hidden * 3, hidden * 2));
    return node.concat({sum, node.sliceAxis(bias, 0, hidden * 2, hidden)}, 0);
  }

  bool isLinearBeforeReset;
  Value candidateBias;
};

class RnnDirection final : public Direction {
public:
  RnnDirection(Node &node, int64_t index, ArrayRef<Activation> activations) : Direction(node, index, 1, activations) {}
  State step(Value projected, const State &state) override {
    return {activate(0, node.add(projected, recurrentProduct(state[0])))};
  }
};

/// The states after each step, stacked, and after the last one.
struct Unrolled {
  Value all; ///< [steps, batch, hidden]
  State last;
};

/// What one direction reads.
struct Steps {
  Value projected; ///< [steps, batch, gates * hidden]
  Value lengths;   ///< [batch, 1]; null if all sequences have all steps.
  bool isReverse;
};

/// The states after one step, and the output. Going backwards, a sequence that has not begun keeps its first state.
std::pair<State, Value> maskedStep(Node &node, Direction &direction, Value current, const State &state, Value time,
                                   const Steps &steps) {
  State next = direction.step(current, state);
  if (!steps.lengths)
    return {next, next[0]};
  Value isRunning = node.binary<LessOp>(node.cast(time, elementOf(steps.lengths)), steps.lengths);
  for (size_t part = 0; part < state.size(); ++part)
    next[part] = node.where(isRunning, next[part], state[part]);
  return {next, node.where(isRunning, next[0], node.scalar(0, elementOf(next[0])))};
}

Unrolled unroll(Node &node, Direction &direction, const Steps &steps, State state, int64_t count) {
  std::vector<Value> outputs(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t time = steps.isReverse ? count - 1 - i : i;
    Value current = node.dropDim(node.sliceAxis(steps.projected, 0, time, 1), 0);
    Value position = node.sizeScalar(time, node.builder().getI64Type());
    auto [next, output] = maskedStep(node, direction, current, state, position, steps);
    outputs[time] = node.insertDim(output, 0);
    state = next;
  }
  return {node.concat(outputs, 0), state};
}

/// A heddle.loop that stacks the hidden states; a reverse direction reads the steps from the end and turns the stack
/// round.
Unrolled loopOver(Node &node, Direction &direction, const Steps &steps, const State &state, const Expr &count) {
  OpBuilder &builder = node.builder();
  Type i64 = builder.getI64Type(), i1 = builder.getI1Type();
  SmallVector<Value> operands = {node.sizeScalar(count, i64), node.scalar(1, i1)};
  operands.append(state.begin(), state.end());
  OperationState loop(node.loc(), LoopOp::getOperationName(), operands, TypeRange{});
  SmallVector<Type> types = {tensorType({}, i64), tensorType({}, i1)};
  for (Value part : state) {
    types.push_back(part.getType());
    loop.addTypes(part.getType());
  }
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(loop.addRegion(), {}, types, SmallVector<Location>(types.size(), node.loc()));
    Value time = block->getArgument(0);
    if (steps.isReverse)
      time = node.sub(node.sizeScalar(count - 1, i64), time);
    Value current = node.emit<GatherOp>({steps.projected, time}, node.named("axis", node.integer(0)));
    State carried(block->getArguments().drop_front(2));
    auto [next, output] = maskedStep(node, direction, current, carried, time, steps);
    SmallVector<Value> yielded = {block->getArgument(1)};
    yielded.append(next.begin(), next.end());
    yielded.push_back(output);
    OperationState result(node.loc(), ResultOp::getOperationName(), yielded, TypeRange{});
    builder.create(result);
  }
  std::string symbol = node.importer().freshSymbol(node.path() + ".trips");
  Shape stacked = shapeOfValue(state[0]);
  stacked.insert(stacked.begin(), Expr::symbol(symbol));
  loop.addTypes(tensorType(stacked, elementOf(state[0])));
  loop.addAttribute("defines", builder.getArrayAttr(builder.getStringAttr(symbol)));
  Operation *op = node.create(loop);
  stacked.front() = count;
  Value all = node.reshape(op->getResults().back(), stacked);
  State last(op->getResults().drop_back());
  return {steps.isReverse ? node.reverse(all, 0) : all, last};
}

/// The initial state of a direction: a slice of an operand, or zeros.
Value initialState(Node &node, int position, int64_t index, const Expr &batch, const Direction &direction,
                   bool isBatchFirst) {
  if (!node.hasInput(position))
    return node.splat(0, {batch, direction.hiddenSize()}, direction.elementType());
  requireRank(node, position, 3);
  int64_t axis = isBatchFirst ? 1 : 0;
  requireSize(node, position, 1 - axis, batch);
  requireSize(node, position, 2, direction.hiddenSize());
  return node.dropDim(node.sliceAxis(node.value(position), axis, index, 1), axis);
}

/// Which cell, how many states it carries, and its default activations.
struct CellKind {
  std::unique_ptr<Direction> (*make)(Node &, int64_t, ArrayRef<Activation>);
  int states;
  std::vector<std::string> activations;
};

void setResults(Node &node, ArrayRef<Unrolled> directions, bool isBatchFirst) {
  SmallVector<Value> all;
  for (const Unrolled &direction : directions)
    all.push_back(node.insertDim(direction.all, 1));
  if (node.hasOutput(0)) {
    Value y = node.concat(all, 1);
    node.set(0, isBatchFirst ? node.transpose(y, {2, 0, 1, 3}) : y);
  }
  for (size_t part = 0; part < directions.front().last.size(); ++part) {
    SmallVector<Value> last;
    for (const Unrolled &direction : directions)
      last.push_back(node.insertDim(direction.last[part], isBatchFirst ? 1 : 0));
    if (node.hasOutput(part + 1))
      node.set(part + 1, node.concat(last, isBatchFirst ? 1 : 0));
  }
}

void importRecurrent(Node &node, const CellKind &kind) {
  if (node.rank(0) != 3)
    malformed("'X' has shape " + textOf(node.shape(0)) + ", expected rank 3");
  std::string name = node.stringAttr("direction", "forward");
  if (name != "forward" && name != "reverse" && name != "bidirectional")
    malformed("direction is '" + name + "', expected forward, reverse or bidirectional");
  int64_t count = name == "bidirectional" ? 2 : 1;
  if (node.hasInput(4) && node.rank(4) != 1)
    malformed("'sequence_lens' has shape " + textOf(node.shape(4)) + ", expected rank 1");
  for (int operand : {1, 2})
    if (std::optional<int64_t> given = node.rank(operand) ? node.shape(operand)[0].literal() : 0;
        given && *given != count)
      malformed("input " + Twine(operand) + " has shape " + textOf(node.shape(operand)) + ", expected " + Twine(count) +
                " directions");
  bool isBatchFirst = node.intAttr("layout", 0) != 0;
  Value x = isBatchFirst ? node.transpose(node.value(0), {1, 0, 2}) : node.value(0);
  Shape shape = shapeOfValue(x);
  std::vector<Activation> activations = readActivations(node, kind.activations, count);
  Value lengths;
  if (node.hasInput(4)) {
    require(node, equal(node.shape(4)[0], shape[1]),
            "'sequence_lens' has shape " + textOf(node.shape(4)) + ", expected [" + shape[1].str() + "]");
    lengths = node.reshape(node.value(4), {shape[1], 1});
  }
  SmallVector<Unrolled> results;
  for (int64_t index = 0; index < count; ++index) {
    size_t perDirection = kind.activations.size();
    std::unique_ptr<Direction> direction =
        kind.make(node, index, ArrayRef(activations).slice(index * perDirection, perDirection));
    State state;
    for (int part = 0; part < kind.states; ++part)
      state.push_back(initialState(node, 5 + part, index, shape[1], *direction, isBatchFirst));
    Steps steps{direction->project(x), lengths, name == "reverse" || index == 1};
    std::optional<int64_t> known = shape[0].literal();
    bool isShort = known && *known > 0 && *known <= maxUnrolled;
    results.push_back(isShort ? unroll(node, *direction, steps, state, *known)
                              : loopOver(node, *direction, steps, state, shape[0]));
  }
  setResults(node, results, isBatchFirst);
}

template <typename DirectionT>
std::unique_ptr<Direction> makeDirection(Node &node, int64_t index, ArrayRef<Activation> activations) {
  return std::make_unique<DirectionT>(node, index, activations);
}

void importLSTM(Node &node) { importRecurrent(node, {makeDirection<LstmDirection>, 2, {"Sigmoid", "Tanh", "Tanh"}}); }
void importGRU(Node &node) { importRecurrent(node, {makeDirection<GruDirection>, 1, {"Sigmoid", "Tanh"}}); }
void importRNN(Node &node) { importRecurrent(node, {makeDirection<RnnDirection>, 1, {"Tanh"}}); }

constexpr RuleEntry rules[] = {{"GRU", importGRU}, {"LSTM", importLSTM}, {"RNN", importRNN}};

} // namespace

std::span<const RuleEntry> onnximport::recurrentRules() { return rules; }
