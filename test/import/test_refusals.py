"""What the importer refuses in a single node: each refusal has its model here, its message and its exit code.

A model is given in ONNX's text syntax: the graph's inputs and outputs, then its nodes. Constants are nodes.
"""
import unittest

from onnx import AttributeProto, TensorProto, helper

from refusals import MALFORMED, UNSUPPORTED, RefusalTestCase, add_tests, imported, imported_model

# (name, exit code, what the message holds, signature, nodes[, opset])
PRODUCTS = [
    ("matmul_of_scalars", MALFORMED, "operands have ranks 0 and 1, expected at least 1", "(float x, float[2] y) => (float z)", "z = MatMul(x, y)"),
    ("gemm_of_vectors", MALFORMED, "operands have ranks 1 and 2, expected 2", "(float[2] x, float[2, 2] y) => (float[2, 2] z)", "z = Gemm(x, y)"),
    ("gemm_rank_of_c", MALFORMED, "'C' has rank 3, expected at most 2", "(float[2, 2] x, float[1, 2, 2] c) => (float[2, 2] z)", "z = Gemm(x, x, c)"),
    ("conv_no_group", MALFORMED, "group is 0", "(float[1, 3, 8] x, float[4, 3, 3] w) => (float[1, 4, 6] y)", "y = Conv<group = 0>(x, w)"),
    ("conv_ranks", MALFORMED, "'X' has shape [1, 3, 8] and 'W' [4, 3, 3, 3], expected equal ranks of at least 3", "(float[1, 3, 8] x, float[4, 3, 3, 3] w) => (float[1, 4, 6] y)", "y = Conv(x, w)"),
    ("conv_free_window", UNSUPPORTED, "the window [4, 3, k] must have known sizes", "(float[1, 3, 8] x, float[4, 3, k] w) => (float[1, 4, n] y)", "y = Conv(x, w)"),
    ("conv_other_kernel_shape", MALFORMED, "kernel_shape does not agree with the weights of shape [4, 3, 3]", "(float[1, 3, 8] x, float[4, 3, 3] w) => (float[1, 4, 6] y)", "y = Conv<kernel_shape = [2]>(x, w)"),
    ("conv_stride", MALFORMED, "strides has entry 0, expected it in [1, 2^31)", "(float[1, 3, 8] x, float[4, 3, 3] w) => (float[1, 4, 6] y)", "y = Conv<strides = [0]>(x, w)"),
    ("conv_pad", MALFORMED, "pads has entry -1, expected it in [0, 2^31)", "(float[1, 3, 8] x, float[4, 3, 3] w) => (float[1, 4, 6] y)", "y = Conv<pads = [-1, 0]>(x, w)"),
    ("conv_auto_pad", MALFORMED, "auto_pad is 'SAME', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID", "(float[1, 3, 8] x, float[4, 3, 3] w) => (float[1, 4, 6] y)", 'y = Conv<auto_pad = "SAME">(x, w)'),
    ("conv_transpose_free_size", UNSUPPORTED, "the padding depends on size 'n': give the input shapes", "(float[1, 1, n] x, float[1, 1, 3] w) => (float[1, 1, 9] y)", "y = ConvTranspose<output_shape = [9]>(x, w)"),
    ("conv_transpose_groups", MALFORMED, "'W' has 3 channels, which 2 groups do not divide", "(float[1, 3, 8] x, float[3, 1, 3] w) => (float[1, 2, 10] y)", "y = ConvTranspose<group = 2>(x, w)"),
    ("conv_transpose_dimensions", UNSUPPORTED, "convolution over 4 dimensions is not supported", "(float[1, 1, 2, 2, 2, 2] x, float[1, 1, 1, 1, 1, 1] w) => (float[1, 1, 2, 2, 2, 2] y)", "y = ConvTranspose(x, w)"),
    ("qlinear_matmul_of_vectors", UNSUPPORTED, "vectors are not supported", "(uint8[2] x, uint8[2, 2] y, float s, uint8 z) => (uint8[2] r)", "r = QLinearMatMul(x, s, z, y, s, z, s, z)"),
    ("einsum_terms", MALFORMED, "equation has 2 terms, the node has 1 inputs", "(float[2, 2] x) => (float[2, 2] y)", 'y = Einsum<equation = "ij,jk->ik">(x)'),
    ("einsum_ellipsis", UNSUPPORTED, "an ellipsis stands for 12 dimensions", "(float[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] x) => (float[1] y)", 'y = Einsum<equation = "...->...">(x)'),
    ("einsum_labels", MALFORMED, "equation 'i1->i' has labels that are no letters", "(float[2, 2] x) => (float[2] y)", 'y = Einsum<equation = "i1->i">(x)'),
    ("einsum_new_label", MALFORMED, "equation gives 'k', expected labels of its terms, each once", "(float[2, 2] x) => (float[2] y)", 'y = Einsum<equation = "ij->k">(x)'),
    ("einsum_label_twice", MALFORMED, "equation gives 'ii', expected labels of its terms, each once", "(float[2, 2] x) => (float[2, 2] y)", 'y = Einsum<equation = "ij->ii">(x)'),
    ("einsum_diagonal", MALFORMED, "a label has the sizes 2 and 3 in one term", "(float[2, 3] x) => (float[2] y)", 'y = Einsum<equation = "ii->i">(x)'),
    ("einsum_sizes", MALFORMED, "a label has the sizes 2 and 3", "(float[4, 2] x, float[3, 4] z) => (float[4, 4] y)", 'y = Einsum<equation = "ij,jk->ik">(x, z)'),
    ("einsum_rank", MALFORMED, "term 'ij' does not have the rank of input 0, 3", "(float[2, 2, 2] x) => (float[2, 2] y)", 'y = Einsum<equation = "ij->ij">(x)'),
]

