"""What the built programs are made of: a program that only runs artifacts stays small and needs no compiler."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
RUN = BUILD / "bin/heddle-run"
LARGEST_RUN = 2_000_000
COMPILER_LIBRARIES = ("LLVM", "MLIR", "protobuf", "onnx", "cuda", "nvrtc", "lld")


def libraries(program):
    """The shared libraries that the loader would open, direct and indirect ones."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listed.splitlines()]


def forbidden(names):
    return [name for name in names if any(word.lower() in name.lower() for word in COMPILER_LIBRARIES)]


class RunTest(unittest.TestCase):
    def test_needs_no_compiler(self):
        self.assertEqual(forbidden(libraries(RUN)), [])

    # The same look at a program that does link the compiler: a check that sees nothing would pass above.
    def test_compiler_is_seen_where_it_is_linked(self):
        self.assertNotEqual(forbidden(libraries(BUILD / "bin/heddle-opt")), [])

    def test_is_small_when_stripped(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copy(RUN, folder)
            subprocess.run(["strip", copy], check=True)
            self.assertLess(os.path.getsize(copy), LARGEST_RUN)


class AllProgramsTest(unittest.TestCase):
    # A path of the machine that builds would make equal sources give different programs.
    def test_no_path_of_the_source_tree(self):
        programs = [path for path in (BUILD / "bin").iterdir() if path.is_file()]
        named = [path.name for path in programs if str(ROOT).encode() + b"/" in path.read_bytes()]
        self.assertEqual(named, [])


if __name__ == "__main__":
    unittest.main()
