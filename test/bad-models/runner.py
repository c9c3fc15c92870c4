"""Runs a program on a model under limits and tells what it did."""
import dataclasses
import os
import pathlib
import resource
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
HEDDLE = BUILD / "bin/heddle"
CHECK_MODEL = BUILD / "bin/unit/check-model"


@dataclasses.dataclass
class Outcome:
    code: int  # negative: killed by that signal
    seconds: float  # by the clock
    cpu_seconds: float
    peak_mb: float
    error: str
    left: list  # files in the folder that were not there before


def command_for(model):
    """`heddle run`, or until that is built, the program that only reads a model."""
    return [HEDDLE, "run", model] if HEDDLE.exists() else [CHECK_MODEL, model]


def everything_in(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def run(command, folder, timeout=20):
    """Runs `command` in `folder`; past the timeout it is killed, which shows as code -9."""
    before = everything_in(folder)
    limit_core = lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    start = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=limit_core,
    )
    timer = threading.Timer(timeout, process.kill)
    timer.start()
    error = process.stderr.read().decode("utf8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    left = sorted(everything_in(folder) - before)
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Outcome(process.returncode, time.monotonic() - start, cpu_seconds, usage.ru_maxrss / 1024, error, left)
