"""Functions are short and flat: at most 60 lines, and loops and conditions at most three deep. Read off the indentation, which
clang-format decides.

The nesting of tests is not looked at: a reference computation of a convolution has as many loops as it has dimensions.
"""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LONGEST = 60
DEEPEST = 3
NO_FUNCTION = re.compile(r"\s*(?:namespace|struct|class|enum|union|extern|#|//|/\*|\}|(?:public|private|protected):)|[^(]*$")
CONTROL = re.compile(r"(?:\} else )?(?:for|if|while|switch|do)\b|\} else\b|else\b")


def sources():
    command = ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "*.c", "*.cpp", "*.h", "*.cuh"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def long_functions(text):
    """`line: length` of each body with more than LONGEST lines, of functions and of methods inside of a class."""
    lines = text.splitlines()
    found = []
    for indent in ("", "  "):
        start = None
        for number, line in enumerate(lines):
            if line == indent + "}" and start is not None:
                body = next((at for at in range(start, number) if lines[at].endswith("{")), start) + 1
                length = number - body
                if length > LONGEST and not NO_FUNCTION.match(lines[start]):
                    found.append(f"line {start + 1}: {length} lines")
                start = None
            elif line.startswith(indent) and line[len(indent) : len(indent) + 1] not in ("", " ", "}", "#", "/"):
                start = number
    return found


def deep_lines(text):
    """The lines with a loop or condition inside of more than DEEPEST - 1 others."""
    found, around = [], []
    for number, line in enumerate(text.splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        while around and indent <= around[-1]:
            around.pop()
        if CONTROL.match(line.lstrip()):
            around.append(indent)
            if len(around) > DEEPEST:
                found.append(f"line {number + 1}: {len(around)} deep")
    return found


class FunctionsTest(unittest.TestCase):
    def test_functions_are_short(self):
        found = {name: long_functions((ROOT / name).read_text()) for name in sources()}
        self.assertEqual({name: where for name, where in found.items() if where}, {})

    def test_functions_are_flat(self):
        found = {name: deep_lines((ROOT / name).read_text()) for name in sources() if not name.startswith("test/")}
        self.assertEqual({name: where for name, where in found.items() if where}, {})

    # The checks above are worth what they find.
    def test_what_is_long_or_deep_is_found(self):
        body = "    a();\n" * (LONGEST + 1)
        self.assertEqual(long_functions("int f(int x,\n      int y) {\n" + body.replace("    ", "  ") + "}\n"), ["line 1: 61 lines"])
        self.assertEqual(long_functions("class C {\n  void f() {\n" + body + "  }\n};\n"), ["line 2: 61 lines"])
        self.assertEqual(long_functions("void f() {\n" + "  a();\n" * LONGEST + "}\n"), [])
        self.assertEqual(deep_lines("  for (a)\n    for (b)\n      if (c) {\n        d();\n      }\n  if (e)\n    f();\n"), [])
        self.assertEqual(deep_lines("  for (a)\n    for (b)\n      if (c)\n        if (d)\n          e();\n"), ["line 4: 4 deep"])


if __name__ == "__main__":
    unittest.main()
