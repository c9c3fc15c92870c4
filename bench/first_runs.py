#!/usr/bin/env python3
"""First runs at sizes never seen: one artifact of the text recogniser, compiled without `--shapes`, at 40 widths.

    python bench/first_runs.py [--widths 40] [--rounds 3] [--threads 1]

A free size must cost neither a compilation nor a slow first run. The artifact runs in one process through the C interface,
with no compiler in it; ONNX Runtime runs the same widths in a process of its own; loading is excluded on both sides.
Prints the sums of all first runs and the median ratio over rounds.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

import heddle_api
import models
import numpy as np

MODEL = "ch_PP-OCRv4_rec_infer"
HEIGHT = 48


def widths(count):
    """Distinct widths from 100 to 1000 in a seeded order, none of them a multiple of 8."""
    candidates = [width for width in range(100, 1000) if width % 8]
    return np.random.default_rng(0).permutation(candidates)[:count].tolist()


def picture(width):
    return np.random.default_rng(width).standard_normal((1, 3, HEIGHT, width), np.float32)


def timed(runner, count):
    """Milliseconds of each first run."""
    latencies = []
    for width in widths(count):
        image = picture(width)
        begin = time.perf_counter()
        runner(image)
        latencies.append((time.perf_counter() - begin) * 1e3)
    return latencies


def heddle_runner(path, threads):
    model = heddle_api.Model(path, threads)

    def run(image):
        model.bind({"x": image})
        model.run()

    return run


def onnxruntime_runner(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"x": image})


RUNNERS = {"heddle": heddle_runner, "onnxruntime": onnxruntime_runner}


def measure(name, path, options):
    command = [sys.executable, __file__, "--process", name, path, options.threads, options.widths]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {name}: {done.stderr[-400:]}")
    return [float(text) for text in done.stdout.split()]


def process_main(arguments):
    name, path, threads, count = arguments
    print(*timed(RUNNERS[name](path, int(threads)), int(count)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--heddle", type=pathlib.Path, default=models.ROOT / "build/bin/heddle")
    parser.add_argument("--work", type=pathlib.Path, default=models.ROOT / "build/bench")
    options = parser.parse_args()
    path = models.prepare(MODEL, [], options.work)
    artifact = options.work / f"{MODEL}.hdl"
    subprocess.run([options.heddle, "compile", path, "-o", artifact], check=True)
    ratios = []
    for _ in range(options.rounds):
        ours, theirs = measure("heddle", artifact, options), measure("onnxruntime", path, options)
        ratios.append(sum(ours) / sum(theirs))
        print(
            f"{options.widths} first runs: heddle {sum(ours):.0f} ms (slowest {max(ours):.0f}), "
            f"ONNX Runtime {sum(theirs):.0f} ms, ratio {ratios[-1]:.2f}, load {os.getloadavg()[0]:.1f}"
        )
    print(f"median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--process"]:
        process_main(sys.argv[2:])
    else:
        main()
