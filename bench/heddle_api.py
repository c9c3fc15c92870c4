"""The C interface of Heddle's runtime (runtime/api/heddle.h) from Python, as far as benchmarks and tests need it."""
import ctypes
import pathlib

import numpy as np

LIBRARY = pathlib.Path(__file__).resolve().parent.parent / "build/lib/libheddle_runtime.so"
TYPES = {np.dtype(np.float32): 1, np.dtype(np.int64): 7}


class Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("device", ctypes.c_char_p),
        ("threads", ctypes.c_int),
        ("lazy_verify", ctypes.c_int),
        ("memory_limit", ctypes.c_int64),
        ("poison_memory", ctypes.c_int),
    ]


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("type", ctypes.c_int),
        ("rank", ctypes.c_size_t),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
    ]


class Context:
    """Bindings and states on an open model. For one thread at a time; contexts of a model run side by side."""

    def __init__(self, library, model):
        self.library = library
        self.context = ctypes.c_void_p()
        self.check(self.library.heddle_create_context(model, ctypes.byref(self.context)))

    def close(self):
        self.library.heddle_free_context(self.context)

    def check(self, status):
        if status:
            raise RuntimeError(self.library.heddle_message().decode())

    def bind(self, feeds):
        """Lends arrays, which must live until they are bound again."""
        for name, array in feeds.items():
            shape = (ctypes.c_int64 * array.ndim)(*array.shape)
            tensor = Tensor(array.ctypes.data, TYPES[array.dtype], array.ndim, shape, None)
            self.check(self.library.heddle_bind_input(self.context, name.encode(), ctypes.byref(tensor)))

    def bind_state(self, output, given):
        """Feeds an output to this input of the next run."""
        self.check(self.library.heddle_bind_state(self.context, output.encode(), given.encode()))

    def run(self):
        self.check(self.library.heddle_run(self.context))

    def output(self, index):
        """A copy of an output of 32-bit floats."""
        tensor = Tensor()
        self.check(self.library.heddle_get_output(self.context, index, ctypes.byref(tensor)))
        shape = [tensor.shape[dim] for dim in range(tensor.rank)]
        data = ctypes.cast(tensor.data, ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(data, shape).copy()


class Model(Context):
    """An open artifact on the CPU, with one context."""

    def __init__(self, path, threads=None, library=LIBRARY):
        self.library = ctypes.CDLL(str(library))
        self.library.heddle_message.restype = ctypes.c_char_p
        self.library.heddle_arena_bytes.restype = ctypes.c_int64
        options = Options()
        self.library.heddle_options_init(ctypes.byref(options))
        if threads is not None:
            options.threads = threads
        self.model = ctypes.c_void_p()
        self.check(self.library.heddle_open(str(path).encode(), ctypes.byref(options), ctypes.byref(self.model)))
        super().__init__(self.library, self.model)

    def close(self):
        """After all other contexts."""
        super().close()
        self.library.heddle_close(self.model)

    def another(self):
        """A context beside the model's own."""
        return Context(self.library, self.model)

    def arena_bytes(self):
        return self.library.heddle_arena_bytes(self.model)
