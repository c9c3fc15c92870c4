"""`heddle inspect` tells what a model and an artifact hold."""
import unittest

import support


class InspectTest(unittest.TestCase):
    def test_a_model(self):
        lines = support.run("heddle", "inspect", support.model("lenet5")).splitlines()
        self.assertIn("opset ai.onnx 18", lines)
        self.assertIn("input input: f32 [batch, 1, 28, 28]", lines)
        self.assertIn("nodes Conv: 2", lines)
        self.assertIn("parameters: 14420,", " ".join(lines))

    # The ports of an artifact keep the names and symbols of the model.
    def test_an_artifact(self):
        artifact = support.WORK / "inspect.hdl"
        support.run("heddle", "compile", support.model("lenet5"), "-o", artifact, "--cpu", "x86-64-v3")
        lines = support.run("heddle", "inspect", artifact).splitlines()
        self.assertIn("input input: f32 [batch, 1, 28, 28]", lines)
        self.assertTrue(any(line.startswith("variant cpu x86-64-v3: ") for line in lines), lines)


if __name__ == "__main__":
    unittest.main()
