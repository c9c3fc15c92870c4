#!/usr/bin/env python3
"""Exports graphs drawn by a seed from torchvision, timm and transformers, and compares `heddle run` with ONNX Runtime.

Usage: export_graphs.py [--heddle PROGRAM] [--seed N] [--count 30] [--only REGEX] [--keep DIR]
Each graph has random weights, a small configuration, one of PyTorch's two exporters and an opset from 13 to 23, all
drawn. A graph agrees if every output at every binding is within 1e-3 of the largest value; what `heddle` cannot compile
(exit code 3) is counted apart; anything else fails. Needs torch, torchvision, timm, transformers, onnxscript and
onnxruntime, which nothing else in the project needs: `pip install torch torchvision timm transformers onnxscript`.
"""
import argparse
import contextlib
import io
import logging
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnxruntime
import torch

from exported_families import FAMILIES, Plain

UNSUPPORTED = 3
TOLERANCE = 1e-3


def draw(seed):
    """Graphs as (name, builder, exporter, opset, seed of its own), spread evenly over the families, in
    the order in which they are tried."""
    rng = random.Random(seed)
    pools = {family: rng.sample(sorted(builders), len(builders)) for family, builders in FAMILIES.items()}
    drawn = []
    while any(pools.values()):
        for family, pool in pools.items():
            if pool:
                name = pool.pop()
                exporter = rng.choice(("torchscript", "dynamo"))
                opset = rng.randint(13, 20) if exporter == "torchscript" else rng.randint(18, 23)
                drawn.append((f"{family}/{name}", FAMILIES[family][name], exporter, opset, rng.randrange(1 << 30)))
    return drawn


def export(subject, exporter, opset, path):
    """Writes the model; returns False if this exporter refuses it."""
    arguments = dict(
        input_names=list(subject.inputs), output_names=subject.outputs, opset_version=opset, dynamo=exporter == "dynamo"
    )
    if exporter == "dynamo":
        symbols = {name: torch.export.Dim.AUTO for axes in subject.free.values() for name in axes.values()}
        shapes = [{axis: symbols[name] for axis, name in subject.free.get(n, {}).items()} for n in subject.inputs]
        # A variable number of positional arguments is one argument to torch.export.
        shapes = (tuple(shapes),) if isinstance(subject.module, Plain) else tuple(shapes)
        arguments |= dict(dynamic_shapes=shapes, external_data=False, verbose=False)
    else:
        arguments |= dict(dynamic_axes=subject.free)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            torch.onnx.export(subject.module, subject.example(1), str(path), **arguments)
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        print(f"     ({type(error).__name__}: {reason[:100]})")
        return False
    return True


def difference(got, want):
    """The largest difference relative to the largest value; infinity for other shapes, types or NaNs."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return float("inf")
    if want.dtype.kind != "f" or want.size == 0:
        return float(np.any(got != want)) * float("inf") if want.size and np.any(got != want) else 0.0
    if np.any(np.isnan(got) != np.isnan(want)):
        return float("inf")
    if not np.all(np.isfinite(want) | (got == want) | np.isnan(want)):
        return float("inf")
    finite = np.isfinite(want)
    scale = max(float(np.max(np.abs(want[finite]), initial=0.0)), 1e-6)
    return float(np.max(np.abs(got[finite] - want[finite]), initial=0.0)) / scale


def references(subject, model, seed):
    """Inputs and ONNX Runtime's outputs for each binding; None if it refuses one, so that the graph is of no use."""
    pairs = []
    try:
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        taken = {entry.name for entry in session.get_inputs()}
        for binding in range(subject.bindings):
            torch.manual_seed(seed + binding)
            inputs = {name: value.numpy() for name, value in zip(subject.inputs, subject.example(binding)) if name in taken}
            pairs.append((inputs, dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))))
    except Exception as error:
        print(f"     (ONNX Runtime: {str(error).splitlines()[0][:150]})")
        return None
    return pairs


def compare(heddle, model, inputs, want, folder):
    """A verdict for one binding, with what there is to say about it."""
    np.savez(folder / "in.npz", **inputs)
    command = [heddle, "run", model, "--inputs", folder / "in.npz", "--outputs", folder / "out.npz"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    message = (done.stderr.strip().splitlines() or [""])[-1]
    if done.returncode:
        return "unsupported" if done.returncode == UNSUPPORTED else "failed", f"exit {done.returncode}: {message[:300]}"
    with np.load(folder / "out.npz") as outputs:
        worst = max(difference(outputs[name], value) for name, value in want.items())
    return "agrees" if worst <= TOLERANCE else "failed", f"difference {worst:.1e}"


def try_graph(heddle, graph, folder):
    """Verdict, detail, exporter and opset; the other exporter takes over where the drawn one fails."""
    name, build, drawn, opset, seed = graph
    model = folder / (re.sub(r"\W", "_", name) + ".onnx")
    for exporter in (drawn, "dynamo" if drawn == "torchscript" else "torchscript"):
        torch.manual_seed(seed)
        subject = build(random.Random(seed))
        opset = max(opset, 18) if exporter == "dynamo" else min(opset, 20)
        pairs = references(subject, model, seed) if export(subject, exporter, opset, model) else None
        if not pairs:
            continue
        for binding, (inputs, want) in enumerate(pairs):
            verdict, detail = compare(heddle, model, inputs, want, folder)
            if verdict != "agrees":
                return verdict, f"binding {binding}: {detail}", exporter, opset
        return verdict, detail, exporter, opset
    return "not exported", "", drawn, opset


def main():
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    parser = argparse.ArgumentParser(description="Compares exported graphs with ONNX Runtime.")
    parser.add_argument("--heddle", default=str(root / "build/bin/heddle"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--only", default="", help="only names that match")
    parser.add_argument("--keep", help="a folder for the models")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    onnxruntime.set_default_logger_severity(4)
    counts = {"agrees": 0, "unsupported": 0, "failed": 0, "not exported": 0}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for graph in draw(arguments.seed):
            judged = sum(counts.values()) - counts["not exported"]
            if judged == arguments.count or not re.search(arguments.only, graph[0]):
                continue
            verdict, detail, exporter, opset = try_graph(arguments.heddle, graph, folder)
            counts[verdict] += 1
            print(f"{verdict:12} {graph[0]:36} {exporter:11} opset {opset}  {detail}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
