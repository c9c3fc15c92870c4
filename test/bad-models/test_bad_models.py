"""Every malformed model ends with its exit code and message, within 2 s and 512 MB, and leaves nothing behind."""
import pathlib
import tempfile
import unittest

import cases_budgets  # noqa: F401: each of these modules adds to CASES
import cases_external  # noqa: F401
import cases_graphs  # noqa: F401
import cases_tensors  # noqa: F401
import cases_wire  # noqa: F401
from cases import CASES, RULES
from runner import HEDDLE, command_for, run

MOST_CPU_SECONDS = 2.0  # the clock would also count what else the machine is doing
MOST_SECONDS = 10.0
MOST_MB = 512


class BadModelsTest(unittest.TestCase):
    def check(self, case):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            path = folder / "m.onnx"
            content = case.build(folder)
            if content is not None:
                path.write_bytes(content)
            outcome = run(command_for(path), folder)
        self.assertEqual(outcome.code, case.code, outcome.error)
        self.assertIn(case.text, outcome.error)
        lines = outcome.error.splitlines()
        self.assertEqual(len([line for line in lines if "error: " in line]), 1, outcome.error)
        self.assertTrue(all(character.isprintable() for line in lines for character in line), repr(outcome.error))
        self.assertEqual(outcome.left, [])
        self.assertLess(outcome.cpu_seconds, MOST_CPU_SECONDS)
        self.assertLess(outcome.seconds, MOST_SECONDS)
        self.assertLess(outcome.peak_mb, MOST_MB)

    def test_there_is_a_case_for_each_rule(self):
        self.assertEqual({case.rule for case in CASES}, set(RULES))
        self.assertGreaterEqual(len(CASES), 40)
        self.assertEqual(len({case.name for case in CASES}), len(CASES))


def add_tests():
    for case in CASES:
        test = lambda self, case=case: self.check(case)
        if case.runs and not HEDDLE.exists():
            test = unittest.skip("needs the heddle program")(test)
        setattr(BadModelsTest, f"test_rule_{case.rule}_{case.name}", test)


add_tests()

if __name__ == "__main__":
    unittest.main()
