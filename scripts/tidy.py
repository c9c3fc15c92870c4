#!/usr/bin/env python3
"""Runs clang-tidy over Heddle's sources, tests left out, and prints the findings, then `N passed, N failed, 0 skipped`.

Usage: tidy.py --build DIR [--cache DIR]
A file found quiet is not read again until it, a header of ours that it includes, its command line, the checks or clang
change: it takes about 10 s per file that includes MLIR. What is known to be quiet is kept in the cache, as empty files.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = {"codegen", "compiler", "ir", "passes", "runtime", "tools"}
CLANG_TIDY = "clang-tidy-22"


def sources(build):
    """(file, compile command) of every source that is checked."""
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.suffix == ".cpp" and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS:
            yield path, entry["command"]


def dependencies(build):
    """Per object file, the headers of ours that ninja saw its compiler read; generated ones are among them."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found = {}
    for block in listing.split("\n\n"):
        name, _, rest = block.partition(":")
        paths = (pathlib.Path(build, line.strip()) for line in rest.splitlines()[1:])
        found[name] = sorted(path for path in paths if path.is_relative_to(ROOT) and path.suffix != ".pch")
    return found


def fingerprint(path, command, headers, common):
    digest = hashlib.sha256(common)
    digest.update(command.replace(str(ROOT), "").encode())
    for file in [path, *headers]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def tidy(build, path, stamp):
    """What clang-tidy says about the file; empty if it is quiet, which the stamp keeps."""
    done = subprocess.run([CLANG_TIDY, "-quiet", "-p", build, str(path)], capture_output=True, text=True)
    if done.returncode == 0 and not done.stdout.strip():
        stamp.touch()
        return ""
    return (done.stdout + done.stderr).strip() or f"{path}: clang-tidy ended with {done.returncode}"


def main():
    parser = argparse.ArgumentParser(description="Runs clang-tidy over what has changed since it was quiet.")
    parser.add_argument("--build", required=True, help="build folder, built")
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "heddle-tidy")
    parser.add_argument("--cache", default=default, type=pathlib.Path, help="folder of what is known to be quiet")
    arguments = parser.parse_args()
    build = str(pathlib.Path(arguments.build).resolve())
    arguments.cache.mkdir(parents=True, exist_ok=True)

    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()
    headers = dependencies(build)
    pending, quiet = [], 0
    for path, command in sources(build):
        output = re.search(r" -o (\S+)", command)[1]
        stamp = arguments.cache / fingerprint(path, command, headers.get(output, []), common)
        quiet += stamp.exists()
        if not stamp.exists():
            pending.append((path, stamp))
    print(f"{quiet} files are known to be quiet, {len(pending)} are read", flush=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for findings in pool.map(lambda source: tidy(build, *source), pending):
            if findings:
                failed += 1
                print(findings, flush=True)
    print(f"{quiet + len(pending) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