ELEMENTWISE = [
    ("old_broadcast_axis", MALFORMED, "axis 1 leaves no room for the second operand of shape [3, 4]", "(float[2, 3] x, float[3, 4] y) => (float[2, 3] z)", "z = Add<broadcast = 1, axis = 1>(x, y)", 6),
    ("mod_of_floats", MALFORMED, "fmod is 0, expected 1 for floats", "(float[2] x) => (float[2] y)", "y = Mod(x, x)"),
    ("shift_direction", MALFORMED, "direction is 'UP', expected 'LEFT' or 'RIGHT'", "(uint8[2] x) => (uint8[2] y)", 'y = BitShift<direction = "UP">(x, x)'),
    ("gelu_approximate", MALFORMED, "approximate is 'erf', expected 'none' or 'tanh'", "(float[2] x) => (float[2] y)", 'y = Gelu<approximate = "erf">(x)', 20),
    ("dropout_training", UNSUPPORTED, "Dropout in training mode draws random numbers", "(float[2] x) => (float[2] y)", "r = Constant<value_float = 0.5>() t = Constant<value = bool {1}>() y = Dropout(x, r, t)"),
    ("quantize_saturate", UNSUPPORTED, "saturate = 0 is not supported", "(float[2] x, float s, float8e4m3fn z) => (float8e4m3fn[2] y)", "y = QuantizeLinear<saturate = 0>(x, s, z)", 19),
    ("dequantize_block_rank", MALFORMED, "a blocked scale has rank 1, expected 2", "(int8[2, 4] x, float[2] s) => (float[2, 4] y)", "y = DequantizeLinear<axis = 1, block_size = 2>(x, s)", 21),
    ("dequantize_block_size", MALFORMED, "block_size is -1", "(int8[2, 4] x, float[2, 2] s) => (float[2, 4] y)", "y = DequantizeLinear<axis = 1, block_size = -1>(x, s)", 21),
]

