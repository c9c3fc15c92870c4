"""What the importer refuses of sequences: their lengths and positions must be known while importing."""
import unittest

from refusals import MALFORMED, UNSUPPORTED, RefusalTestCase, add_tests

ZERO = "z = Constant<value_int = 0>() "
SPLIT = "z = Constant<{}>() s = SplitToSequence(x, z) y = SequenceLength(s)"

# (name, exit code, what the message holds, signature, nodes)
CASES = [
    ("position_outside", MALFORMED, "position 1 is outside a sequence of 1", "(float[2] x) => (float[2] y)", "s = SequenceConstruct(x) p = Constant<value_int = 1>() y = SequenceAt(s, p)"),
    ("position_far_from_the_end", MALFORMED, "position -2 is outside a sequence of 1", "(float[2] x) => (float[2] y)", "s = SequenceConstruct(x) p = Constant<value_int = -2>() y = SequenceAt(s, p)"),
    ("erase_of_nothing", MALFORMED, "SequenceErase_1: the sequence is empty", "(float[2] x) => (int64 y)", "s = SequenceEmpty() e = SequenceErase(s) y = SequenceLength(e)"),
    ("concat_of_nothing", MALFORMED, "ConcatFromSequence_1: the sequence is empty", "(float[2] x) => (float[n] y)", "s = SequenceEmpty() y = ConcatFromSequence<axis = 0>(s)"),
    ("tensor_for_a_sequence", MALFORMED, "input 0 ('input_sequence') has element type f32, which SequenceAt of opset 11 does not take", "(float[2] x) => (float[2] y)", ZERO + "y = SequenceAt(x, z)"),
    ("parts_of_size_zero", MALFORMED, "'split' is 0", "(float[2] x) => (int64 y)", SPLIT.format("value_int = 0")),
    ("parts_of_a_free_size", UNSUPPORTED, "the number of parts of size 'n' must be known and at most 4096: give the input shapes", "(float[n] x) => (int64 y)", "s = SplitToSequence(x) y = SequenceLength(s)"),
    ("parts_beyond_the_limit", UNSUPPORTED, "the number of parts of size '4097' must be known and at most 4096", "(float[4097] x) => (int64 y)", "s = SplitToSequence(x) y = SequenceLength(s)"),
    ("parts_that_leave_a_rest", MALFORMED, "'split' does not sum to the size 3", "(float[3] x) => (int64 y)", SPLIT.format("value_ints = [1, 1]")),
    ("part_of_negative_size", MALFORMED, "'split' has entry -1", "(float[3] x) => (int64 y)", SPLIT.format("value_ints = [-1, 4]")),
    ("sequence_of_a_branch", UNSUPPORTED, "a sequence is used where its tensors alone can be", "(float[2] x, bool c) => (float[2] y)", "s = If(c) <then_branch = t () => (seq(float[2]) a) { a = SequenceConstruct(x) }, else_branch = e () => (seq(float[2]) b) { b = SequenceConstruct(x) }> " + ZERO + "y = SequenceAt(s, z)"),
    ("sequence_of_each_iteration", UNSUPPORTED, "a sequence is used where its tensors alone can be", "(float[2] x, bool c, int64 n) => (float[2] y)", "v, s = Loop(n, c, x) <body = b (int64 i, bool c0, float[2] a) => (bool c1, float[2] b, seq(float[2]) s1) { c1 = Identity(c0) b = Neg(a) s1 = SequenceConstruct(x) }> y = Neg(v)"),
    ("sequence_that_a_loop_carries", UNSUPPORTED, "input 2 is a sequence", "(float[2] x, bool c, int64 n) => (float[2] y)", "s0 = SequenceEmpty() s = Loop(n, c, s0) <body = b (int64 i, bool c0, seq(float[2]) a) => (bool c1, seq(float[2]) b) { c1 = Identity(c0) b = SequenceInsert(a, x) }> " + ZERO + "y = SequenceAt(s, z)"),
]


class SequenceRefusalsTest(RefusalTestCase):
    pass


add_tests(SequenceRefusalsTest, CASES)

if __name__ == "__main__":
    unittest.main()
