"""One pass, one file, one test: each pass of a .td file has its source, its tests and a text that says what it promises."""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASS = re.compile(r'^def\s+(\w+)\s*:\s*Pass<"heddle-([a-z0-9-]+)".*?^}', re.M | re.S)
PROMISES = ("Requires:", "Ensures:", "Leaves:")
REMARKS = re.compile(r"Remarks:(.*?)\}\]", re.S)
MOST_OPTIONS = 4


def tracked(*suffixes):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.endswith(suffixes)]


def passes_of(text):
    """(class, flag, text) of each pass that a .td file declares."""
    return [(match[1], match[2], match[0]) for match in PASS.finditer(text)]


def flaws(name, flag, text, sources, tests):
    """What a pass lacks. `sources` maps file names to contents, `tests` holds file names."""
    source = sources.get(f"{name}.cpp")
    found = [f"no {promise[:-1]}" for promise in PROMISES if promise not in text]
    if len(re.findall(r"\bOption<|\bListOption<", text)) > MOST_OPTIONS:
        found.append(f"more than {MOST_OPTIONS} options")
    if source is None:
        found.append(f"no {name}.cpp")
    elif f"GEN_PASS_DEF_{name.upper()}" not in source:
        found.append(f"{name}.cpp does not define it")
    wanted = [f"{flag}.mlir"]
    if re.search(r"emit(?:Op)?Error\(", source or ""):
        wanted.append(f"{flag}-errors.mlir")
    return found + [f"no {test}" for test in wanted if test not in tests]


def unspoken(text, sources):
    """The figures that a pass's text promises as remarks, but that no source reports."""
    promised = [name for remarks in REMARKS.findall(text) for name in re.findall(r"`([a-z-]+)`", remarks)]
    return [name for name in promised if not any(f'metric("{name}"' in source for source in sources.values())]


def orphans(declared, sources, tests):
    """Sources that define a pass which no .td file declares, and tests in a folder of passes that no pass is named after."""
    names = {name.upper() for name, _, _ in declared}
    flags = {flag for _, flag, _ in declared}
    found = [file for file, text in sources.items()
             if (defined := re.search(r"GEN_PASS_DEF_(\w+)", text)) and defined[1] not in names]
    return found + [test for test in tests if not any(re.fullmatch(flag + r"(-[a-z-]+)?\.mlir", test) for flag in flags)]


class PassTest(unittest.TestCase):
    def setUp(self):
        self.declared = [found for file in tracked(".td") for found in passes_of((ROOT / file).read_text())]
        self.sources = {pathlib.Path(name).name: (ROOT / name).read_text() for name in tracked(".cpp")}
        self.tests = [pathlib.Path(name).name for name in tracked(".mlir")]

    def test_every_pass_has_its_source_its_tests_and_its_promises(self):
        self.assertGreater(len(self.declared), 10)
        found = {name: flaws(name, flag, text, self.sources, self.tests) for name, flag, text in self.declared}
        self.assertEqual({name: what for name, what in found.items() if what}, {})

    def test_every_promised_figure_is_reported(self):
        found = {name: unspoken(text, self.sources) for name, _, text in self.declared}
        self.assertEqual({name: what for name, what in found.items() if what}, {})

    def test_no_source_or_test_without_a_pass(self):
        of_passes = [pathlib.Path(name).name for name in tracked(".mlir") if name.startswith("test/passes/")]
        self.assertEqual(orphans(self.declared, self.sources, of_passes), [])

    # The checks above are worth what they find.
    def test_flaws_are_found(self):
        text = 'def FoldShapes : Pass<"heddle-fold-shapes", "::mlir::ModuleOp"> {\n  Requires: Ensures: Leaves:\n}\n'
        declared = passes_of(text)
        self.assertEqual([(name, flag) for name, flag, _ in declared], [("FoldShapes", "fold-shapes")])
        complete = {"FoldShapes.cpp": "#define GEN_PASS_DEF_FOLDSHAPES\nop.emitOpError()"}
        tests = ["fold-shapes.mlir", "fold-shapes-errors.mlir"]
        self.assertEqual(flaws(*declared[0], complete, tests), [])
        self.assertEqual(flaws(*declared[0], complete, tests[:1]), ["no fold-shapes-errors.mlir"])
        self.assertEqual(flaws(*declared[0], {}, tests), ["no FoldShapes.cpp"])
        self.assertEqual(flaws("FoldShapes", "fold-shapes", "Requires: Leaves:", complete, tests), ["no Ensures"])
        self.assertEqual(unspoken("Leaves: `x`. Remarks: `folded`, `kept`.\n}]", {"F.cpp": 'metric("kept", 1)'}), ["folded"])
        self.assertEqual(orphans(declared, {"Old.cpp": "GEN_PASS_DEF_OLD"}, ["old.mlir"]), ["Old.cpp", "old.mlir"])
        self.assertEqual(orphans(declared, complete, tests), [])


if __name__ == "__main__":
    unittest.main()