GENERATORS = [
    ("range_of_unknown_count", UNSUPPORTED, "'limit' has shape [n]: only a scalar is supported", "(int64[n] x) => (int64[m] y)", "o = Constant<value_int = 1>() y = Range(o, x, o)"),
    ("range_of_vectors", MALFORMED, "'start' has shape [2], expected a scalar", "(int64[2] x) => (int64[n] y)", "o = Constant<value_int = 1>() y = Range(x, o, o)"),
    ("range_without_step", MALFORMED, "'delta' is 0", "(float[2] x) => (int64[n] y)", "s = Constant<value_int = 0>() l = Constant<value_int = 5>() y = Range(s, l, s)"),
    ("range_too_long", MALFORMED, "the range from 0.000000 to 100000002004087734272.000000 by 1.000000 has 100000002004087734272.000000 elements", "(float[2] x) => (float[n] y)", "s = Constant<value_float = 0.0>() l = Constant<value_float = 100000000000000000000.0>() d = Constant<value_float = 1.0>() y = Range(s, l, d)"),
    ("eye_like_rank", MALFORMED, "input has rank 1, expected 2", "(float[2] x) => (float[2] y)", "y = EyeLike(x)"),
    ("trilu_rank", MALFORMED, "input has rank 1, expected at least 2", "(float[2] x) => (float[2] y)", "y = Trilu(x)"),
    ("cumsum_of_scalar", MALFORMED, "input has rank 0, expected at least 1", "(float x) => (float y)", "a = Constant<value_int = 0>() y = CumSum(x, a)"),
    ("cumsum_two_axes", MALFORMED, "'axis' has 2 elements, expected 1", "(float[2] x) => (float[2] y)", "a = Constant<value_ints = [0, 0]>() y = CumSum(x, a)"),
    ("constant_string", UNSUPPORTED, "string constants are not supported", "(float[2] x) => (string y)", 'y = Constant<value_string = "a">()'),
    ("constant_of_shape_negative", MALFORMED, "shape [-1] has a negative size", "(float[2] x) => (float[n] y)", "s = Constant<value_ints = [-1]>() y = ConstantOfShape(s)"),
    ("constant_of_shape_value", MALFORMED, "'value' has shape [2], expected one element", "(float[2] x) => (float[n] y)", "s = Constant<value_ints = [3]>() y = ConstantOfShape<value = float[2] {1.0, 2.0}>(s)"),
]

INDEXING = [
    ("gather_nd_free_tuple", UNSUPPORTED, "the last size of 'indices' must be known, but is k", "(float[2, 2] x, int64[2, k] i) => (float[2] y)", "y = GatherND(x, i)"),
    ("gather_nd_long_tuple", MALFORMED, "'indices' of shape [2, 3] have 3 coordinates for 'data' of shape [2, 2]", "(float[2, 2] x, int64[2, 3] i) => (float[2] y)", "y = GatherND(x, i)"),
    ("one_hot_depth", MALFORMED, "'depth' has shape [2], expected one element", "(int64[2] i, int64[2] d, float[2] v) => (float[2, n] y)", "y = OneHot(i, d, v)"),
    ("one_hot_values", MALFORMED, "'values' has rank 0, expected 1", "(int64[2] i, int64 d, float v) => (float[2, n] y)", "y = OneHot(i, d, v)"),
    ("reverse_sequence_axes", MALFORMED, "batch_axis is 1 and time_axis 1, expected 0 and 1", "(float[2, 2] x, int64[2] l) => (float[2, 2] y)", "y = ReverseSequence<batch_axis = 1, time_axis = 1>(x, l)"),
    ("tensor_scatter_of_batches", MALFORMED, "axis is 0 and mode 'linear', expected an axis after the batch, linear or circular", "(float[1, 4, 2] x, float[1, 1, 2] u) => (float[1, 4, 2] y)", "y = TensorScatter<axis = 0>(x, u)", 24),
    ("tensor_scatter_mode", MALFORMED, "axis is 1 and mode 'odd', expected an axis after the batch, linear or circular", "(float[1, 4, 2] x, float[1, 1, 2] u) => (float[1, 4, 2] y)", 'y = TensorScatter<mode = "odd">(x, u)', 24),
    ("slice_lengths", MALFORMED, "starts, ends, axes and steps have 2, 1, 2 and 2 elements, expected equal numbers", "(float[4, 4] x) => (float[n, m] y)", "s = Constant<value_ints = [0, 0]>() e = Constant<value_ints = [1]>() y = Slice(x, s, e)"),
]

