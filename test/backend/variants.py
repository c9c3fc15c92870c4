#!/usr/bin/env python3
"""Runs backend cases drawn by a seed with free dimensions, or with inputs turned into constants of the model.

Usage: variants.py [--build DIR] [--device cpu] [--mode symbolic|constant|both] [--filter REGEX] [--count 300]
                   [--seed N] [--jobs N]
The cases are those of DEVICE.txt. A variant may be refused (exit code 3), for sizes that nobody gives at compile time
decide more than they did; any other answer than the case's own is a failure. The last line is the sum.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

import onnx

import run as cases


def make_symbolic(model, case, folder, rng):
    """Every input dimension becomes a symbol of its own, but for a few that stay."""
    for number, value in enumerate(model.graph.input):
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            if rng.random() < 0.8:
                dim.dim_param = f"d{number}_{axis}"
    for value in model.graph.output:
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            dim.ClearField("value")
    for data in sorted(case.glob("test_data_set_*")):
        shutil.copytree(data, folder / data.name)


def make_constant(model, case, folder, rng):
    """Some inputs become initializers with the values of the first data set, the others move up."""
    data = case / "test_data_set_0"
    (folder / data.name).mkdir()
    kept = []
    for number, value in enumerate(list(model.graph.input)):
        path = data / f"input_{number}.pb"
        if path.exists() and value.type.HasField("tensor_type") and rng.random() < 0.6:
            tensor = onnx.TensorProto.FromString(path.read_bytes())
            tensor.name = value.name
            model.graph.initializer.append(tensor)
            continue
        if path.exists():
            shutil.copy(path, folder / data.name / f"input_{len(kept)}.pb")
        kept.append(value)
    model.ir_version = max(model.ir_version, 4)  # Before, every initializer had to be an input too.
    del model.graph.input[:]
    model.graph.input.extend(kept)
    for path in data.glob("output_*.pb"):
        shutil.copy(path, folder / data.name)


MODES = {"symbolic": make_symbolic, "constant": make_constant}


def try_variant(heddle, name, mode, seed, device, random_outputs):
    case = cases.backend_data() / name
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        model = onnx.load(case / "model.onnx")
        MODES[mode](model, case, folder, random.Random(f"{seed}/{name}"))
        onnx.save(model, folder / "model.onnx")
        code, message = cases.execute(heddle, folder, device)
    outcome = cases.judge(name, code, message, set(), random_outputs)
    return cases.Outcome(f"{mode} {name}", outcome.verdict, outcome.reason)


def main():
    parser = argparse.ArgumentParser(description="Runs variants of ONNX's backend cases.")
    parser.add_argument("--build", default=str(cases.HERE.parent.parent / "build"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--mode", choices=[*MODES, "both"], default="both")
    parser.add_argument("--filter", default="", help="only names that match")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    heddle = pathlib.Path(arguments.build, "bin", "heddle").resolve()
    listed = sorted(cases.read_list(cases.HERE / f"{arguments.device.split(':')[0]}.txt"))
    listed = [name for name in listed if re.search(arguments.filter, name)]
    random_outputs = cases.read_list(cases.HERE / "random.txt")
    rng = random.Random(arguments.seed)
    modes = list(MODES) if arguments.mode == "both" else [arguments.mode]
    drawn = [(name, modes[number % len(modes)]) for number, name in enumerate(rng.sample(listed, min(arguments.count, len(listed))))]

    def one(pair):
        return try_variant(heddle, *pair, arguments.seed, arguments.device, random_outputs)

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(one, drawn))
    cases.report(outcomes, {outcome.name for outcome in outcomes}, arguments.device)
    verdicts = [outcome.verdict for outcome in outcomes]
    print(", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("passed", "failed", "skipped")))
    return 1 if "failed" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
