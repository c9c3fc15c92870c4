// The table of examples.
#include "compiler/OpExamples.h"
#include <algorithm>
#include <iterator>

namespace {
struct Example {
  std::string_view op;
  int firstOpset, lastOpset;
  std::string_view graph;
};
} // namespace

static constexpr int newest = 1 << 16;

static constexpr Example examples[] = {
    {"AffineGrid", 20, newest,
     "($[1, 2, 3] x) => ($[1, 2, 2, 2] y) { s = Constant<value_ints = [1, 1, 2, 2]>() y = AffineGrid(x, s) }"},
    {"BatchNormalization", 6, 6,
     "($[1, 2, 2] x, $[2] s, $[2] b, $[2] m, $[2] v) => ($[1, 2, 2] y) {"
     " y = BatchNormalization<is_test = 1>(x, s, b, m, v) }"},
    {"CausalConvWithState", 27, newest,
     "($[1, 2, 4] x, $[2, 1, 2] w) => ($[1, 2, 4] y, $[1, 2, 1] p) { y, p = CausalConvWithState(x, w) }"},
    {"Col2Im", 18, newest,
     "($[1, 4, 1] x) => ($[1, 1, 2, 2] y) {"
     " s = Constant<value_ints = [2, 2]>() y = Col2Im(x, s, s) }"},
    {"ConcatFromSequence", 11, newest,
     "($[2] x) => ($[4] y) { s = SequenceConstruct(x, x) y = ConcatFromSequence<axis = 0>(s) }"},
    {"Constant", 6, newest, "() => (float[1] y) { y = Constant<value = float[1] {1.0}>() }"},
    {"DeformConv", 19, newest,
     "($[1, 1, 3, 3] x, $[1, 1, 2, 2] w, $[1, 8, 2, 2] o) => ($[1, 1, 2, 2] y) { y = DeformConv(x, w, o) }"},
    {"EyeLike", 9, newest, "($[2, 2] x) => (float[2, 2] y) { y = EyeLike<dtype = 1>(x) }"},
    {"GRU", 6, newest,
     "($[2, 1, 3] x, $[1, 6, 3] w, $[1, 6, 2] r) => ($[2, 1, 1, 2] y) { y = GRU<hidden_size = 2>(x, w, r) }"},
    {"If", 6, newest,
     "(bool c, float[2] x) => (float[2] y) { y = If(c) <"
     "then_branch = a () => (float[2] t) { t = Relu(x) }, else_branch = b () => (float[2] e) { e = Neg(x) }> }"},
    {"LSTM", 6, newest,
     "($[2, 1, 3] x, $[1, 8, 3] w, $[1, 8, 2] r) => ($[2, 1, 1, 2] y) { y = LSTM<hidden_size = 2>(x, w, r) }"},
    {"LinearAttention", 27, newest,
     "($[1, 2, 4] q, $[1, 2, 4] k, $[1, 2, 4] v) => ($[1, 2, 4] y, float[1, 1, 4, 4] p) {"
     " y, p = LinearAttention<q_num_heads = 1, kv_num_heads = 1, update_rule = \"linear\">(q, k, v) }"},
    {"Loop", 6, newest,
     "(int64 n, bool c, $[2] x) => ($[2] y) { y = Loop(n, c, x) <"
     "body = b (int64 i, bool d, $[2] a) => (bool d2, $[2] a2) { d2 = Identity(d) a2 = Identity(a) }> }"},
    {"MaxUnpool", 9, newest,
     "($[1, 1, 2, 2] x, int64[1, 1, 2, 2] i) => ($[1, 1, 4, 4] y) {"
     " y = MaxUnpool<kernel_shape = [2, 2], strides = [2, 2]>(x, i) }"},
    {"Mod", 10, newest, "($[2] x, $[2] z) => ($[2] y) { y = Mod<fmod = 1>(x, z) }"},
    {"OneHot", 9, newest,
     "($[2] x, float[2] v) => (float[2, 3] y) { d = Constant<value = int64[1] {3}>() y = OneHot(x, d, v) }"},
    {"Pad", 6, 10, "($[2, 2] x) => ($[2, 4] y) { y = Pad<pads = [0, 1, 0, 1]>(x) }"},
    {"QuantizeLinear", 10, 18, "($[2] x, float s) => (uint8[2] y) { y = QuantizeLinear(x, s) }"},
    {"QuantizeLinear", 19, newest, "($[2] x, $ s) => (uint8[2] y) { y = QuantizeLinear(x, s) }"},
    {"RNN", 6, newest,
     "($[2, 1, 3] x, $[1, 2, 3] w, $[1, 2, 2] r) => ($[2, 1, 1, 2] y) { y = RNN<hidden_size = 2>(x, w, r) }"},
    {"Range", 11, newest, "($ s, $ l, $ d) => ($[n] y) { y = Range(s, l, d) }"},
    {"Resize", 10, 10,
     "($[1, 1, 2, 2] x) => ($[1, 1, 4, 4] y) {"
     " s = Constant<value = float[4] {1.0, 1.0, 2.0, 2.0}>() y = Resize(x, s) }"},
    {"Resize", 11, newest,
     "($[1, 1, 2, 2] x) => ($[1, 1, 4, 4] y) {"
     " r = Constant<value = float[0] {}>() s = Constant<value = float[4] {1.0, 1.0, 2.0, 2.0}>() y = Resize(x, r, s) "
     "}"},
    {"RoiAlign", 10, newest,
     "($[1, 1, 4, 4] x, $[1, 4] r) => ($[1, 1, 1, 1] y) {"
     " b = Constant<value = int64[1] {0}>() y = RoiAlign(x, r, b) }"},
    {"STFT", 17, newest,
     "($[1, 8, 1] x) => ($[1, 3, 3, 2] y) {"
     " s = Constant<value_int = 2>() l = Constant<value_int = 4>() y = STFT(x, s, , l) }"},
    {"Scan", 9, newest,
     "($[2] x, $[3, 2] z) => ($[2] y, $[3, 2] w) { y, w = Scan<num_scan_inputs = 1, "
     "body = b ($[2] a, $[2] e) => ($[2] a2, $[2] e2) { a2 = Identity(e) e2 = Identity(a) }>(x, z) }"},
    {"Scatter", 9, 10, "($[3] x, int64[2] i, $[2] u) => ($[3] y) { y = Scatter(x, i, u) }"},
    {"SequenceAt", 11, newest,
     "(float[2] x) => (float[2] y) { p = Constant<value = $ {0}>() s = SequenceConstruct(x) y = SequenceAt(s, p) }"},
    {"SequenceConstruct", 11, newest, "($[2] x) => (int64 y) { s = SequenceConstruct(x, x) y = SequenceLength(s) }"},
    {"SequenceEmpty", 11, newest, "() => (int64 y) { s = SequenceEmpty() y = SequenceLength(s) }"},
    {"SequenceErase", 11, newest,
     "(float[2] x) => (int64 y) { p = Constant<value = $ {0}>()"
     " s = SequenceConstruct(x) t = SequenceErase(s, p) y = SequenceLength(t) }"},
    {"SequenceInsert", 11, newest,
     "($[2] x) => (int64 y) { s = SequenceConstruct(x, x) t = SequenceInsert(s, x) y = SequenceLength(t) }"},
    {"SequenceLength", 11, newest, "($[2] x) => (int64 y) { s = SequenceConstruct(x, x) y = SequenceLength(s) }"},
    {"SplitToSequence", 11, newest, "($[2] x) => (int64 y) { s = SplitToSequence(x) y = SequenceLength(s) }"},
    {"Upsample", 7, 8, "($[1, 1, 2, 2] x) => ($[1, 1, 4, 4] y) { y = Upsample<scales = [1.0, 1.0, 2.0, 2.0]>(x) }"},
    {"Upsample", 9, 9,
     "($[1, 1, 2, 2] x) => ($[1, 1, 4, 4] y) {"
     " s = Constant<value = float[4] {1.0, 1.0, 2.0, 2.0}>() y = Upsample(x, s) }"},
};

std::optional<std::string_view> heddle::exampleOf(std::string_view op, int opset) {
  const auto *found = std::find_if(std::begin(examples), std::end(examples), [&](const Example &example) {
    return example.op == op && example.firstOpset <= opset && opset <= example.lastOpset;
  });
  return found == std::end(examples) ? std::nullopt : std::optional(found->graph);
}
