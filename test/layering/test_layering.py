"""The direction of dependencies between folders: every #include is looked up in layers.txt.

An arrow that points both ways cannot be taken back later, and a runtime that reaches LLVM can no longer be embedded.
"""
import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUFFIXES = {".c", ".cpp", ".h", ".cuh", ".td", ".def"}
INCLUDE = re.compile(r'^\s*#?\s*include\s+(["<])([^">]+)[">]', re.M)


class Layers:
    """The table: `allowed` maps a part to the parts it may include, `banned` a prefix to external prefixes."""

    def __init__(self, text):
        self.allowed = {}
        self.banned = []
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if line.startswith("external "):
                folders, names = line[len("external ") :].split(":")
                self.banned += [(folder, tuple(names.split())) for folder in folders.split()]
            elif line:
                part, right = line.split("->")
                self.allowed[part.strip()] = set(right.split())

    def part_of(self, path):
        matching = [part for part in self.allowed if path.startswith(part)]
        return max(matching, key=len) if matching else None

    def check(self, path, text):
        """One message per include in `text`, the content of the file `path`, that the table forbids."""
        part = self.part_of(path)
        if part is None:
            return []
        messages = []
        for quote, name in INCLUDE.findall(text):
            if any(path.startswith(folder) and name.startswith(names) for folder, names in self.banned):
                messages.append(f"{path} includes {name}: {part} must not need that library")
            if quote == "<":
                continue
            target = self.part_of(name)
            if target is None:
                if "/" not in name:
                    messages.append(f"{path} includes {name}: write includes from the root of the repository")
            elif target != part and target not in self.allowed[part]:
                messages.append(f"{path} includes {name}: {part} may include only {sorted(self.allowed[part])}")
        return messages


def source_files(root):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files"], capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if pathlib.Path(name).suffix in SUFFIXES]


class LayeringTest(unittest.TestCase):
    def setUp(self):
        self.layers = Layers((HERE / "layers.txt").read_text())

    def test_every_include_follows_the_table(self):
        messages = []
        for name in source_files(ROOT):
            messages += self.layers.check(name, (ROOT / name).read_text(errors="replace"))
        self.assertEqual(messages, [])

    def test_every_part_on_the_right_is_a_part(self):
        for part, right in self.layers.allowed.items():
            self.assertLessEqual(right, set(self.layers.allowed), part)

    def test_no_two_parts_may_include_each_other(self):
        for part, right in self.layers.allowed.items():
            for other in right - {part}:
                self.assertNotIn(part, self.layers.allowed[other], f"{part} and {other}")

    # A check that never fires would look the same as a clean tree, so each kind of violation is planted once.
    def test_planted_violations_are_found(self):
        planted = [
            ("runtime/format/Expr.cpp", '#include "ir/Heddle.h"'),
            ("runtime/Session.cpp", '#include "runtime/cpu/Device.h"'),
            ("passes/FuseKernels.cpp", '#include "codegen/Pull.h"'),
            ("runtime/cpu/Device.cpp", '#include "llvm/ADT/SmallVector.h"'),
            ("runtime/api/Api.cpp", "#include <google/protobuf/message.h>"),
            ("tools/heddle-run.cpp", '#include "runtime/Session.h"'),
            ("ir/Heddle.td", 'include "passes/Passes.td"'),
            ("passes/FuseKernels.cpp", '#include "FuseKernels.h"'),
        ]
        for path, text in planted:
            self.assertEqual(len(self.layers.check(path, text)), 1, f"{path}: {text}")

    def test_allowed_includes_are_quiet(self):
        allowed = [
            ("compiler/Compiler.cpp", '#include "ir/Heddle.h"\n#include "mlir/IR/Builders.h"\n#include <vector>'),
            ("tools/heddle-run.cpp", '#include "runtime/api/heddle.h"'),
            ("test/unit/format/ExprTest.cpp", '#include "compiler/Compiler.h"'),
        ]
        for path, text in allowed:
            self.assertEqual(self.layers.check(path, text), [])


if __name__ == "__main__":
    unittest.main()
