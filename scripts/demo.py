#!/usr/bin/env python3
"""The demo: the OCR models of a Python package find and read lines of text that it draws into a picture.

Prints the text that was read beside the text that was drawn, one fused kernel as CUDA source, the same model on the
simulated GPU, and the memory plan as a picture. Everything it makes lands in build/demo.
"""
import pathlib
import sys
import zipfile

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import textlines
from steps import run, step

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/bin"
DEMO = ROOT / "build/demo"
PACKAGE = "rapidocr-onnxruntime==1.4.4"
DETECTOR, RECOGNISER, CLASSIFIER = "ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer", "ch_ppocr_mobile_v2.0_cls_infer"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
PICTURE_SIZE = (640, 384)  # Multiples of 32, as the detector wants them.
LINES = [
    ((40, 30), 34, "A heddle guides the warp."),
    ((60, 110), 28, "Symbols stay free until a run."),
    ((40, 180), 24, "One artifact, every width: 48 x 320"),
    ((120, 250), 40, "Kernels 2026"),
    ((40, 330), 22, "Read by detector and recogniser."),
]


def fetch_models():
    """The models of the Python package, which are never committed, by name."""
    models = {name: DEMO / f"{name}.onnx" for name in (DETECTOR, RECOGNISER, CLASSIFIER)}
    if not all(path.exists() for path in models.values()):
        run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", DEMO, PACKAGE)
        with zipfile.ZipFile(next(DEMO.glob("rapidocr_onnxruntime-*.whl"))) as wheel:
            for entry in wheel.namelist():
                if (name := pathlib.PurePath(entry).stem) in models and entry.endswith(".onnx"):
                    models[name].write_bytes(wheel.read(entry))
    return models


def draw_text():
    """The picture as u8 [height, width, 3]; saved as build/demo/text.png."""
    picture = Image.new("RGB", PICTURE_SIZE, "white")
    pen = ImageDraw.Draw(picture)
    for place, size, text in LINES:
        pen.text(place, text, fill="black", font=ImageFont.truetype(FONT, size))
    picture.save(DEMO / "text.png")
    return np.asarray(picture)


def infer(model, name, x):
    """The only output of a model whose only input is `x`."""
    np.savez(DEMO / f"{name}.in.npz", x=x)
    run(BIN / "heddle", "run", model, "--inputs", DEMO / f"{name}.in.npz", "--outputs", DEMO / f"{name}.out.npz")
    with np.load(DEMO / f"{name}.out.npz") as outputs:
        return next(iter(outputs.values()))


def compile_models(models):
    artifacts = {}
    for name in (DETECTOR, RECOGNISER):
        artifacts[name] = DEMO / f"{name}.hdl"
        run(BIN / "heddle", "compile", models[name], "-o", artifacts[name])
        print(f"{artifacts[name].relative_to(ROOT)}: {artifacts[name].stat().st_size / 1e6:.1f} MB, any picture size")
    return artifacts


def read_text(models, artifacts, picture):
    """Finds the lines, reads each, and prints both columns; True if all were read as they were drawn."""
    with step("find the lines"):
        boxes = textlines.find_lines(infer(artifacts[DETECTOR], "lines", textlines.detector_input(picture))[0, 0])
        print(f"{len(boxes)} lines in {DEMO.relative_to(ROOT)}/text.png, {len(LINES)} drawn")
    with step("read them"):
        alphabet = textlines.alphabet(models[RECOGNISER])
        read = []
        for box in boxes:
            scores = infer(artifacts[RECOGNISER], "line", textlines.recogniser_input(picture, box))
            read.append(textlines.decode(scores[0], alphabet))
        right = 0
        for position, (_, _, drawn) in enumerate(LINES):
            text = read[position] if position < len(read) else ""
            right += text.replace(" ", "") == drawn.replace(" ", "")
            print(f"  drawn  {drawn}\n  read   {text}")
    return right == len(LINES) == len(boxes)


def show_kernel(model):
    """One fused kernel as CUDA source: the shortest of those that compute several ONNX nodes, as it is read in full."""
    folder = DEMO / "cuda"
    with step("emit CUDA"):
        run(BIN / "heddle", "compile", model, "--device", "sim", "--emit", "cuda", "-o", folder)
        sources = {path: path.read_text() for path in sorted(folder.rglob("*.cu"))}
        fused = {path: text for path, text in sources.items() if text.count(";  // ") > 2}
        path = min(fused or sources, key=lambda path: len(sources[path]))
        print(f"{len(sources)} kernels; {path.relative_to(ROOT)}:\n\n{sources[path]}")


def simulate(model):
    """Which way up is a line? Asked on the CPU and on the simulated GPU, which checks every access."""
    x = textlines.recogniser_input(np.asarray(Image.open(DEMO / "text.png")), (0, 20, 192, 84))[:, :, :, :192]
    np.savez(DEMO / "line.npz", x=np.pad(x, [(0, 0), (0, 0), (0, 0), (0, 192 - x.shape[3])]))
    for device in ("cpu", "sim"):
        with step(f"the classifier on {device}"):
            print(run(BIN / "heddle", "run", model, "--device", device, "--inputs", DEMO / "line.npz"), end="")


def show_plan(model):
    """The arena over the steps of one run, as packed by heddle-pack: a letter per value, at its addresses and times."""
    with step("memory plan"):
        run(BIN / "heddle", "compile", model, "--shapes", "x:1x3x48x192", "--emit", "plan", "-o", DEMO / "plan")
        (DEMO / "plan.csv").write_text(textlines.plan_table((DEMO / "plan/plan.txt").read_text()))
        run(BIN / "heddle-pack", DEMO / "plan.csv", "--alignment", "64", "-o", DEMO / "packed.csv")
        print(textlines.plan_picture((DEMO / "packed.csv").read_text()))


def main():
    DEMO.mkdir(parents=True, exist_ok=True)
    with step("fetch the OCR models"):
        models = fetch_models()
    with step("draw the text"):
        picture = draw_text()
    with step("compile for the CPU"):
        artifacts = compile_models(models)
    is_right = read_text(models, artifacts, picture)
    show_kernel(models[CLASSIFIER])
    simulate(models[CLASSIFIER])
    show_plan(models[CLASSIFIER])
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
