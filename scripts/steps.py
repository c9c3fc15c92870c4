"""Shared by the demo and the examples: timed steps, and commands that must succeed."""
import contextlib
import pathlib
import subprocess
import sys
import time


@contextlib.contextmanager
def step(name):
    start = time.monotonic()
    yield
    print(f"-- {name:<28} {time.monotonic() - start:7.1f} s\n", flush=True)


def run(*command):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        script, program = pathlib.Path(sys.argv[0]).stem, pathlib.Path(str(command[0])).name
        sys.exit(f"{script}: {program}: exit code {done.returncode}\n{done.stderr}{done.stdout}")
    return done.stdout
