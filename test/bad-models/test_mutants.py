"""Mutants of valid models end with a documented exit code and a message, in bounded time, and leave nothing behind.

HEDDLE_MUTANTS sets their number, HEDDLE_SEED the first seed; HEDDLE_KEEP names a folder for those that fail.
"""
import concurrent.futures
import os
import pathlib
import tempfile
import unittest

from mutants import mutant
from runner import command_for, run

FULL = bool(os.environ.get("HEDDLE_FULL"))
COUNT = int(os.environ.get("HEDDLE_MUTANTS", 300 if FULL else 40))
SEED = int(os.environ.get("HEDDLE_SEED", 1))
MOST_SECONDS = 10.0
MOST_MB = 1024
# A mutant may still be a valid model, and an executable one may then meet data that breaks its own rules.
ALLOWED_CODES = {0, 2, 3, 4, 6}


def problem_of(number):
    """None, or what is wrong with how the mutant was handled."""
    source, content = mutant(SEED, number)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        path = folder / "m.onnx"
        path.write_bytes(content)
        outcome = run(command_for(path), folder)
    faults = []
    if outcome.code not in ALLOWED_CODES:
        faults.append(f"exit code {outcome.code}")
    if outcome.code != 0 and "error: " not in outcome.error:
        faults.append("no message")
    if any(not (character.isprintable() or character == "\n") for character in outcome.error):
        faults.append("control characters in the message")
    if outcome.seconds > MOST_SECONDS:
        faults.append(f"{outcome.seconds:.1f} s")
    if outcome.peak_mb > MOST_MB:
        faults.append(f"{outcome.peak_mb:.0f} MB")
    if outcome.left:
        faults.append(f"left {outcome.left}")
    if not faults:
        return None
    if keep := os.environ.get("HEDDLE_KEEP"):
        pathlib.Path(keep, f"{SEED}-{number}.onnx").write_bytes(content)
    return f"mutant {number} of seed {SEED} ({source}): {', '.join(faults)}: {outcome.error.strip()[-300:]}"


class MutantsTest(unittest.TestCase):
    def test_mutants_are_handled(self):
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            problems = [problem for problem in pool.map(problem_of, range(COUNT)) if problem]
        self.assertEqual(problems, [], "\n".join(problems))

    def test_mutants_repeat(self):
        self.assertEqual(mutant(SEED, 3), mutant(SEED, 3))
        self.assertNotEqual(mutant(SEED, 3)[1], mutant(SEED, 4)[1])


if __name__ == "__main__":
    unittest.main()
