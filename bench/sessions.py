#!/usr/bin/env python3
"""Memory of a second session on one artifact: the weights are shared, so only an arena may come on top.

    python bench/sessions.py [--model bert_base] [--graphs DIR]

Opens an artifact twice in one process through the C interface, runs both, and prints what each adds to the resident
memory of the process. Pages of the mapped artifact count once, however often they are mapped (proportional set size).
"""
import argparse
import pathlib
import re
import subprocess
import sys

import heddle_api
import models

ALLOWED = 20 << 20


def resident():
    """Bytes, every page once."""
    rollup = pathlib.Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M).group(1)) * 1024


def add_session(artifact, feeds):
    """A session that has run once, and what it has added to the resident memory."""
    before = resident()
    model = heddle_api.Model(artifact, threads=1)
    model.bind(feeds)
    model.run()
    return model, resident() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bert_base", choices=models.MODELS)
    parser.add_argument("--graphs", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--heddle", type=pathlib.Path, default=models.ROOT / "build/bin/heddle")
    parser.add_argument("--work", type=pathlib.Path, default=models.ROOT / "build/bench")
    options = parser.parse_args()
    path = models.prepare(options.model, [*options.graphs, models.ROOT / "test/models"], options.work)
    artifact = options.work / f"{options.model}.hdl"
    subprocess.run([options.heddle, "compile", path, "-o", artifact], check=True)
    feeds = models.feeds(options.model, path)
    first, first_bytes = add_session(artifact, feeds)
    second, second_bytes = add_session(artifact, feeds)
    arena = second.arena_bytes()
    print(f"first session {first_bytes / 2**20:.1f} MiB, artifact {artifact.stat().st_size / 2**20:.1f} MiB")
    print(f"second session {second_bytes / 2**20:.1f} MiB, arena {arena / 2**20:.1f} MiB")
    first.close()
    second.close()
    if second_bytes > arena + ALLOWED:
        sys.exit(f"bench: a second session adds more than its arena and {ALLOWED >> 20} MiB")


if __name__ == "__main__":
    main()
