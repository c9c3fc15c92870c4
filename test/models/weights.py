"""Draws the weights of a graph whose initializers are external, the same ones each time."""
import hashlib
import math
import pathlib

import numpy as np
import onnx

TYPES = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16}


def draw(tensor):
    """Values that keep activations near one: spread by fan-in for matrices, around one for the scales of norms."""
    seed = int.from_bytes(hashlib.sha256(tensor.name.encode()).digest()[:8], "little")
    shape = tuple(tensor.dims)
    values = np.random.default_rng(seed).standard_normal(shape, np.float32)
    if len(shape) < 2:
        mean = 0.0 if "bias" in tensor.name else 1.0
        return mean + 0.1 * values
    fan_in = math.prod(shape[1:]) if len(shape) > 2 else shape[0]
    return values / np.float32(math.sqrt(fan_in))


def fill(graph, folder):
    """Copies `graph` into `folder`, with its weights beside it. Returns the path of the copy."""
    copy = pathlib.Path(folder, pathlib.Path(graph).name)
    copy.write_bytes(pathlib.Path(graph).read_bytes())
    for tensor in onnx.load(graph, load_external_data=False).graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        place = {entry.key: entry.value for entry in tensor.external_data}
        path = copy.parent / place["location"]
        with open(path, "r+b" if path.exists() else "w+b") as file:
            file.seek(int(place["offset"]))
            file.write(draw(tensor).astype(TYPES[tensor.data_type]).tobytes())
    return copy
