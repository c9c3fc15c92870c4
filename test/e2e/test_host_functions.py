"""Host functions at drawn sizes beside ONNX Runtime: the backend cases are so small that many slips do not show in them."""
import unittest

import numpy as np
import support

# Sizes are free; every op below is a step on the host.
MODEL = """<ir_version: 8, opset_import: ["" : 18]>
main (float[b, n, n] matrices, float[r, c] x, bool[r] rows, int64[r, c] places, float[r, c] updates, int64[c] lengths,
      int64[1] k, int64[p, 2] points, float[p] values, int64[q] words, float[i, 3, h, w] image, float[m, 4] rois,
      int64[m] owners, float[i, s, 4] boxes, float[i, t, s] scores, int64 start, int64 limit, int64 step)
  => (float[?] det, float[?,?] compressed, float[?] flat, float[?,?] sums, float[?,?] reverse_sums,
      float[?,?] reversed, float[?,?] set, float[?,?] added, float[?,?] largest_of, float[?,?] points_set,
      float[?,?] points_multiplied, float[?,?] best, int64[?,?] best_at, float[?,?] least, int64[?,?] least_at,
      int64[?] unique_words, int64[?] first, int64[?] counts, float[?,?] unique_rows, float[?,?,?,?] pooled,
      int64[?,?,?,?] pooled_at, float[?,?,?,?] aligned, int64[?,?] kept, int64[?] counted)
{
  det = Det(matrices)
  compressed = Compress <axis = 0> (x, rows)
  flat = Compress (x, rows)
  zero = Constant <value_int = 0> ()
  one = Constant <value_int = 1> ()
  sums = CumSum (x, one)
  reverse_sums = CumSum <exclusive = 1, reverse = 1> (x, zero)
  reversed = ReverseSequence <batch_axis = 1, time_axis = 0> (x, lengths)
  turned = Transpose <perm = [1, 0]> (x)
  by_time = ReverseSequence <batch_axis = 0, time_axis = 1> (turned, lengths)
  set = ScatterElements <axis = 1> (x, places, updates)
  added = ScatterElements <axis = 1, reduction = "add"> (x, places, updates)
  largest_of = ScatterElements <axis = 1, reduction = "max"> (x, places, updates)
  points_set = ScatterND (x, points, values)
  points_multiplied = ScatterND <reduction = "mul"> (x, points, values)
  best, best_at = TopK <axis = 1> (x, k)
  least, least_at = TopK <axis = 0, largest = 0> (x, k)
  unique_words, first, inverse, counts = Unique (words)
  rounded = Round (x)
  unique_rows = Unique <axis = 0, sorted = 1> (rounded)
  pooled, pooled_at = MaxPool <kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1], dilations = [1, 2]> (image)
  aligned = RoiAlign <output_height = 3, output_width = 2, sampling_ratio = 2, spatial_scale = 0.5> (image, rois, owners)
  aligned_max = RoiAlign <mode = "max", sampling_ratio = 1, output_height = 2, output_width = 2, spatial_scale = 1.0,
                          coordinate_transformation_mode = "output_half_pixel"> (image, rois, owners)
  per_class = Constant <value_ints = [4]> ()
  overlap = Constant <value_floats = [0.4]> ()
  least_score = Constant <value_floats = [0.3]> ()
  kept = NonMaxSuppression <center_point_box = 1> (boxes, scores, per_class, overlap, least_score)
  counted = Range (start, limit, step)
}"""


def draw(seed):
    generator = np.random.default_rng(seed)

    def normal(*shape):
        return generator.standard_normal(shape).astype(np.float32)

    ranges = {"b": (9, 20), "n": (2, 6), "c": (4, 12), "p": (1, 9), "q": (5, 40), "i": (1, 4), "h": (6, 12), "w": (6, 12),
              "m": (1, 6), "s": (5, 30), "t": (1, 4)}  # fmt: skip
    b, n, c, p, q, i, h, w, m, s, t = (generator.integers(*ranges[name]) for name in ranges)
    r = c  # Lengths must fit both axes.
    centers = generator.uniform(0, 4, (i, s, 2))
    corners = generator.uniform(0, 5, (m, 2))
    points = generator.permutation(r * c)[:p]
    return {
        # Zeros make pivots matter.
        "matrices": normal(b, n, n) * (generator.random((b, n, n)) < 0.5),
        "x": normal(r, c),
        "rows": generator.random(r) < 0.5,
        # Reductions may meet a place twice; the plain form may not.
        "places": np.stack([generator.permutation(c) for _ in range(r)]),
        "updates": normal(r, c),
        "lengths": generator.integers(1, r + 1, c),
        "k": generator.integers(1, c, 1),
        "points": np.stack([points // c, points % c], -1),
        "values": normal(p),
        "words": generator.integers(-5, 6, q),
        "image": normal(i, 3, h, w),
        "rois": np.concatenate([corners, corners + generator.uniform(1, 6, (m, 2))], -1).astype(np.float32),
        "owners": generator.integers(0, i, m),
        "boxes": np.concatenate([centers, generator.uniform(1, 3, (i, s, 2))], -1).astype(np.float32),
        "scores": generator.random((i, t, s), np.float32),
        "start": np.array(generator.integers(-9, 0)),
        "limit": np.array(generator.integers(1, 30)),
        "step": np.array(generator.integers(1, 5)),
    }


class HostFunctionsTest(unittest.TestCase):
    def test_drawn_sizes(self):
        path = support.save("host-functions", MODEL)
        for seed in range(4):
            with self.subTest(seed=seed):
                feeds = draw(seed)
                support.check(self, support.run_model(path, feeds, "host-functions"), support.expected(path, feeds))


if __name__ == "__main__":
    unittest.main()
