"""The models that the benchmarks run, with weights and inputs: the same on every machine."""
import pathlib
import subprocess
import sys
import zipfile

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test/models"))

import weights  # noqa: E402  (found through the path above)

OCR_PACKAGE = "rapidocr-onnxruntime==1.4.4"
IMAGE = {"input": (1, 3, 224, 224)}

# Shapes of inputs by name; what is not listed takes its sizes from `SIZES`.
MODELS = {
    "resnet50": IMAGE,
    "mobilenet_v2": IMAGE,
    "efficientnet_b0": IMAGE,
    "vit_b_16": IMAGE,
    "bert_base": {},
    "gpt2": {},
    "ch_PP-OCRv4_det_infer": {"x": (1, 3, 640, 640)},
    "ch_PP-OCRv4_rec_infer": {"x": (1, 3, 48, 320)},
}

# bert_base reads 128 tokens; gpt2 adds one token to a past of 128.
SIZES = {
    "bert_base": {"batch": 1, "seq": 128},
    "gpt2": {"batch": 1, "seq": 1, "past": 128, "past_plus_seq": 129},
}

TYPES = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.INT64: np.int64}


def fetch_ocr(folder):
    """The text models of a Python package, which are never committed."""
    wheels = list(folder.glob("rapidocr_onnxruntime-*.whl"))
    if not wheels:
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, OCR_PACKAGE]
        subprocess.run(download, check=True)
        wheels = list(folder.glob("rapidocr_onnxruntime-*.whl"))
    with zipfile.ZipFile(wheels[0]) as wheel:
        for name in wheel.namelist():
            if name.endswith(".onnx"):
                (folder / pathlib.Path(name).name).write_bytes(wheel.read(name))


def prepare(name, graphs, folder):
    """The model's path, with weights beside it. `graphs` are the folders where graphs without weights may lie."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    if path.exists():
        return path
    for source in graphs:
        if (source / path.name).exists():
            return weights.fill(source / path.name, folder)
    if name.startswith("ch_PP-OCR"):
        fetch_ocr(folder)
    if not path.exists():
        sys.exit(f"bench: there is no {path.name} in {', '.join(map(str, graphs))}; name its folder with --graphs")
    return path


def feeds(name, path):
    """Seeded inputs: normal floats, token ids, positions after the past, masks of ones."""
    graph = onnx.load(path, load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    generator = np.random.default_rng(0)
    sizes = SIZES.get(name, {})
    result = {}
    for port in graph.input:
        if port.name in constants:
            continue
        tensor = port.type.tensor_type
        declared = [dim.dim_value if dim.HasField("dim_value") else sizes.get(dim.dim_param) for dim in tensor.shape.dim]
        shape = MODELS[name].get(port.name) or declared
        kind = TYPES[tensor.elem_type]
        if kind is np.float32:
            result[port.name] = generator.standard_normal(shape, np.float32)
        elif "mask" in port.name:
            result[port.name] = np.ones(shape, kind)
        elif "position" in port.name:
            result[port.name] = np.arange(shape[1], dtype=kind).reshape(1, -1) + sizes.get("past", 0)
        else:
            result[port.name] = generator.integers(0, 2, shape)
    return result
