#!/usr/bin/env python3
"""Runs ONNX's backend cases through `heddle run --test-dir`, one process per case, and compares with a committed list.

Usage: run.py [--build DIR] [--device cpu] [--jobs N] [--filter REGEX] [--listed] [--update]
A case passes if its outputs agree, is skipped if `heddle` says that it cannot compile it (exit code 3) or if its outputs
are random, and fails otherwise: a wrong answer, a crash, a time-out, a malformed message, or a case of DEVICE.txt that
does not pass any more. --listed runs the cases of that list only; --update writes it anew. The last line is the sum.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import importlib.util
import os
import pathlib
import re
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")
TIMEOUT = 60
MEMORY = 16 << 30
UNSUPPORTED = 3


@dataclasses.dataclass
class Outcome:
    name: str
    verdict: str  # passed, failed or skipped
    reason: str = ""


def backend_data():
    """The cases' folder in the installed onnx package, found without importing it."""
    return pathlib.Path(importlib.util.find_spec("onnx").origin).parent / "backend/test/data"


def read_list(path):
    """One name per line; `#` starts a comment."""
    if not path.exists():
        return set()
    return {line.split("#")[0].strip() for line in path.read_text().splitlines()} - {""}


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def execute(heddle, case, device):
    """Exit code (negative for a signal, None for a time-out) and the last line of the messages."""
    command = [heddle, "run", case / "model.onnx", "--device", device]
    for folder in sorted(case.glob("test_data_set_*")):
        command += ["--test-dir", folder]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, preexec_fn=limit_memory
        )
    except subprocess.TimeoutExpired:
        return None, f"no end after {TIMEOUT} s"
    lines = done.stderr.decode("utf8", "replace").strip().splitlines()
    return done.returncode, lines[-1] if lines else ""


def judge(name, code, message, listed, random):
    if name in random:
        return Outcome(name, "skipped" if code in (0, UNSUPPORTED) else "failed", "random outputs" if code == 0 else message)
    if code == 0:
        return Outcome(name, "passed")
    if code == UNSUPPORTED and name in listed:
        return Outcome(name, "failed", f"passed before: {message}")
    if code == UNSUPPORTED and message:
        return Outcome(name, "skipped", message)
    ended = "time-out" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"
    return Outcome(name, "failed", f"{ended}: {message}")


def reason_class(message):
    """A message without what differs from case to case: the node's place in the graph, quoted names."""
    bare = re.sub(r"^(.*?error: )?graph\S*: ", "", message)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "...", bare)[:100]


def report(outcomes, listed, device):
    for outcome in outcomes:
        if outcome.verdict == "failed":
            print(f"FAILED {outcome.name}: {outcome.reason}")
    reasons = collections.Counter(reason_class(o.reason) for o in outcomes if o.verdict == "skipped")
    for reason, count in reasons.most_common(40):
        print(f"{count:6}  {reason}")
    fresh = [o.name for o in outcomes if o.verdict == "passed" and o.name not in listed]
    if fresh:
        print(f"{len(fresh)} cases pass that {device}.txt does not list, such as {fresh[0]}: run with --update")
    ops = {re.sub(r"^test_", "", o.name.split("/")[1]).split("_")[0] for o in outcomes if o.verdict == "passed"}
    print(f"passing cases begin with {len(ops)} different words")


def main():
    parser = argparse.ArgumentParser(description="Runs ONNX's backend cases.")
    parser.add_argument("--build", default=str(HERE.parent.parent / "build"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--filter", default="", help="only names that match")
    parser.add_argument("--listed", action="store_true", help="only the cases of the committed list")
    parser.add_argument("--update", action="store_true", help="write the committed list anew")
    arguments = parser.parse_args()

    heddle = pathlib.Path(arguments.build, "bin", "heddle").resolve()
    data = backend_data()
    listing = HERE / f"{arguments.device.split(':')[0]}.txt"
    listed, random = read_list(listing), read_list(HERE / "random.txt")
    names = sorted(f"{kind}/{case.name}" for kind in KINDS for case in (data / kind).iterdir() if (case / "model.onnx").exists())
    names = [name for name in names if re.search(arguments.filter, name) and (name in listed or not arguments.listed)]
    gone = listed - set(names) if not arguments.filter else set()

    def one(name):
        return judge(name, *execute(heddle, data / name, arguments.device), listed, random)

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(one, names))
    outcomes += [Outcome(name, "failed", "listed, but there is no such case") for name in sorted(gone)]
    report(outcomes, listed, arguments.device)
    if arguments.update:
        passing = [outcome.name for outcome in outcomes if outcome.verdict == "passed"]
        listing.write_text(f"# Backend cases that pass on {arguments.device}; written by run.py --update.\n" + "\n".join(passing) + "\n")
    counts = collections.Counter(outcome.verdict for outcome in outcomes)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
