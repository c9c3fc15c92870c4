"""States and drawn inputs of `heddle run` over several runs."""
import unittest

import numpy as np
import support

SUM = """<ir_version: 8, opset_import: ["" : 18]>
main (float[n] x, float[n] past) => (float[n] present) { present = Add(x, past) }"""


def value(number):
    return np.array([number], np.float32)


class StatesTest(unittest.TestCase):
    def runs(self, *steps, flags=()):
        """The results of one run per dictionary of inputs."""
        path, arguments = support.save("sum", SUM), []
        for number, feeds in enumerate(steps):
            np.savez(support.WORK / f"state{number}.in.npz", **feeds)
            arguments += ["--inputs", support.WORK / f"state{number}.in.npz"]
            arguments += ["--outputs", support.WORK / f"state{number}.out.npz"]
        done = support.execute("heddle", "run", path, *arguments, "--state", "present=past", *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [float(np.load(support.WORK / f"state{number}.out.npz")["present"][0]) for number in range(len(steps))]

    # Whoever gives a state wants to begin there; a state that is not given begins with zeros.
    def test_a_given_state_is_used(self):
        self.assertEqual(self.runs({"x": value(1)}, {"x": value(2)}), [1, 3])
        self.assertEqual(self.runs({"x": value(1), "past": value(10)}, {"x": value(2)}), [11, 13])
        self.assertEqual(self.runs({"x": value(1)}, {"x": value(2), "past": value(10)}, {"x": value(3)}), [1, 12, 15])

    def test_an_input_flag_gives_the_first_state(self):
        flags = ["--input", "past=1xf32=10"]
        self.assertEqual(self.runs({"x": value(1)}, {"x": value(2)}, flags=flags), [11, 13])

    # What was chosen for a size does not change from run to run, so it is said once.
    def test_drawn_sizes_are_noted_once(self):
        path = support.save("sum", SUM)
        np.savez(support.WORK / "nothing.npz")
        done = support.execute("heddle", "run", path, *["--inputs", support.WORK / "nothing.npz"] * 3)
        self.assertEqual(done.stderr, "note: free size 'n' is set to 1\n")


if __name__ == "__main__":
    unittest.main()
