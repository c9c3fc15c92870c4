"""The help of every program and verb fits one screen, and its first line says how it is used."""
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))


def help_of(*command):
    return subprocess.run([BUILD / "bin" / command[0], *command[1:], "--help"], capture_output=True, text=True, check=True).stdout


class HelpTest(unittest.TestCase):
    def test_help_fits_one_screen(self):
        overview = help_of("heddle")
        verbs = re.findall(r"^  (\w+) ", overview, re.M)
        self.assertGreater(len(verbs), 5)
        for command in [("heddle",), ("heddle-run",), ("heddle-pack",), *(("heddle", verb) for verb in verbs)]:
            with self.subTest(command):
                text = help_of(*command)
                self.assertTrue(text.startswith("usage: " + " ".join(command)), text)
                self.assertLessEqual(len(text.splitlines()), 40)
                self.assertLessEqual(max(map(len, text.splitlines())), 120)


if __name__ == "__main__":
    unittest.main()
