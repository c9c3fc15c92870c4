// Rules of elementwise ops with one operand.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

template <typename OpT> void importUnary(Node &node) { node.set(0, node.emit<OpT>(node.value(0))); }

template <typename OpT> void importWithAlpha(Node &node, double byDefault) {
  node.set(0, node.emit<OpT>(node.value(0), node.named("alpha", node.number(node.floatAttr("alpha", byDefault)))));
}

void importElu(Node &node) { importWithAlpha<EluOp>(node, 1.0); }
void importCelu(Node &node) { importWithAlpha<CeluOp>(node, 1.0); }
void importLeakyRelu(Node &node) { importWithAlpha<LeakyReluOp>(node, 0.01f); }
void importThresholdedRelu(Node &node) { importWithAlpha<ThresholdedReluOp>(node, 1.0); }

void importSelu(Node &node) {
  node.set(0,
           node.emit<SeluOp>(node.value(0),
                             {node.named("alpha", node.number(node.floatAttr("alpha", 1.67326319217681884765625f))),
                              node.named("gamma", node.number(node.floatAttr("gamma", 1.05070102214813232421875f)))}));
}

void importHardSigmoid(Node &node) {
  node.set(0, node.emit<HardSigmoidOp>(node.value(0), {node.named("alpha", node.number(node.floatAttr("alpha", 0.2f))),
                                                       node.named("beta", node.number(node.floatAttr("beta", 0.5f)))}));
}

void importShrink(Node &node) {
  Value x = node.value(0);
  if (!isa<FloatType>(elementOf(x)))
    x = node.cast(x, node.builder().getF64Type());
  Value y = node.emit<ShrinkOp>(x, {node.named("bias", node.number(node.floatAttr("bias", 0.0))),
                                    node.named("lambd", node.number(node.floatAttr("lambd", 0.5)))});
  node.set(0, node.cast(y, node.element(0)));
}

void importGelu(Node &node) {
  std::string approximate = node.stringAttr("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    malformed("approximate is '" + approximate + "', expected 'none' or 'tanh'");
  node.set(0, node.emit<GeluOp>(node.value(0), node.named("tanh", node.flag(approximate == "tanh"))));
}

void importSwish(Node &node) { importWithAlpha<SwishOp>(node, 1.0); }

void importIsInf(Node &node) {
  node.set(0,
           node.emit<IsInfOp>(node.value(0), {node.named("positive", node.flag(node.intAttr("detect_positive", 1))),
                                              node.named("negative", node.flag(node.intAttr("detect_negative", 1)))}));
}

void importIdentity(Node &node) { node.set(0, node.tensor(0)); }

void importDropout(Node &node) {
  if (node.version() >= 12 && node.hasInput(2) && node.constant(2) != 0)
    unsupported("Dropout in training mode draws random numbers");
  node.set(0, node.tensor(0));
  Type maskElement = node.version() >= 10 ? Type(node.builder().getI1Type()) : node.element(0);
  if (node.hasOutput(1))
    node.set(1, node.splat(1, node.shape(0), maskElement));
}

constexpr RuleEntry rules[] = {
    {"Abs", importUnary<AbsOp>},
    {"Acos", importUnary<AcosOp>},
    {"Acosh", importUnary<AcoshOp>},
    {"Asin", importUnary<AsinOp>},
    {"Asinh", importUnary<AsinhOp>},
    {"Atan", importUnary<AtanOp>},
    {"Atanh", importUnary<AtanhOp>},
    {"BitwiseNot", importUnary<BitwiseNotOp>},
    {"Ceil", importUnary<CeilOp>},
    {"Celu", importCelu},
    {"Cos", importUnary<CosOp>},
    {"Cosh", importUnary<CoshOp>},
    {"Dropout", importDropout},
    {"Elu", importElu},
    {"Erf", importUnary<ErfOp>},
    {"Exp", importUnary<ExpOp>},
    {"Floor", importUnary<FloorOp>},
    {"Gelu", importGelu},
    {"HardSigmoid", importHardSigmoid},
    {"HardSwish", importUnary<HardSwishOp>},
    {"Identity", importIdentity},
    {"IsInf", importIsInf},
    {"IsNaN", importUnary<IsNaNOp>},
    {"LeakyRelu", importLeakyRelu},
    {"Log", importUnary<LogOp>},
    {"Mish", importUnary<MishOp>},
    {"Neg", importUnary<NegOp>},
    {"Not", importUnary<NotOp>},
    {"Reciprocal", importUnary<ReciprocalOp>},
    {"Relu", importUnary<ReluOp>},
    {"Round", importUnary<RoundOp>},
    {"Selu", importSelu},
    {"Shrink", importShrink},
    {"Sigmoid", importUnary<SigmoidOp>},
    {"Sign", importUnary<SignOp>},
    {"Sin", importUnary<SinOp>},
    {"Sinh", importUnary<SinhOp>},
    {"Softplus", importUnary<SoftplusOp>},
    {"Softsign", importUnary<SoftsignOp>},
    {"Sqrt", importUnary<SqrtOp>},
    {"Swish", importSwish},
    {"Tan", importUnary<TanOp>},
    {"Tanh", importUnary<TanhOp>},
    {"ThresholdedRelu", importThresholdedRelu},
};

} // namespace

std::span<const RuleEntry> onnximport::unaryRules() { return rules; }
