#!/usr/bin/env python3
"""Runs all tests, two groups at a time, and prints per group the time and the counts, and the sum as the last line.

Usage: check.py [--full] [--fail-fast] [--build DIR] [--skip GROUP]... [GROUP...]
A group that fails prints what it wrote; every group's output is kept in BUILD/test/logs. Exit code 1 if a test failed.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOBS = str(len(os.sched_getaffinity(0)))
CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def count_unittest(output, _build):
    """The summary of Python's unittest: `Ran 7 tests in 1s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`."""
    ran = re.search(r"^Ran (\d+) tests?", output, re.M)
    if not ran:
        return Counts(failed=1)
    figures = dict(re.findall(r"(\w+)=(\d+)", output[ran.end() :]))
    failed = int(figures.get("failures", 0)) + int(figures.get("errors", 0))
    skipped = int(figures.get("skipped", 0))
    return Counts(int(ran[1]) - failed - skipped, failed, skipped)


def count_closing_line(output, _build):
    lines = CLOSING_LINE.findall(output)
    return Counts(*map(int, lines[-1])) if lines else Counts(failed=1)


def count_ctest(_output, build, selection=()):
    """Counts what each GoogleTest program reported; one that left no report crashed, which is one failure."""
    listing = subprocess.run(
        ["ctest", "--test-dir", build, *selection, "--show-only=json-v1"], capture_output=True, text=True, check=True
    )
    total = Counts()
    for test in json.loads(listing.stdout)["tests"]:
        report = pathlib.Path(build, "test", "results", test["name"] + ".json")
        total += count_googletest(json.loads(report.read_text())) if report.exists() else Counts(failed=1)
    return total


def count_googletest(report):
    total = Counts()
    for suite in report["testsuites"]:
        for case in suite["testsuite"]:
            if case.get("failures"):
                total.failed += 1
            elif case["result"] == "COMPLETED":
                total.passed += 1
            else:
                total.skipped += 1
    return total


def count_lit(_output, build):
    report = pathlib.Path(build, "test", "results", "lit.json")
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for test in json.loads(report.read_text())["tests"]:
        if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
            total.passed += 1
        elif test["code"] in ("UNSUPPORTED", "SKIPPED", "EXCLUDED"):
            total.skipped += 1
        else:
            total.failed += 1
    return total


@dataclasses.dataclass
class Group:
    name: str
    command: list
    count: object  # called with the output and the build folder


def unittest_group(name, folder, python):
    return Group(name, [python, "-m", "unittest", "discover", "-s", str(folder), "-t", str(folder)], count_unittest)


def sanitizer_group(preset, *selection):
    """Unit tests in plain C++, rebuilt with a sanitizer; MLIR's own libraries are not instrumented."""
    build = str(ROOT / f"build-{preset}")
    command = [str(ROOT / "scripts/sanitize.sh"), preset, "-L", "plain", *selection]
    return Group(preset, command, lambda output, _: count_ctest(output, build, command[2:]))


def groups(build, full):
    """The long groups come first, so that the two lanes end at about the same time."""
    python = str(ROOT / "build/venv/bin/python")
    lit = shutil.which("lit", path="/usr/lib/llvm-22/bin") or shutil.which("lit")
    report = f"{build}/test/results/lit.json"
    found = []
    if full:
        found.append(Group("tidy", [python, str(ROOT / "scripts/tidy.py"), "--build", build], count_closing_line))
        found.append(sanitizer_group("asan"))
        # What runs on one thread has nothing to show to the thread sanitizer, and is slow under it.
        found.append(sanitizer_group("tsan", "-E", "^(Format|HeddleIO)Test$"))
    backend = [python, str(ROOT / "test/backend/run.py"), "--build", build]
    if (ROOT / "tools/heddle").exists():
        found.append(Group("backend-cpu", backend, count_closing_line))
        # The simulator is slow and the CPU has shown the meaning: the cases that it is known to pass must still pass.
        listed = [] if full else ["--listed"]
        found.append(Group("backend-sim", backend + ["--device", "sim", *listed], count_closing_line))
    found.append(Group("lit", [lit, "-j", JOBS, "-s", "-v", "-o", report, f"{build}/test"], count_lit))
    found.append(Group("unit", ["ctest", "--test-dir", build, "-j", JOBS, "--output-on-failure"], count_ctest))
    folders = sorted({path.parent for path in ROOT.glob("test/*/test_*.py")})
    return found + [unittest_group(folder.name, folder, python) for folder in folders]


def run_group(group, build, full):
    start = time.monotonic()
    environment = dict(os.environ, HEDDLE_BUILD=build, HEDDLE_FULL="1" if full else "")
    done = subprocess.run(
        group.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=ROOT
    )
    output = done.stdout.decode("utf8", "replace")
    pathlib.Path(build, "test", "logs", group.name + ".log").write_text(output)
    counts = group.count(output, build)
    if done.returncode != 0 and counts.failed == 0:
        counts.failed = 1
    if counts.failed:
        print(output.rstrip(), flush=True)
    print(f"-- {group.name:<28} {time.monotonic() - start:7.1f} s   {counts}", flush=True)
    return counts


def main():
    parser = argparse.ArgumentParser(description="Runs Heddle's tests.")
    parser.add_argument("--full", action="store_true", help="the long batteries too")
    parser.add_argument("--fail-fast", action="store_true", help="quick groups first, none begins after a failure")
    parser.add_argument("--build", default=str(ROOT / "build"), help="build folder")
    parser.add_argument("--skip", action="append", default=[], help="not this group")
    parser.add_argument("groups", nargs="*", help="only these groups")
    arguments = parser.parse_args()
    build = str(pathlib.Path(arguments.build).resolve())
    for folder in ("results", "logs"):
        shutil.rmtree(f"{build}/test/{folder}", ignore_errors=True)
        os.makedirs(f"{build}/test/{folder}")

    wanted = groups(build, arguments.full)
    unknown = set(arguments.groups) - {group.name for group in wanted}
    if unknown:
        parser.error(f"unknown group {sorted(unknown)[0]}, expected one of {', '.join(g.name for g in wanted)}")
    chosen = set(arguments.groups or [group.name for group in wanted]) - set(arguments.skip)
    wanted = [group for group in wanted if group.name in chosen]

    failed = threading.Event()

    def run_unless_failed(group):
        if failed.is_set():
            return Counts()
        counts = run_group(group, build, arguments.full)
        if arguments.fail_fast and counts.failed:
            failed.set()
        return counts

    if arguments.fail_fast:
        wanted.reverse()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as lanes:
        total = sum(lanes.map(run_unless_failed, wanted), Counts())
    pathlib.Path(build, "test", "summary").write_text(f"{total}\n")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