MOVEMENT = [
    ("split_outputs", MALFORMED, "num_outputs is 3, the node has 2 outputs", "(float[6] x) => (float[3] y, float[3] z)", "y, z = Split<num_outputs = 3>(x)"),
    ("split_not_divisible", MALFORMED, "size 5 is not divisible by 2", "(float[5] x) => (float[n] y, float[m] z)", "y, z = Split(x)", 13),
    ("split_too_small", UNSUPPORTED, "size 2 is too small for 4 parts", "(float[2] x) => (float[n] a, float[n] b, float[n] c, float[n] d)", "a, b, c, d = Split<num_outputs = 4>(x)"),
    ("split_parts", MALFORMED, "'split' has 3 elements, the node has 2 outputs", "(float[6] x) => (float[n] y, float[m] z)", "s = Constant<value_ints = [1, 2, 3]>() y, z = Split(x, s)"),
    ("concat_sides", MALFORMED, "the operands' shapes [n + 2, 1], [n + 3, 1] do not fit", "(float[n, 1] x, float[2, 1] a, float[3, 1] b) => (float[m, 2] y)", "p = Concat<axis = 0>(x, a) q = Concat<axis = 0>(x, b) y = Concat<axis = 1>(p, q)"),
    ("split_negative", MALFORMED, "the parts [3, -1] have a negative size", "(float[2] x) => (float[n] y, float[m] z)", "s = Constant<value_ints = [3, -1]>() y, z = Split(x, s)"),
    ("pad_negative", MALFORMED, "padding gives a negative size in [-3]", "(float[2] x) => (float[n] y)", "p = Constant<value_ints = [-5, 0]>() y = Pad(x, p)"),
    ("pad_mode", MALFORMED, "mode is 'mirror', expected constant, reflect, edge or wrap", "(float[2] x) => (float[n] y)", 'p = Constant<value_ints = [1, 0]>() y = Pad<mode = "mirror">(x, p)'),
    ("tile_negative", MALFORMED, "'repeats' is [-1]", "(float[2] x) => (float[n] y)", "r = Constant<value_ints = [-1]>() y = Tile(x, r)"),
    ("depth_to_space_rank", MALFORMED, "input has rank 3 and blocksize is 2, expected 4 and a positive number", "(float[4, 2, 2] x) => (float[1, 4, 4] y)", "y = DepthToSpace<blocksize = 2>(x)"),
    ("depth_to_space_channels", MALFORMED, "channels are not divisible by the squared blocksize", "(float[1, 3, 2, 2] x) => (float[1, 1, 4, 4] y)", "y = DepthToSpace<blocksize = 2>(x)"),
    ("space_to_depth_height", MALFORMED, "height and width are not divisible by the blocksize", "(float[1, 1, 3, 2] x) => (float[1, 4, 1, 1] y)", "y = SpaceToDepth<blocksize = 2>(x)"),
    ("expand_rank", MALFORMED, "'shape' has rank 2, expected at most 1", "(float[2] x, int64[2, 2] s) => (float[n] y)", "y = Expand(x, s)"),
    ("expand_length", UNSUPPORTED, "the length of 'shape' must be known when the model is compiled, but is ", "(float[2] x, int64[k] s) => (float[n] y)", "y = Expand(x, s)"),
    ("reshape_length", UNSUPPORTED, "the length of 'shape' must be known when the model is compiled, but is [k]", "(float[2] x, int64[k] s) => (float[n] y)", "y = Reshape(x, s)"),
    ("axes_free", UNSUPPORTED, "'axes' must be known when the model is compiled, but is n: give the input shapes", "(float[1, 1] x, float[n] z) => (float[m] y)", "a = Shape(z) y = Squeeze(x, a)"),
    ("axes_many", UNSUPPORTED, "'axes' is a constant of more than 1024 elements", "(float[1, 1] x) => (float[m] y)", "a = Constant<value = int64[1025] {" + ", ".join(["0"] * 1025) + "}>() y = Squeeze(x, a)"),
]

