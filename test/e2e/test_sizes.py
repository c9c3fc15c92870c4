"""Values that are computed from sizes, on both devices."""
import unittest

import numpy as np
import onnx
import onnx.parser
import support

# Every number below equals the count of elements of its own kernel's result, which CUDA code calls COUNT.
MODEL = """<ir_version: 8, opset_import: ["" : 18]>
main (float[n, h, w] x) => (int64[3] thirds, int64[2] rest, int64[2] least, float[p, q, r] pooled, int64[p, q, r] places)
{
  shape = Shape(x)
  three = Constant<value_int = 3>()
  thirds = Div(shape, three)
  last = Shape<start = 1>(x)
  two = Constant<value_int = 2>()
  rest = Mod(last, two)
  least = Min(last, two)
  pooled, places = MaxPool<kernel_shape = [2], strides = [2]>(x)
}"""


class SizesTest(unittest.TestCase):
    def test_numbers_that_equal_the_count_of_elements(self):
        path = support.save("sizes", MODEL)
        feeds = {"x": np.random.default_rng(0).standard_normal((2, 5, 8)).astype(np.float32)}
        for device in ("cpu", "sim"):
            with self.subTest(device=device):
                got = support.run_model(path, feeds, f"sizes-{device}", "--device", device)
                support.check(self, got, support.expected(path, feeds))

    # "-1" is what some exporters call a free size.
    def test_a_size_named_minus_one_is_free(self):
        model = onnx.parser.parse_model(
            '<ir_version: 8, opset_import: ["" : 18]> main (float[n, 2] x) => (float[n, 2] y) { y = Relu(x) }'
        )
        for port in (*model.graph.input, *model.graph.output):
            port.type.tensor_type.shape.dim[0].dim_param = "-1"
        path = support.save("minus-one", model)
        feeds = {"x": np.ones((3, 2), np.float32)}
        support.check(self, support.run_model(path, feeds, "minus-one"), support.expected(path, feeds))

    # The mean of equal values is that value: their variance is 0, and rounding must not be divided by its root.
    def test_the_mean_of_equal_rows(self):
        model = """<ir_version: 8, opset_import: ["" : 18]>
main (float[n, 15] x, float[15] scale) => (float[n, 15] y) { y = LayerNormalization(x, scale) }"""
        path = support.save("equal-rows", model)
        feeds = {"x": np.full((4, 15), 1e4, np.float32), "scale": np.ones(15, np.float32)}
        np.testing.assert_array_equal(support.run_model(path, feeds, "equal-rows")["y"], 0)


if __name__ == "__main__":
    unittest.main()
