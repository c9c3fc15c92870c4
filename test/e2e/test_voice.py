"""The voice detector, frame by frame with its state, through the C interface: nested Ifs, an ill-formed branch that is
not taken, an LSTM, and a state that every frame hands to the next."""
import ctypes
import unittest

import numpy as np
import support

FRAMES = 100
RATE = 16000


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("type", ctypes.c_int),
        ("rank", ctypes.c_size_t),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
    ]


TYPES = {"float32": 1, "int64": 7}


class Detector:
    """An opened artifact with one context; `run` takes a frame and returns the first output."""

    def __init__(self, artifact):
        self.library = ctypes.CDLL(str(support.BUILD / "lib/libheddle_runtime.so"))
        self.library.heddle_message.restype = ctypes.c_char_p
        self.model, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        self.kept = {}
        self.call("heddle_open", str(artifact).encode(), None, ctypes.byref(self.model))
        self.call("heddle_create_context", self.model, ctypes.byref(self.context))

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        assert status == 0, f"{name}: status {status}: {self.library.heddle_message().decode()}"

    def bind(self, name, array):
        array = np.ascontiguousarray(array) if array.ndim else array
        shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
        self.kept[name] = (array, shape)
        tensor = Tensor(array.ctypes.data, TYPES[str(array.dtype)], array.ndim, shape, None)
        self.call("heddle_bind_input", self.context, name.encode(), ctypes.byref(tensor))

    def bind_state(self, output, given):
        self.call("heddle_bind_state", self.context, output.encode(), given.encode())

    def run(self, frame):
        self.bind("input", frame)
        self.call("heddle_run", self.context)
        tensor = Tensor()
        self.call("heddle_get_output", self.context, ctypes.c_size_t(0), ctypes.byref(tensor))
        shape = [tensor.shape[i] for i in range(tensor.rank)]
        data = ctypes.cast(tensor.data, ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(data, shape).copy()

    def close(self):
        self.library.heddle_free_context(self.context)
        self.library.heddle_close(self.model)


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
        mine = Detector(artifact)
        self.addCleanup(mine.close)
        state, rate = np.zeros((2, 1, 128), np.float32), np.array(RATE, np.int64)
        takes_rate = "sr" in [given.name for given in support.session(path).get_inputs()]
        mine.bind("state", state)
        if takes_rate:
            mine.bind("sr", rate)
        mine.bind_state("stateN", "state")
        got, want = [], []
        for frame in frames():
            feeds = {"input": frame, "state": state, **({"sr": rate} if takes_rate else {})}
            probability, state = support.session(path).run(None, feeds)
            got.append(mine.run(frame))
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