NORMALIZATION = [
    ("batch_norm_old_training", UNSUPPORTED, "BatchNormalization in training mode is not supported before opset 14", "(float[1, 2, 3] x, float[2] s) => (float[1, 2, 3] y)", "y, m, v, a, b = BatchNormalization(x, s, s, s, s)", 9),
    ("batch_norm_spatial", UNSUPPORTED, "BatchNormalization with spatial = 0 is not supported", "(float[1, 2, 3] x, float[2] s) => (float[1, 2, 3] y)", "y = BatchNormalization<spatial = 0>(x, s, s, s, s)", 8),
    ("instance_norm_rank", MALFORMED, "'input' has rank 2, expected at least 3", "(float[1, 2] x, float[2] s) => (float[1, 2] y)", "y = InstanceNormalization(x, s, s)"),
    ("lrn_size", MALFORMED, "size is 0, expected it to be positive", "(float[1, 2, 3] x) => (float[1, 2, 3] y)", "y = LRN<size = 0>(x)"),
    ("pool_without_window", MALFORMED, "kernel_shape is missing", "(float[1, 1, 4] x) => (float[1, 1, 4] y)", "y = MaxPool<kernel_shape : ints = []>(x)"),
    ("pool_rank", MALFORMED, "'X' has rank 3, expected 4", "(float[1, 1, 4] x) => (float[1, 1, 4] y)", "y = MaxPool<kernel_shape = [2, 2]>(x)"),
    ("pool_window", MALFORMED, "kernel_shape has entry 0, expected it in [1, 2^31)", "(float[1, 1, 4] x) => (float[1, 1, 4] y)", "y = MaxPool<kernel_shape = [0]>(x)"),
    ("pool_dimensions", UNSUPPORTED, "pooling over 4 dimensions is not supported", "(float[1, 1, 2, 2, 2, 2] x) => (float[1, 1, 1, 1, 1, 1] y)", "y = MaxPool<kernel_shape = [2, 2, 2, 2]>(x)"),
    ("pool_indices_of_a_large_window", MALFORMED, "the window is larger than the padded input", "(float[1, 1, 4] x) => (float[1, 1, m] y, int64[1, 1, m] i)", "y, i = MaxPool<kernel_shape = [8]>(x)"),
]

LSTM = "(float[{t}, 1, 2] x, float[1, 12, 2] w, float[1, 12, 3] r, int32[1] l) => (float[{t}, 1, 1, 3] y)"
RECURRENT = [
    ("rnn_free_hidden", UNSUPPORTED, "the hidden size must be known, but is h", "(float[4, 1, 2] x, float[1, g, 2] w, float[1, g, h] r) => (float[4, 1, 1, h] y)", "y = LSTM<hidden_size = 3>(x, w, r)"),
    ("rnn_weight_rank", MALFORMED, "input 1 has shape [1, 12], expected rank 3", "(float[4, 1, 2] x, float[1, 12] w, float[1, 12, 3] r) => (float[4, 1, 1, 3] y)", "y = LSTM<hidden_size = 3>(x, w, r)"),
    ("rnn_bias_rank", MALFORMED, "input 3 has shape [], expected rank 2", "(float[4, 1, 2] x, float[1, 12, 2] w, float[1, 12, 3] r, float b) => (float[4, 1, 1, 3] y)", "y = LSTM<hidden_size = 3>(x, w, r, b)"),
    ("rnn_bias_size", MALFORMED, "input 3 has size 3 in dimension 1, expected 6", "(float[4, 1, 2] x, float[1, 3, 2] w, float[1, 3, 3] r, float[1, 3] b) => (float[4, 1, 1, 3] y)", "y = RNN<hidden_size = 3>(x, w, r, b)"),
    ("rnn_weight_size", MALFORMED, "input 1 has size 1 in dimension 1, expected 3", "(float[4, 1, 2] x, float[1, 1, 2] w, float[1, 3, 3] r) => (float[4, 1, 1, 3] y)", "y = RNN<hidden_size = 3>(x, w, r)"),
    ("rnn_state_batch", MALFORMED, "input 5 has size 9 in dimension 1, expected 1", "(float[4, 1, 2] x, float[1, 3, 2] w, float[1, 3, 3] r, float[1, 9, 3] h) => (float[4, 1, 9, 3] y)", "y = RNN<hidden_size = 3>(x, w, r, , , h)"),
    ("rnn_peephole_size", MALFORMED, "input 7 has size 4 in dimension 1, expected 9", "(float[4, 1, 2] x, float[1, 12, 2] w, float[1, 12, 3] r, float[1, 4] p) => (float[4, 1, 1, 3] y)", "y = LSTM<hidden_size = 3>(x, w, r, , , , , p)"),
    ("rnn_state_rank", MALFORMED, "input 5 has shape [1, 3], expected rank 3", "(float[4, 1, 2] x, float[1, 3, 2] w, float[1, 3, 3] r, float[1, 3] h) => (float[4, 1, 1, 3] y)", "y = RNN<hidden_size = 3>(x, w, r, , , h)"),
    ("rnn_peephole_rank", MALFORMED, "input 7 has shape [9], expected rank 2", "(float[4, 1, 2] x, float[1, 12, 2] w, float[1, 12, 3] r, float[9] p) => (float[4, 1, 1, 3] y)", "y = LSTM<hidden_size = 3>(x, w, r, , , , , p)"),
    ("rnn_input_rank", MALFORMED, "'X' has shape [4, 2], expected rank 3", "(float[4, 2] x, float[1, 12, 2] w, float[1, 12, 3] r) => (float[4, 1, 1, 3] y)", "y = LSTM<hidden_size = 3>(x, w, r)"),
    ("rnn_lengths_rank", MALFORMED, "'sequence_lens' has shape [1, 1], expected rank 1", LSTM.format(t=4).replace("int32[1]", "int32[1, 1]"), "y = LSTM<hidden_size = 3>(x, w, r, , l)"),
    ("rnn_lengths", MALFORMED, "'sequence_lens' has shape [2], expected [1]", LSTM.format(t=4).replace("int32[1]", "int32[2]"), "y = LSTM<hidden_size = 3>(x, w, r, , l)"),
    ("rnn_activations", MALFORMED, "activations has 1 entries, expected 3", LSTM.format(t=4), 'y = LSTM<hidden_size = 3, activations = ["Tanh"]>(x, w, r)'),
    ("rnn_activation", MALFORMED, "activation 'Odd' is none of ONNX's", LSTM.format(t=4), 'y = LSTM<hidden_size = 3, activations = ["Tanh", "Odd", "Tanh"]>(x, w, r)'),
    ("rnn_direction", MALFORMED, "direction is 'up', expected forward, reverse or bidirectional", LSTM.format(t=4), 'y = LSTM<hidden_size = 3, direction = "up">(x, w, r)'),
]

