"""What the importer refuses of Fourier transforms, and of ops that sample images or put them together from patches."""
import unittest

from refusals import MALFORMED, UNSUPPORTED, RefusalTestCase, add_tests

STFT = "(float[1, 8, 1] x) => (float[1, n, m, 2] y)"
STEP = "s = Constant<value_int = {}>() l = Constant<value_int = 4>() "

# (name, exit code, what the message holds, signature, nodes[, opset])
TRANSFORMS = [
    ("dft_rank", MALFORMED, "input has rank 1, expected at least 2", "(float[4] x) => (float[4, 2] y)", "y = DFT(x)"),
    ("dft_numbers_of_three_parts", MALFORMED, "the last dimension has size 3, expected 1 or 2", "(float[1, 4, 3] x) => (float[1, 4, 2] y)", "y = DFT(x)"),
    ("dft_along_real_and_imaginary_parts", MALFORMED, "axis is the dimension of real and imaginary parts", "(float[1, 4, 2] x) => (float[1, 4, 2] y)", "y = DFT<axis = 2>(x)"),
    ("dft_long", UNSUPPORTED, "a transform of length 16385 is not supported", "(float[1, 16385, 1] x) => (float[1, 16385, 2] y)", "y = DFT(x)"),
    ("dft_parts_of_unknown_number", UNSUPPORTED, "the last size must be known, but is k: give the input shapes", "(float[1, 4, k] x) => (float[1, 4, 2] y)", "y = DFT(x)"),
    ("dft_complex_inverse", UNSUPPORTED, "an inverse transform with complex results is not supported", "(float[1, 4, 2] x) => (float[1, 4, 2] y)", "y = DFT<inverse = 1>(x)"),
    ("dft_no_length", UNSUPPORTED, "a transform of length 0 is not supported", "(float[1, 1, 2] x) => (float[1, 0, 1] y)", "y = DFT<inverse = 1, onesided = 1>(x)", 20),
    ("dft_lengths", MALFORMED, "input 1 has 2 elements, expected 1", "(float[1, 4, 2] x) => (float[1, 4, 2] y)", "l = Constant<value_ints = [4, 4]>() y = DFT(x, l)"),
    ("stft_window_rank", MALFORMED, "'window' has rank 0, expected 1", STFT, STEP.format(4) + "w = Constant<value_float = 1.0>() y = STFT(x, s, w, l)"),
    ("stft_rank", MALFORMED, "'signal' has rank 2, expected 3", "(float[1, 8] x) => (float[1, n, m, 2] y)", STEP.format(4) + "y = STFT(x, s, , l)"),
    ("stft_step", MALFORMED, "'frame_step' is 0", STFT, STEP.format(0) + "y = STFT(x, s, , l)"),
    ("stft_without_frame", MALFORMED, "neither 'window' nor 'frame_length' is given", STFT, STEP.format(4) + "y = STFT(x, s)"),
    ("stft_short_signal", MALFORMED, "the signal is shorter than a frame of 4", "(float[1, 2, 1] x) => (float[1, n, m, 2] y)", STEP.format(1) + "y = STFT(x, s, , l)"),
]

GRID = "(float[1, 1, 4, 4] x, float[1, 2, 2, 2] g) => (float[1, 1, 2, 2] y)"
GRIDS = [
    ("grid_coordinates", MALFORMED, "'X' of shape [1, 1, 4, 4] and 'grid' of shape [1, 2, 2, 3] do not fit", GRID.replace("2, 2] g", "2, 3] g"), "y = GridSample(x, g)"),
    ("grid_rank", MALFORMED, "'X' of shape [1, 1, 4, 4] and 'grid' of shape [1, 2, 2] do not fit", GRID.replace("2, 2, 2] g", "2, 2] g"), "y = GridSample(x, g)"),
    ("grid_coordinates_of_unknown_number", UNSUPPORTED, "the last size of 'grid' must be known, but is n: give the input shapes", GRID.replace("2, 2] g", "2, n] g"), "y = GridSample(x, g)"),
    ("grid_mode", MALFORMED, "mode is 'odd', expected linear, nearest or cubic", GRID, 'y = GridSample<mode = "odd">(x, g)'),
    ("grid_padding_mode", MALFORMED, "padding_mode is 'odd', expected zeros, border or reflection", GRID, 'y = GridSample<padding_mode = "odd">(x, g)'),
    ("grid_of_integers", UNSUPPORTED, "sampling elements that are no f32 or smaller floats is not supported", GRID.replace("float[1, 1", "int32[1, 1"), "y = GridSample(x, g)"),
]

