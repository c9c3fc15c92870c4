"""Reductions over rows shorter than a vector, packed one row per lane, against ONNX Runtime at odd numbers of rows."""
import unittest

import numpy as np
import support

MODEL = """<ir_version: 10, opset_import: ["" : 18]>
main ({type}[n, m, {columns}] x) => ({type}[n, m, {columns}] soft, float[n, m, {columns}] normed, {type}[n, m] sums,
      int64[n, m] where)
<float[{columns}] scale = {{{scale}}}, float[{columns}] bias = {{{bias}}}, int64[1] last = {{-1}}> {{
  soft = Softmax <axis = -1> (x)
  wide = Cast <to = 1> (x)
  normed = LayerNormalization <axis = -1> (wide, scale, bias)
  sums = ReduceSum <keepdims = 0> (x, last)
  where = ArgMax <axis = -1, keepdims = 0> (x)
}}"""


class ShortRowsTest(unittest.TestCase):
    def agree(self, columns, kind="float", dtype=np.float32):
        values = {"columns": columns, "type": kind}
        for name, start in (("scale", 0.5), ("bias", -1.0)):
            values[name] = ", ".join(str(start + index / 8) for index in range(columns))
        path = support.save(f"short-rows-{kind}-{columns}", MODEL.format(**values))
        for rows in ((1, 1), (3, 5), (4, 8), (7, 23)):
            with self.subTest(columns=columns, rows=rows):
                x = np.random.default_rng(columns).standard_normal((*rows, columns)).astype(dtype)
                got = support.run_model(path, {"x": x}, "short-rows")
                support.check(self, got, support.expected(path, {"x": x}))

    def test_floats(self):
        for columns in (2, 3, 5, 10, 16, 21, 32):
            self.agree(columns)

    def test_doubles(self):
        self.agree(7, "double", np.float64)


if __name__ == "__main__":
    unittest.main()