TFIDF = 'y = TfIdfVectorizer<max_gram_length = 1, max_skip_count = 0, min_gram_length = 1, mode = "TF", ngram_counts = [0], ngram_indexes = [0], {}>(x)'
HOST_CALLS = [
    ("max_unpool_rank", MALFORMED, "'X' has rank 3, expected 4", "(float[1, 1, 2] x, int64[1, 1, 2] i) => (float[1, 1, 4] y)", "y = MaxUnpool<kernel_shape = [2, 2]>(x, i)"),
    ("max_unpool_window", MALFORMED, "kernel_shape has entry -2, expected it in [1, 2^31)", "(float[1, 1, 2] x, int64[1, 1, 2] i) => (float[1, 1, 4] y)", "y = MaxUnpool<kernel_shape = [-2]>(x, i)"),
    ("max_unpool_padding", MALFORMED, "the padding leaves the size -3", "(float[1, 1, 2] x, int64[1, 1, 2] i) => (float[1, 1, 4] y)", "y = MaxUnpool<kernel_shape = [2], pads = [3, 3]>(x, i)"),
    ("max_unpool_output_shape", UNSUPPORTED, "an 'output_shape' other than [1, 1, 4] is not supported", "(float[1, 1, 2] x, int64[1, 1, 2] i) => (float[1, 1, 5] y)", "s = Constant<value_ints = [1, 1, 5]>() y = MaxUnpool<kernel_shape = [2], strides = [2]>(x, i, s)"),
    ("max_unpool_indices", MALFORMED, "'X' has rank 3 and 'I' 2, expected equal ranks", "(float[1, 1, 2] x, int64[1, 2] i) => (float[1, 1, 4] y)", "y = MaxUnpool<kernel_shape = [2]>(x, i)"),
    ("scatter_reduction", MALFORMED, "reduction is 'mean', expected none, add, mul, max or min", "(float[4] x, int64[2] i, float[2] u) => (float[4] y)", 'y = ScatterElements<reduction = "mean">(x, i, u)'),
    ("tfidf_of_strings", UNSUPPORTED, "n-grams of strings are not supported", "(int64[4] x) => (float[n] y)", TFIDF.format('pool_strings = ["a"]')),
    ("tfidf_of_a_scalar", MALFORMED, "'X' has rank 0, expected 1 or 2", "(int64 x) => (float[n] y)", TFIDF.format("pool_int64s = [1]")),
]