IMAGE = "(float[1, 1, 4, 4] x, float[k] s) => (float[1, 1, n, m] y)"
SCALES = "s2 = Constant<value_floats = [1.0, 1.0, {}, 2.0]>() "
SIZES = "z = Constant<value_ints = [1, 1, 8, 8]>() "
CROP = SCALES.format("2.0") + 'y = Resize<coordinate_transformation_mode = "tf_crop_and_resize">(x, {}, s2)'
RESIZE = [
    ("resize_crop_without_roi", MALFORMED, "input 1 is missing", IMAGE, CROP.format("")),
    ("resize_crop_of_unknown_length", UNSUPPORTED, "the length of 'roi' must be known, but is [k]: give the input shapes", IMAGE, CROP.format("s")),
    ("resize_crop_of_other_rank", MALFORMED, "'roi' has shape [2], expected [8]", IMAGE.replace("[k]", "[2]"), CROP.format("s")),
    ("resize_aspect_of_free_sizes", UNSUPPORTED, "keep_aspect_ratio_policy needs known sizes: give the input shapes", IMAGE.replace("1, 4, 4", "1, h, 4"), SIZES + 'y = Resize<keep_aspect_ratio_policy = "not_larger">(x, , , z)'),
    ("resize_aspect", MALFORMED, "keep_aspect_ratio_policy is 'odd'", IMAGE, SIZES + 'y = Resize<keep_aspect_ratio_policy = "odd">(x, , , z)'),
    ("resize_count", MALFORMED, "'sizes' or 'scales' has 1 elements, expected 4", IMAGE, "s2 = Constant<value_floats = [2.0]>() y = Resize(x, , s2)"),
    ("resize_negative", MALFORMED, "scale -2.000000 is not positive", IMAGE, SCALES.format("-2.0") + "y = Resize(x, , s2)"),
    ("resize_free_number_of_scales", UNSUPPORTED, "the length of 'scales' must be known when the model is compiled", IMAGE, "y = Resize(x, , s)"),
    ("resize_coordinates", MALFORMED, "coordinate_transformation_mode is 'odd'", IMAGE, SCALES.format("3.0") + 'y = Resize<mode = "linear", coordinate_transformation_mode = "odd">(x, , s2)'),
    ("resize_rounding", MALFORMED, "nearest_mode is 'odd'", IMAGE, SCALES.format("3.0") + 'y = Resize<nearest_mode = "odd">(x, , s2)'),
    ("resize_mode", MALFORMED, "mode is 'spline', expected nearest, linear or cubic", IMAGE, SCALES.format("3.0") + 'y = Resize<mode = "spline">(x, , s2)'),
    ("resize_integers", UNSUPPORTED, "interpolating integers is not supported", IMAGE.replace("float[1", "int32[1"), SCALES.format("3.0") + 'y = Resize<mode = "linear">(x, , s2)'),
]

