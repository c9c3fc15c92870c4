#!/usr/bin/env python3
"""Latency beside ONNX Runtime and OpenVINO, as Markdown.

    python bench/compare.py [--models resnet50,gpt2] [--graphs DIR] [--threads 1,2] [-o bench/results/DATE-speed.md]

Each program runs in a process of its own, one after another, round by round, so that a change of the machine's load
hits all of them. A ratio is the median over rounds of our median latency by the peer's median latency in the same
round. Afterwards the kernels that took most of the time follow, as `heddle bench` measured them.
Needs the packages of requirements.txt and requirements-bench.txt.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import models
import numpy as np

ROOT = models.ROOT
WARMUP_RUNS = 3
LEAST_RUNS = 5
KERNELS_SHOWN = 8


def median_latency(run, seconds):
    """Milliseconds."""
    for _ in range(WARMUP_RUNS):
        run()
    latencies = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(latencies) < LEAST_RUNS:
        begin = time.perf_counter()
        run()
        latencies.append(time.perf_counter() - begin)
    return float(np.median(latencies)) * 1e3


def onnxruntime_runner(path, feeds, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feeds)


def openvino_runner(path, feeds, threads):
    import openvino

    # Full precision, as ours; one stream, because one caller waits for each result.
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1}
    model = openvino.Core().read_model(path)
    request = openvino.compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer(feeds, share_inputs=True, share_outputs=True)


PEERS = {"onnxruntime": onnxruntime_runner, "openvino": openvino_runner}


def peer_main(arguments):
    """The process of one peer: prints its median latency."""
    name, path, inputs, threads, seconds = arguments
    runner = PEERS[name](path, dict(np.load(inputs)), int(threads))
    print(median_latency(runner, float(seconds)))


def measure_peer(name, path, inputs, threads, seconds):
    command = [sys.executable, __file__, "--peer", name, path, inputs, threads, seconds]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {name}: {done.stderr[-400:]}")
    return float(done.stdout.split()[-1])


def measure_heddle(heddle, path, inputs, threads, seconds):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        command = [heddle, "bench", path, "--inputs", inputs, "--threads", threads, "--duration", seconds]
        done = subprocess.run(list(map(str, command + ["--json", report])), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench: heddle: exit code {done.returncode}: {done.stderr[-400:]}")
        return json.loads(report.read_text())


class Comparison:
    """One model at one number of threads."""

    def __init__(self, model, threads, rounds):
        self.model = model
        self.threads = threads
        self.rounds = rounds
        self.report = rounds[0]["heddle"]
        self.load = max(each["load"] for each in rounds)

    def latency(self, name):
        if name == "heddle":
            return float(np.median([each["heddle"]["latency_ms"]["median"] for each in self.rounds]))
        return float(np.median([each[name] for each in self.rounds]))

    def ratio(self, name):
        return float(np.median([each["heddle"]["latency_ms"]["median"] / each[name] for each in self.rounds]))

    def row(self):
        cells = [self.model, self.threads, f"{self.latency('heddle'):.2f}"]
        for name in PEERS:
            cells += [f"{self.latency(name):.2f}", f"{self.ratio(name):.2f}"]
        compile_ms = self.report["compile_ms"]
        cells += [f"{compile_ms['cold'] / 1e3:.2f}", f"{compile_ms['warm'] / 1e3:.2f}"]
        cells += [f"{self.report['peak_bytes'] / 2**20:.0f}", f"{self.report['arena_bytes'] / 2**20:.1f}"]
        return row(cells + [f"{self.load:.1f}"])

    def kernels(self):
        lines = [f"\n### {self.model}, {self.threads} thread{'s' * (self.threads > 1)}\n"]
        lines += [row(["ms", "share", "calls", "of peak", "kernel", "ONNX nodes"]), row(["---"] * 6)]
        steps = sorted(self.report["kernels"], key=lambda step: -step["ms"])
        for step in steps[:KERNELS_SHOWN]:
            nodes = step["nodes"] if len(step["nodes"]) < 80 else step["nodes"][:77] + "..."
            figures = [f"{step['ms']:.3f}", f"{step['share']:.0%}", f"{step['calls']:g}", share_of_peak(step)]
            lines.append(row(figures + [f"`{step['name']}`", nodes]))
        rest = steps[KERNELS_SHOWN:]
        if rest:
            total = sum(step["ms"] for step in rest)
            share = sum(step["share"] for step in rest)
            lines.append(row([f"{total:.3f}", f"{share:.0%}", len(rest), "", "others", ""]))
        return "\n".join(lines)


def share_of_peak(step):
    """The larger of the shares of arithmetic and of memory bandwidth: the one that could limit the kernel."""
    flops, bandwidth = step.get("peak_flops_share"), step.get("peak_bandwidth_share")
    if flops is None or bandwidth is None:
        return ""
    return f"{flops:.0%} FLOPs" if flops >= bandwidth else f"{bandwidth:.0%} bytes"


def row(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    names = {line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")}
    return f"{', '.join(sorted(names))}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"


def commit():
    named = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return named.stdout.strip()


def compare(options, name, threads):
    path = models.prepare(name, options.graphs, options.work)
    inputs = options.work / f"{name}.npz"
    np.savez(inputs, **models.feeds(name, path))
    rounds = []
    for _ in range(options.rounds):
        measured = {"load": os.getloadavg()[0]}
        measured["heddle"] = measure_heddle(options.heddle, path, inputs, threads, options.seconds)
        for peer in PEERS:
            measured[peer] = measure_peer(peer, path, inputs, threads, options.seconds)
        rounds.append(measured)
    return Comparison(name, threads, rounds)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(models.MODELS))
    parser.add_argument("--graphs", type=pathlib.Path, action="append", default=[], help="graphs without weights")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--heddle", type=pathlib.Path, default=ROOT / "build/bin/heddle")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/bench", help="where models get weights")
    parser.add_argument("-o", "--output", type=pathlib.Path)
    options = parser.parse_args()
    options.graphs.append(ROOT / "test/models")
    return options


def main():
    options = parse_arguments()
    head = ["model", "threads", "ms", "ONNX Runtime ms", "ratio", "OpenVINO ms", "ratio"]
    head += ["compile cold s", "warm s", "peak MiB", "arena MiB", "load"]
    lines = ["# Latency beside ONNX Runtime 1.31.1 and OpenVINO 2026.4.1\n"]
    lines += [f"{datetime.date.today()}, commit {commit()}; {machine()}; medians of {options.rounds} rounds."]
    lines += ["Ratios above 1 mean that the peer is faster.\n", row(head), row(["---"] * len(head))]
    print("\n".join(lines), flush=True)
    comparisons = []
    for name in options.models.split(","):
        for threads in map(int, options.threads.split(",")):
            comparisons.append(compare(options, name, threads))
            lines.append(comparisons[-1].row())
            print(lines[-1], flush=True)
    details = "\n## Where the time goes\n" + "\n".join(each.kernels() for each in comparisons)
    print(details)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n" + details + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer_main(sys.argv[2:])
    else:
        main()