SCAN = "body = b (float a, float c) => (float d, float e) { d = Add(a, c) e = Identity(d) }"
BODY = "body = b (int64 i, bool c{}) => ({}) {{ {} }}"
SUBGRAPHS = [
    ("if_outputs", MALFORMED, "both branches are ill-formed: then_branch has 2 outputs, the node has 1", "(float[2] x, bool c) => (float[2] y)", "y = If(c) <then_branch = t () => (float[2] a, float[2] b) { a = Neg(x) b = Neg(x) }, else_branch = e () => (float[2] d, float[2] f) { d = Neg(x) f = Neg(x) }>"),
    ("if_condition", MALFORMED, "'cond' has shape [2], expected one element", "(float[2] x, bool[2] c) => (float[2] y)", "y = If(c) <then_branch = t () => (float[2] a) { a = Neg(x) }, else_branch = e () => (float[2] d) { d = Abs(x) }>"),
    ("loop_inputs", MALFORMED, "body has 3 inputs, expected 2", "(int64 n, bool go) => (float[m] y)", "y = Loop(n, go) <" + BODY.format(", float v", "bool o, float e", "o = Identity(c) e = Identity(v)") + ">"),
    ("loop_without_values", MALFORMED, "body does not give a condition and 1 carried values", "(int64 n, bool go, float x) => (float y)", "y = Loop(n, go, x) <" + BODY.format(", float v", "bool o", "o = Identity(c)") + ">"),
    ("loop_results", MALFORMED, "body gives 1 results, the node has 2", "(int64 n, bool go, float x) => (float y, float z)", "y, z = Loop(n, go, x) <" + BODY.format(", float v", "bool o, float w", "o = Identity(c) w = Neg(v)") + ">"),
    ("loop_chain_of_sizes", UNSUPPORTED, "the sizes of carried values change in too many ways", "(int64 n, bool go, float[2] x) => (float[m] y)", "y, " + ", ".join(f"y{i}" for i in range(10)) + " = Loop(n, go" + ", x" * 11 + ") <" + BODY.format(", float v, " + ", ".join(f"float v{i}" for i in range(10)), "bool o, float w, " + ", ".join(f"float w{i}" for i in range(10)), "o = Identity(c) w = Concat<axis = 0>(v, v) w0 = Identity(v) " + " ".join(f"w{i} = Identity(v{i - 1})" for i in range(1, 10))) + ">"),
    ("scan_directions", MALFORMED, "scan_input_axes or scan_input_directions do not have 1 entries", "(float s, float[3] x) => (float f, float[3] y)", "f, y = Scan<num_scan_inputs = 1, scan_input_directions = [0, 1], " + SCAN + ">(s, x)"),
    ("scan_inputs", MALFORMED, "num_scan_inputs is 0, the node has 2 inputs and 2 outputs", "(float s, float[3] x) => (float f, float[3] y)", "f, y = Scan<num_scan_inputs = 0, " + SCAN + ">(s, x)"),
    ("scan_before_opset_9", UNSUPPORTED, "Scan before opset 9 is not supported", "(float[1] s, float[1, 3] x) => (float[1] f, float[1, 3] y)", "f, y = Scan<num_scan_inputs = 1, " + SCAN + ">(, s, x)", 8),
    ("sequence_input", UNSUPPORTED, "input 's' is no tensor (a sequence, map, optional or sparse tensor)", "(seq(float[2]) s, float[2] x) => (float[2] y)", "y = Neg(x)"),
]

CASES = [*PRODUCTS, *ELEMENTWISE, *GENERATORS, *INDEXING, *MOVEMENT, *NORMALIZATION, *RECURRENT, *HOST_CALLS, *SUBGRAPHS]


def refer(node, name, kind):
    """Gives a node an attribute that refers to one of the function around it."""
    attribute = node.attribute.add()
    attribute.name = attribute.ref_attr_name = name
    attribute.type = kind


def model_of(node, opset=18, shape=(2,), kind=TensorProto.FLOAT, functions=()):
    x = helper.make_tensor_value_info("x", kind, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("d", 1)]
    return helper.make_model(helper.make_graph([node], "g", [x], [y]), opset_imports=opsets, functions=functions, ir_version=10)


def model_with(node, opset, kind=TensorProto.FLOAT, shape=(2,)):
    """A call of a function that consists of `node` and has its attributes; the call gives none."""
    names = [attribute.name for attribute in node.attribute]
    function = helper.make_function("d", "F", ["a"], ["b"], [node], [helper.make_opsetid("", opset)], attributes=names)
    return model_of(helper.make_node("F", ["x"], ["y"], domain="d"), opset, shape, kind, [function])