AFFINE = "(float[1, 2, 3] t) => (float[1, 2, 2, 2] y)"
DEFORM = "(float[1, 2, 3, 3] x, float[2, 2, 2, 2] w, float[1, 8, 2, 2] o) => (float[1, 2, 2, 2] y)"
COL = "(float[1, 4, 4] x) => (float[1, 1, h, w] y)"
PLACES = "s = Constant<value_ints = [{}]>() b = Constant<value_ints = [{}]>() y = Col2Im{}(x, s, b)"
PATCHES = [
    ("affine_grid_size", MALFORMED, "'theta' of shape [1, 2, 3] and 'size' of 3 elements do not fit: expected [N, 2, 3] and 4, or [N, 3, 4] and 5", AFFINE, "s = Constant<value_ints = [1, 1, 2]>() y = AffineGrid(t, s)", 20),
    ("affine_grid_maps", MALFORMED, "'theta' has shape [1, 2, 3], expected [N, 3, 4]", AFFINE, "s = Constant<value_ints = [1, 1, 2, 2, 2]>() y = AffineGrid(t, s)", 20),
    ("affine_grid_images", MALFORMED, "'theta' has 1 maps for 2 images", AFFINE, "s = Constant<value_ints = [2, 1, 2, 2]>() y = AffineGrid(t, s)", 20),
    ("col2im_ranks", MALFORMED, "'input' has rank 3, expected 3; 'image_shape' and 'block_shape' have 2 and 1 elements", COL, PLACES.format("3, 3", "2", "")),
    ("col2im_block", MALFORMED, "'block_shape' has entry 0, expected it in [1, 2^31)", COL, PLACES.format("3, 3", "2, 0", "")),
    ("col2im_large_block", MALFORMED, "a block is larger than the padded image", COL, PLACES.format("3, 3", "4, 4", "")),
    ("col2im_columns", MALFORMED, "'input' has shape [1, 4, 4], expected a multiple of 4 rows and 9 columns", COL, PLACES.format("4, 4", "2, 2", "")),
    ("deform_conv_groups", MALFORMED, "group is 0 and offset_group 1", DEFORM, "y = DeformConv<group = 0>(x, w, o)", 19),
    ("deform_conv_channels", MALFORMED, "'X' of shape [1, 2, 3, 3] and 'W' of shape [2, 2, 2, 2] do not fit 1 groups and 3 groups of offsets", DEFORM, "y = DeformConv<offset_group = 3>(x, w, o)", 19),
    ("deform_conv_offsets", MALFORMED, "input 2 has shape [1, 8, 2, 2], expected [1, 16, 2, 2]", DEFORM, "y = DeformConv<offset_group = 2>(x, w, o)", 19),
    ("deform_conv_large_filters", 6, "a tensor of shape [2, 2, 2097152, 2097152, 2097152] passes the limit of 8589934592 bytes", "(float[1, 2, 3, 3, 3] x, float[2, 2, 2097152, 2097152, 2097152] w, float[1, 8, 2, 2, 2] o) => (float[1, 2, 2, 2, 2] y)", "y = DeformConv(x, w, o)", 19),
    ("deform_conv_dimensions", UNSUPPORTED, "convolution over 4 dimensions is not supported", "(float[1, 1, 1, 1, 1, 1] x) => (float[1, 1, 1, 1, 1, 1] y)", "y = DeformConv(x, x, x)", 19),
]

ROIS = "(float[1, 1, 4, 4] x, float[2, 4] r, int64[2] b) => (float[2, 1, h, w] y)"
REGIONS = [
    ("roi_align_height", MALFORMED, "'X' and 'rois' are [1, 1, 4, 4] and [2, 4], the result's size is 0 x 1", ROIS, "y = RoiAlign<output_height = 0>(x, r, b)"),
    ("roi_align_rank", MALFORMED, "'X' and 'rois' are [1, 4, 4] and [2, 4], the result's size is 1 x 1", ROIS.replace("1, 1, 4", "1, 4"), "y = RoiAlign(x, r, b)"),
]


class SamplingRefusalsTest(RefusalTestCase):
    pass


add_tests(SamplingRefusalsTest, [*TRANSFORMS, *GRIDS, *RESIZE, *PATCHES, *REGIONS])

if __name__ == "__main__":
    unittest.main()
