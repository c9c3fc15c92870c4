"""What can be checked about the text of the sources: format, length, first sentences, no machine paths."""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE = (".c", ".cpp", ".h", ".cuh")
LONGEST_FILE = 600
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|home/\w+|work|tmp/wt|tmp/boot)/|https?://(?:\d+\.){3}\d+")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def tracked(*suffixes):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.endswith(suffixes or ("",))]


def read(name):
    return (ROOT / name).read_text(errors="replace")


class StyleTest(unittest.TestCase):
    def test_sources_are_formatted(self):
        command = ["clang-format-22", "--dry-run", "-Werror", *tracked(*CODE)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
        self.assertEqual(wrong, [], "run `make format`")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_file_is_too_long(self):
        lengths = {name: read(name).count("\n") for name in tracked(*CODE, ".td", ".py", ".sh", ".mlir", ".test")}
        self.assertEqual({name: length for name, length in lengths.items() if length > LONGEST_FILE}, {})

    # The reader of a file learns from its first line what it is for.
    def test_sources_start_with_a_sentence(self):
        starts = {name: read(name).split("\n", 1)[0] for name in tracked(*CODE, ".td")}
        self.assertEqual([name for name, line in starts.items() if not re.match(r"(//|/\*\*?) [\w`]", line)], [])

    def test_no_path_of_a_machine(self):
        this = pathlib.Path(__file__).resolve().relative_to(ROOT).as_posix()
        found = [name for name in tracked(*CODE, ".td", ".py", ".sh", ".txt", ".cmake", ".json", ".mlir", ".test", ".md", "Makefile")
                 if name != this and MACHINE_PATH.search(read(name))]
        self.assertEqual(found, [])

    def test_a_machine_path_is_found(self):
        self.assertTrue(MACHINE_PATH.search("see /home/someone/model.onnx"))
        self.assertFalse(MACHINE_PATH.search("see build/work/model.onnx"))

    def test_no_mark_of_unfinished_work(self):
        this = pathlib.Path(__file__).resolve().relative_to(ROOT).as_posix()
        found = [name for name in tracked(*CODE, ".td", ".py", ".sh", ".mlir", ".test")
                 if name != this and UNFINISHED.search(read(name))]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
