"""`heddle inspect` tells what a model and an artifact hold."""
import unittest

import onnx
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

    # Names that would steer the terminal, as escapes in ASCII and in UTF-8, are shown without them.
    def test_names_with_control_characters(self):
        name = "y\x1b[2J\u009b2J"
        node = onnx.helper.make_node("Relu", ["x"], [name], name="r\x1b[2J")
        x, y = (onnx.helper.make_tensor_value_info(port, onnx.TensorProto.FLOAT, [4]) for port in ("x", name))
        graph = onnx.helper.make_graph([node], "g\x1b[2J", [x], [y])
        path = support.save("control-characters", onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)]))
        artifact = path.with_suffix(".hdl")
        support.run("heddle", "compile", path, "-o", artifact)
        shown = [support.run("heddle", "inspect", path), support.run("heddle", "inspect", artifact),
                 support.run("heddle", "run", path), support.run("heddle-run", artifact),
                 support.run("heddle", "verify", path, "--layers", "--check-nan")]
        for text in shown:
            self.assertNotRegex(text, "[^\n -~]")
        self.assertIn("output y?[2J?2J: f32 [4]", shown[1])


if __name__ == "__main__":
    unittest.main()