class RefusalsTest(RefusalTestCase):
    def test_attribute_reference_outside_a_function(self):
        node = helper.make_node("Softmax", ["x"], ["y"])
        refer(node, "axis", AttributeProto.INT)
        self.refused(MALFORMED, "attribute 'axis' refers to an attribute outside a function", model_of(node))

    # The schema requires the attribute, the caller of the function leaves it out.
    def test_attributes_that_a_call_leaves_out(self):
        node = helper.make_node("Unsqueeze", ["a"], ["b"])
        refer(node, "axes", AttributeProto.INTS)
        self.refused(MALFORMED, "'axes' is missing", model_with(node, 11))
        node = helper.make_node("If", ["a"], ["b"])
        refer(node, "then_branch", AttributeProto.GRAPH)
        refer(node, "else_branch", AttributeProto.GRAPH)
        self.refused(MALFORMED, "attribute 'then_branch' is missing", model_with(node, 11, TensorProto.BOOL, []))

    def test_constants_without_a_dense_value(self):
        values, indices = helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0]), helper.make_tensor("i", TensorProto.INT64, [1], [0])
        sparse = helper.make_sparse_tensor(values, indices, [3])
        node = helper.make_node("Constant", [], ["y"], sparse_value=sparse)
        self.refused(UNSUPPORTED, "sparse constants are not supported", model_of(node))
        self.refused(MALFORMED, "a Constant has no value", model_of(helper.make_node("Constant", [], ["y"])))

    def test_negative_declared_size(self):
        model = model_of(helper.make_node("Neg", ["x"], ["y"]), shape=[-2])
        self.refused(MALFORMED, "input size 'x.dim0' is -2", model)

    # Exporters write -1 where a size is free.
    def test_negative_declared_size_is_free(self):
        done = imported_model(model_of(helper.make_node("Neg", ["x"], ["y"]), shape=[-1]).SerializeToString())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('%arg0: tensor<?xf32, #heddle.dims<["x.dim0"]>> {heddle.name = "x"}', done.stdout)

    def test_versions_beyond_those_known(self):
        model = model_of(helper.make_node("Neg", ["x"], ["y"]))
        model.ir_version = 99
        self.refused(UNSUPPORTED, "model: ir_version 99 is not supported, expected at most ", model)
        model.ir_version = 2
        model.ClearField("opset_import")
        self.refused(UNSUPPORTED, "model: version 1 of operator set ai.onnx is not supported, expected ", model)

    # In a branch nothing can be required at entry: the run ends there if the sizes differ.
    def test_sizes_that_a_branch_assumes_end_the_run(self):
        add = "s = Constant<value_ints = [3]>() o = ConstantOfShape(s) a = Add(x, o)"
        branches = f"then_branch = t () => (float[k] a) {{ {add} }}, else_branch = e () => (float[k] b) {{ b = Identity(x) }}"
        done = imported("(float[n] x, bool c) => (float[m] y)", f"y = If(c) <{branches}>")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("shapes [n] and [3] do not broadcast", done.stdout)

    def test_sizes_that_a_product_in_a_branch_assumes_end_the_run(self):
        branches = "then_branch = t () => (float[p, 2] a) { a = MatMul(x, w) }, else_branch = e () => (float[q, r] b) { b = Identity(x) }"
        done = imported("(float[n, k] x, float[4, 2] w, bool c) => (float[m, o] y)", f"y = If(c) <{branches}>")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the operands' shapes [n, k], [4, 2] do not fit, expected k == 4", done.stdout)

    # Exporters write "if this size is 1, squeeze it": ranks differ, so one outcome must be chosen when the model is compiled.
    def test_ranks_that_sizes_decide_are_required(self):
        size = "i = Constant<value_int = 0>() one = Constant<value_int = 1>() s = Shape(x) d = Gather(s, i) c = Equal(d, one)"
        inner = "y0 = If(c) <then_branch = t () => (float[4] a) { z = Constant<value_ints = [0]>() a = Squeeze(x, z) }, else_branch = e () => (float[n, 4] b) { b = Identity(x) }>"
        outer = f"then_branch = o () => (float[4] y0) {{ {size} {inner} }}, else_branch = p () => (float[4] q) {{ q = Identity(r) }}"
        done = imported("(float[n, 4] x, float[4] r, bool g) => (float[4] y)", f"y = If(g) <{outer}>")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("compiled for sizes with which the condition of this If is true", done.stdout)


add_tests(RefusalsTest, CASES)

if __name__ == "__main__":
    unittest.main()
