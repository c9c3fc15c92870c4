"""The voice detector, frame by frame with its state, through the C interface: nested Ifs, an ill-formed branch that is
not taken, an LSTM, and a state that every frame hands to the next."""
import sys
import unittest

import numpy as np
import support

sys.path.insert(0, str(support.ROOT / "bench"))

import heddle_api  # noqa: E402  (found through the path above)

FRAMES = 100
RATE = 16000


def frames():
    """Noise whose loudness comes and goes, in frames of 512 samples after the last 64 of the frame before."""
    sound = np.random.default_rng(5).standard_normal(FRAMES * 512 + 64).astype(np.float32)
    sound *= 0.3 * np.abs(np.sin(np.arange(len(sound)) / 20000)).astype(np.float32)
    return [sound[i * 512 : i * 512 + 576].reshape(1, 576) for i in range(FRAMES)]


class VoiceTest(unittest.TestCase):
    def follow(self, variant):
        path = support.detector(variant)
        artifact = support.WORK / f"{variant}.hdl"
        support.run("heddle", "compile", path, "-o", artifact)
        mine = heddle_api.Model(artifact, library=support.BUILD / "lib/libheddle_runtime.so")
        self.addCleanup(mine.close)
        state, rate = np.zeros((2, 1, 128), np.float32), np.array(RATE, np.int64)
        takes_rate = "sr" in [given.name for given in support.session(path).get_inputs()]
        first = {"state": state, **({"sr": rate} if takes_rate else {})}
        mine.bind(first)
        mine.bind_state("stateN", "state")
        got, want = [], []
        for frame in frames():
            feeds = {"input": frame, "state": state, **({"sr": rate} if takes_rate else {})}
            probability, state = support.session(path).run(None, feeds)
            mine.bind({"input": frame})
            mine.run()
            got.append(mine.output(0))
            want.append(probability)
        self.assertIsNone(support.difference(np.concatenate(got), np.concatenate(want)))

    def test_silero_vad(self):
        self.follow("silero_vad")

    def test_silero_vad_half(self):
        self.follow("silero_vad_half")

    def test_silero_vad_16k_op15(self):
        self.follow("silero_vad_16k_op15")

    def test_silero_vad_op18_ifless(self):
        self.follow("silero_vad_op18_ifless")


if __name__ == "__main__":
    unittest.main()
