"""The text of the dialect's ops and attributes: complete, its constraints tested by name, its examples valid IR.

A constraint (C3) of `heddle.slice` is tested by a function `@slice_c3`, or `@slice_c3_<case>`, in this folder. Ops of one class share
their text and their verifier, so one of them stands for all.
"""
import functools
import json
import os
import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
LLVM = pathlib.Path("/usr/lib/llvm-22")
CONSTRAINT = re.compile(r"^\s*\(C(\d+)\) (.+?)(?=^\s*\(C\d+\)|^\s*```|\Z)", re.M | re.S)
EXAMPLE = re.compile(r"```mlir\n(.*?)```", re.S)
TEST = re.compile(r"@(\w+?)_c(\d+)(?:_\w+)?\b")
REGION = re.compile(r"\{[^\S\n]*\n((?:[^{}]|\{[^{}\n]*\})*)\}")


class Definition:
    """An op or attribute as its .td file describes it."""

    def __init__(self, record):
        self.name = record.get("opName") or record["mnemonic"]
        self.summary = record["summary"].strip()
        self.description = record["description"].strip()
        self.classes = tuple(record["!superclasses"])
        self.is_checked = bool(record.get("hasVerifier") or record.get("genVerifyDecl")) or self.infers_types(record)
        self.constraints = [(int(number), " ".join(text.split())) for number, text in CONSTRAINT.findall(self.description)]
        self.examples = EXAMPLE.findall(self.description)

    @staticmethod
    def infers_types(record):
        return "inferReturnTypes" in json.dumps(record.get("extraClassDefinition") or "")


@functools.cache
def definitions():
    command = [LLVM / "bin/llvm-tblgen", "--dump-json", "-I", ROOT, "-I", LLVM / "include", ROOT / "ir/HeddleOps.td"]
    records = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    instances = records["!instanceof"]
    return [Definition(records[name]) for name in instances["Heddle_Op"] + instances["Heddle_Attr"]]


def missing_text(definition):
    """What the text lacks."""
    numbers = [number for number, _ in definition.constraints]
    missing = []
    if not definition.summary:
        missing.append("summary")
    if not re.sub(r"```.*?```", "", definition.description, flags=re.S).strip():
        missing.append("meaning")
    if definition.is_checked and not numbers:
        missing.append("constraints")
    if numbers != list(range(1, len(numbers) + 1)):
        missing.append("constraints numbered from 1")
    if not definition.examples:
        missing.append("example")
    return missing


def untested(given, tested):
    """`name (Cn)` for each constraint without a test, as (class, sentence) groups whose members stand for each other."""
    groups = {}
    for definition in given:
        for number, text in definition.constraints:
            groups.setdefault((definition.classes, number, text), []).append(definition.name)
    return [f"{names[0]} (C{number})" for (_, number, _), names in groups.items()
            if not any((name, number) in tested for name in names)]


def tested_constraints():
    return {(name, int(number)) for file in HERE.glob("*.mlir") for name, number in TEST.findall(file.read_text())}


def tensor_types(text):
    """All tensor types in the order of their appearance."""
    types = []
    for match in re.finditer(r"tensor<", text):
        depth, end = 0, match.start()
        while True:
            depth += {"<": 1, ">": -1}.get(text[end], 0)
            end += 1
            if depth == 0 and text[end - 1] == ">":
                break
        types.append(text[match.start() : end])
    return types


def free_values(text):
    """The values that an example uses without defining them, with the types that its signatures give them."""
    types, defined = {}, set()

    def read(statements):
        defined.update(re.findall(r"^\s*(%\w+) =", statements, re.M))
        for statement in re.split(r"\n(?=\s*(?:%\w+ = )?(?:heddle|arith)\.|\s*\^)", statements):
            if statement.lstrip().startswith("^"):
                defined.update(re.findall(r"(%\w+):", statement))
                continue
            colon = re.search(r":\s*(?=\(|tensor)|$", statement).start()
            body, signature = statement[:colon], statement[colon:]
            for value, kind in zip(re.findall(r"%\w+", re.sub(r"^\s*%\w+ =", "", body)), tensor_types(signature)):
                types.setdefault(value, kind)

    while region := REGION.search(text):
        read(region[1])
        text = text[: region.start()] + "{}" + text[region.end() :]
    read(text)
    return {value: kind for value, kind in types.items() if value not in defined}


def as_module(name, example):
    """An example as a whole piece of IR."""
    if example.startswith("tensor<"):
        return f"func.func private @{name}({example.strip()})\n"
    if example.startswith("#"):
        return f"func.func private @{name}() attributes {{example = {example.strip()}}}\n"
    if re.match(r"heddle\.(kernel|plan|object)|func\.func", example):
        return example
    arguments = ", ".join(f"{value}: {kind}" for value, kind in free_values(example).items())
    return f"func.func @{name}({arguments}) {{\n{example}return\n}}\n"


class OpsTest(unittest.TestCase):
    def test_every_text_is_complete(self):
        missing = {definition.name: missing_text(definition) for definition in definitions()}
        self.assertEqual({name: what for name, what in missing.items() if what}, {})

    def test_every_constraint_has_a_test(self):
        self.assertEqual(untested(definitions(), tested_constraints()), [])

    def test_every_test_names_a_constraint(self):
        known = {(definition.name, number) for definition in definitions() for number, _ in definition.constraints}
        self.assertEqual(sorted(tested_constraints() - known), [])

    def test_examples_are_valid(self):
        modules = [as_module(definition.name, "\n".join(line.strip() for line in example.splitlines()) + "\n")
                   for definition in definitions() for example in definition.examples]
        done = subprocess.run([BUILD / "bin/heddle-opt", "--split-input-file", "-o", os.devnull, "-"],
                              input="// -----\n".join(modules), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    # The checks above are worth what they find.
    def test_what_is_missing_is_found(self):
        record = {"opName": "op", "summary": "", "description": "(C2) `x` is positive.", "!superclasses": ["Op"], "hasVerifier": 1}
        definition = Definition(record)
        self.assertEqual(missing_text(definition), ["summary", "constraints numbered from 1", "example"])
        self.assertEqual(untested([definition], {("op", 1)}), ["op (C2)"])
        self.assertEqual(untested([definition], {("op", 2)}), [])

    def test_values_of_an_example_are_found(self):
        example = "%y = heddle.if %c defines [] {\n  heddle.result %a : tensor<2xf32>\n} else {\n  heddle.result\n} : (tensor<i1>) -> tensor<2xf32>\n"
        self.assertEqual(free_values(example), {"%a": "tensor<2xf32>", "%c": "tensor<i1>"})


if __name__ == "__main__":
    unittest.main()
