"""One open model, many threads through the C interface, mixed sizes: every run gives the bits that it gives alone."""
import sys
import threading
import unittest

import numpy as np
import onnx
import onnx.numpy_helper
import onnx.parser
import support
from test_models import llama_continuation

sys.path.insert(0, str(support.ROOT / "bench"))

import heddle_api  # noqa: E402  (found through the path above)

THREADS, ROUNDS = 8, 50

# A product, a softmax and layers over rows whose number only the data decides: all that a run keeps in a context of its
# own, an arena that is packed a second time in the middle of it included.
MODEL = """<ir_version: 10, opset_import: ["" : 18]>
main (float[n, m, 16] x) => (float[n, m, m] scores, float[k, 16] kept) {
  y = MatMul(x, w)
  t = Transpose <perm = [0, 2, 1]> (y)
  products = MatMul(y, t)
  scores = Softmax <axis = -1> (products)
  shape = Constant <value_ints = [-1, 16]> ()
  rows = Reshape(y, shape)
  firsts = Gather <axis = 1> (rows, zero)
  positive = Greater(firsts, bound)
  found = NonZero(positive)
  where = Transpose <perm = [1, 0]> (found)
  some = GatherND(rows, where)
  kept = Tanh(some)
}"""


def small_model():
    """Path of the model above, with weights."""
    model = onnx.parser.parse_model(MODEL)
    values = {
        "w": np.random.default_rng(1).standard_normal((16, 16), np.float32),
        "zero": np.array(0, np.int64),
        "bound": np.array(0, np.float32),
    }
    model.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in values.items())
    return support.save("concurrency", model)


def mixed_inputs(index):
    """100 sizes, which is more than a session remembers."""
    shape = (1 + index % 4, 1 + index % 25, 16)
    return {"x": np.random.default_rng(index).standard_normal(shape, np.float32)}


class ConcurrencyTest(unittest.TestCase):
    def equal_to_serial(self, path, feeds, outputs):
        artifact = path.with_suffix(".hdl")
        support.run("heddle", "compile", path, "-o", artifact)
        model = heddle_api.Model(artifact, library=support.BUILD / "lib/libheddle_runtime.so")
        self.addCleanup(model.close)

        def run(context, index):
            context.bind(feeds[index])
            context.run()
            return [context.output(position) for position in range(outputs)]

        alone = [run(model, index) for index in range(len(feeds))]
        wrong = []

        def work(thread):
            context = model.another()
            for index in np.random.default_rng(thread).integers(0, len(feeds), ROUNDS):
                try:
                    got = run(context, index)
                    if any(g.tobytes() != w.tobytes() or g.shape != w.shape for g, w in zip(got, alone[index])):
                        wrong.append(f"thread {thread}: other results for inputs {index}")
                except RuntimeError as error:
                    wrong.append(f"thread {thread}: {error}")
            context.close()

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_small_model(self):
        self.equal_to_serial(small_model(), [mixed_inputs(index) for index in range(100)], 2)

    @unittest.skipUnless(support.FULL, "more than a second: check-full")
    def test_llama(self):
        sizes = [(1 + index % 2, 3 * index % 17, 1 + index % 5) for index in range(40)]
        self.equal_to_serial(support.model("llama_tiny_op18"), [llama_continuation(*size) for size in sizes], 3)


if __name__ == "__main__":
    unittest.main()
