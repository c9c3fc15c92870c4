"""Ranges whose bounds only the run knows: of any integers, of floats, and such that have no size."""
import unittest

import numpy as np
import support

LARGE = 1 << 40
TYPES = {np.int32: "int32", np.int64: "int64", np.float32: "float", np.float64: "double"}


def model(element):
    name = TYPES[element]
    text = f"""<ir_version: 8, opset_import: ["" : 18]>
main ({name} start, {name} limit, {name} delta) => ({name}[n] y) {{ y = Range(start, limit, delta) }}"""
    return support.save(f"range-{name}", text)


def feeds(element, *numbers):
    return {name: np.array(number, element) for name, number in zip(("start", "limit", "delta"), numbers)}


class RangesTest(unittest.TestCase):
    def check(self, element, *numbers, devices=("cpu", "sim")):
        path, given = model(element), feeds(element, *numbers)
        wanted = support.expected(path, given)
        for device in devices:
            with self.subTest(numbers=numbers, device=device):
                got = support.run_model(path, given, f"range-{device}", "--device", device)
                support.check(self, got, wanted)

    # A GPU's sizes have 32 bits, but the bounds of a range are values.
    def test_integers_beyond_32_bits(self):
        self.check(np.int64, LARGE, LARGE + 5, 1)
        self.check(np.int64, LARGE, -LARGE, 1 - LARGE)
        self.check(np.int32, -(2**31), 2**31 - 1, 2**30)

    # In f32 arithmetic 0.3 / 0.1 is 3, but the range has four elements.
    def test_float_counts(self):
        self.check(np.float32, 0, 0.3, 0.1)
        self.check(np.float32, 0.1, 0.4, 0.1)
        self.check(np.float64, 1, 0, -0.25)
        self.check(np.float32, 5, 0, 1, devices=("cpu",))

    def test_ranges_without_a_size(self):
        for element, numbers, message in [
            (np.int64, (0, 5, 0), "Range_0: 'delta' is 0: Range_0.delta.0 is 0"),
            (np.float32, (0, 5, 0), "Range_0: 'delta' is 0"),
            (np.float32, (0, np.nan, 1), "Range_0: (limit - start) / delta is no finite number of elements"),
            (np.float64, (0, -np.inf, 1), "Range_0: (limit - start) / delta is no finite number of elements"),
            (np.float32, (0, 1e30, 1), "Range_0: (limit - start) / delta is no finite number of elements"),
        ]:
            with self.subTest(numbers=numbers):
                refusal = support.refusal(model(element), feeds(element, *numbers), "range")
                self.assertEqual(refusal, (2, message))


if __name__ == "__main__":
    unittest.main()
