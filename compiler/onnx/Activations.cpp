// Reads the activations of recurrent ops and builds them.
#include "compiler/onnx/Activations.h"
#include "compiler/onnx/NodePath.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

template <typename OpT> static Value plain(Node &node, Value x, double, double) { return node.unary<OpT>(x); }

template <typename OpT> static Value withAlpha(Node &node, Value x, double alpha, double) {
  return node.emit<OpT>(x, node.named("alpha", node.number(alpha)));
}

static Value affine(Node &node, Value x, double alpha, double beta) {
  Type element = elementOf(x);
  return node.add(node.mul(node.scalar(alpha, element), x), node.scalar(beta, element));
}

static Value hardSigmoid(Node &node, Value x, double alpha, double beta) {
  return node.emit<HardSigmoidOp>(x, {node.named("alpha", node.number(alpha)), node.named("beta", node.number(beta))});
}

static Value scaledTanh(Node &node, Value x, double alpha, double beta) {
  Type element = elementOf(x);
  return node.mul(node.scalar(alpha, element), node.unary<TanhOp>(node.mul(node.scalar(beta, element), x)));
}

static constexpr ActivationKind activationKinds[] = {
    {"Affine", true, true, 1, 0, affine},
    {"Elu", true, false, 1, 0, withAlpha<EluOp>},
    {"HardSigmoid", true, true, 0.2, 0.5, hardSigmoid},
    {"LeakyRelu", true, false, 0.01, 0, withAlpha<LeakyReluOp>},
    {"Relu", false, false, 0, 0, plain<ReluOp>},
    {"ScaledTanh", true, true, 1, 1, scaledTanh},
    {"Sigmoid", false, false, 0, 0, plain<SigmoidOp>},
    {"Softplus", false, false, 0, 0, plain<SoftplusOp>},
    {"Softsign", false, false, 0, 0, plain<SoftsignOp>},
    {"Tanh", false, false, 0, 0, plain<TanhOp>},
    {"ThresholdedRelu", true, false, 1, 0, withAlpha<ThresholdedReluOp>},
};

Value Activation::apply(Node &node, Value x) const { return kind->apply(node, x, alpha, beta); }

/// The next of the listed parameters.
static double take(ArrayRef<double> &listed, double byDefault) {
  if (listed.empty())
    return byDefault;
  double first = listed.front();
  listed = listed.drop_front();
  return first;
}

std::vector<Activation> onnximport::readActivations(Node &node, const std::vector<std::string> &byDefault,
                                                    int64_t directions) {
  std::vector<std::string> names = node.stringsAttr("activations");
  size_t expected = byDefault.size() * directions;
  while (names.size() < expected && !node.hasAttribute("activations"))
    names.insert(names.end(), byDefault.begin(), byDefault.end());
  if (names.size() != expected)
    malformed("activations has " + Twine(names.size()) + " entries, expected " + Twine(expected));
  std::vector<double> givenAlphas = node.floatsAttr("activation_alpha"),
                      givenBetas = node.floatsAttr("activation_beta");
  ArrayRef<double> alphas = givenAlphas, betas = givenBetas;
  std::vector<Activation> result;
  for (StringRef name : names) {
    const auto *kind =
        llvm::find_if(activationKinds, [&](const ActivationKind &kind) { return kind.name.equals_insensitive(name); });
    if (kind == std::end(activationKinds))
      malformed("activation '" + printable(name.str()) + "' is none of ONNX's");
    result.push_back(
        {kind, kind->hasAlpha ? take(alphas, kind->alpha) : 0, kind->hasBeta ? take(betas, kind->beta) : 0});
  }
  return result;
}
