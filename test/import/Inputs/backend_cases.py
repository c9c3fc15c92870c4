"""Imports all of ONNX's backend cases in one process: backend_cases.py IMPORT_MODEL. Prints how many of each kind."""
import collections
import importlib.util
import pathlib
import re
import subprocess
import sys

data = pathlib.Path(importlib.util.find_spec("onnx").origin).parent / "backend/test/data"
kinds = ("node", "simple", "pytorch-converted", "pytorch-operator")
models = [path for kind in kinds for path in sorted((data / kind).glob("*/model.onnx"))]
done = subprocess.run([sys.argv[1], "--summary", *models], capture_output=True, text=True)
lines = [line.split("\t") for line in done.stdout.splitlines()]
print("models without an answer:", len(models) - len(lines))
counts = collections.Counter(line[-2] for line in lines)
print("exit codes:", ", ".join(f"{code} x {count}" for code, count in sorted(counts.items())))
print("imported at least 1500:", counts["0"] >= 1500)
# An op that is refused is named with its opset; inputs and opsets are refused as such.
located = re.compile(r"graph/\S+: [A-Za-z0-9.]+ of opset \d+|graph: (in|out)put '|model: version \d+ of operator set")
unnamed = [line for line in lines if line[-2] == "3" and not located.search(line[-1])]
print("refusals without a name:", len(unnamed), unnamed[:3])
