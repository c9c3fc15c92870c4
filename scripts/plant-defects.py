#!/usr/bin/env python3
"""Plants one-token defects, one at a time, and sees whether the tests find them.

Usage: plant-defects.py [--seed N] [--count N]
Lines are drawn by the seed over passes, code generators, planner and simulator. Work happens in a tree of its own below
build-plant/, so the checkout stays as it is. Results are kept in build-plant/results.json: a second run with the same
seed continues. A defect that does not compile is drawn again; a survivor is printed for a person to judge. Exit code 1
if one survived.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLANT = ROOT / "build-plant"
TREE = PLANT / "tree"
WATCHED = ("passes/", "codegen/", "runtime/format/IntervalPacking", "runtime/format/Expr", "runtime/sim/", "runtime/host/")
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", " + ": " - ",
    " - ": " + ", " * ": " + ", " / ": " * ", " % ": " / ", "true": "false", "false": "true",
    "std::min": "std::max", "std::max": "std::min", "continue;": "break;",
}  # fmt: skip
TOKEN = re.compile(r" (<|<=|>|>=|==|!=|&&|\|\|) | [-+*/%] |\b(?:true|false|std::min|std::max)\b|continue;|\b\d+\b")
TIMEOUT = 1800


def run(*command, timeout=None):
    """Exit code and output; a command that runs out of time counts as failed."""
    try:
        done = subprocess.run(command, cwd=TREE, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return 124, "out of time"


def is_code(line):
    """Text that only people read, or that only asserts, would survive for no fault of the tests."""
    bare = line.strip()
    silent = ("//", "///", "*", "#", "assert", "case ", "return emitError", "template", "static_assert", "using ")
    return bare and not bare.startswith(silent) and '"' not in bare and "assert(" not in bare


def candidates(text):
    """Every place in `text` that can carry a defect: (line number, column, old token, new token)."""
    found = []
    for number, line in enumerate(text.split("\n")):
        if not is_code(line):
            continue
        for match in TOKEN.finditer(line.split("//")[0]):
            token = match[1] or match[0]
            new = SWAPS.get(token) or (str(int(token) + 1) if token.isdigit() else None)
            if new:
                found.append((number, match.start(1) if match[1] else match.start(), token, new))
    return found


def draw(generator, files):
    """One defect: a file weighted by its places, then a place."""
    places = [(name, place) for name in files for place in candidates((TREE / name).read_text())]
    name, (line, column, old, new) = generator.choice(places)
    return {"file": name, "line": line + 1, "column": column, "old": old, "new": new}


def plant(defect):
    path = TREE / defect["file"]
    lines = path.read_text().split("\n")
    text, column = lines[defect["line"] - 1], defect["column"]
    assert text[column:].startswith(defect["old"]), "the tree differs from the one that the defect was drawn from"
    lines[defect["line"] - 1] = text[:column] + defect["new"] + text[column + len(defect["old"]) :]
    path.write_text("\n".join(lines))


def check():
    """Exit code and closing line of the tests."""
    status, output = run("build/venv/bin/python", "scripts/check.py", "--skip", "style", "--fail-fast", timeout=TIMEOUT)
    return status, output.strip().split("\n")[-1]


def judge(defect):
    """`invalid` where it does not compile, `found` where a test fails or hangs, else `survived`."""
    plant(defect)
    try:
        if run("scripts/build.sh")[0] != 0:
            return "invalid", ""
        status, closing = check()
        return ("found" if status else "survived"), closing
    finally:
        run("git", "checkout", "-q", "--", defect["file"])


def prepare(commit):
    """A worktree of `commit` that shares this checkout's virtual environment and ONNX library."""
    if not TREE.exists():
        PLANT.mkdir(exist_ok=True)
        subprocess.run(["git", "-C", ROOT, "worktree", "prune"], check=True)
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", TREE, commit], check=True)
    # A run that was stopped has left its defect planted.
    run("git", "checkout", "-q", "--force", "--detach", commit)
    (TREE / "build").mkdir(exist_ok=True)
    for name in ("venv", "onnx-install"):
        link = TREE / "build" / name
        if not link.exists():
            link.symlink_to(ROOT / "build" / name)
    status, output = run("scripts/build.sh")
    if status:
        sys.exit("the tree does not build without a defect:\n" + output)


def main():
    parser = argparse.ArgumentParser(description="Plants defects and counts those that the tests find.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=6)
    arguments = parser.parse_args()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    prepare(commit)

    listed = subprocess.run(["git", "-C", TREE, "ls-files"], capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.split() if name.startswith(WATCHED) and name.endswith((".cpp", ".h"))]
    store = PLANT / "results.json"
    known = json.loads(store.read_text()) if store.exists() else {}
    # Tests that fail without a defect would find every defect.
    if commit not in known:
        status, closing = check()
        if status:
            sys.exit("the tests fail without a defect: " + closing)
        known[commit] = {"outcome": "no defect", "tests": closing}
        store.write_text(json.dumps(known, indent=1))
    generator = random.Random(arguments.seed)
    judged = []
    while len(judged) < arguments.count:
        defect = draw(generator, files)
        key = f"{commit} {defect['file']}:{defect['line']}:{defect['column']}"
        if key not in known:
            outcome, summary = judge(defect)
            known[key] = dict(defect, outcome=outcome, tests=summary)
            store.write_text(json.dumps(known, indent=1))
        result = known[key]
        if result["outcome"] != "invalid":
            judged.append(result)
            print("{outcome:9} {file}:{line}: `{old}` became `{new}`   {tests}".format(**result), flush=True)
    survivors = sum(result["outcome"] == "survived" for result in judged)
    print(f"{len(judged) - survivors} found, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
