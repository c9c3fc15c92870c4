"""`heddle verify`: right models agree, a wrong kernel is found and named, and so is the node that makes a NaN."""
import json
import re
import subprocess
import unittest

import numpy as np
import onnx
import support
from onnx import TensorProto, helper

LEVEL = "x86-64-v3"
BERT = ("--shapes", "input_ids:1x8,attention_mask:1x8,token_type_ids:1x8")


def verify(*arguments, status=0):
    """Standard output, the error line and the JSON report of `heddle verify`."""
    report = support.WORK / "verify.json"
    report.unlink(missing_ok=True)
    command = [str(support.BUILD / "bin/heddle"), "verify", *map(str, arguments), "--json", str(report)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"exit code {done.returncode}, expected {status}\n{done.stdout}{done.stderr}"
    return done.stdout, done.stderr, json.loads(report.read_text()) if report.exists() else None


def small_model(nodes, name, size=8):
    """A model from x to y, both [2, size]."""
    ports = [helper.make_tensor_value_info(port, TensorProto.FLOAT, [2, size]) for port in "xy"]
    graph = helper.make_graph(nodes, name, ports[:1], ports[1:])
    return support.save(name, helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10))


class AgreementTest(unittest.TestCase):
    def agrees(self, name, *flags):
        _, _, report = verify(support.model(name), "--layers", "--check-nan", "--cpu", LEVEL, *flags)
        self.assertTrue(report["agrees"])
        self.assertGreater(report["layers"]["compared"], 1)
        self.assertEqual((report["layers"]["differing"], report["layers"]["unmatched"]), (0, 0))
        self.assertEqual(report["schema_version"], 1)

    def test_mlp(self):
        self.agrees("mlp_legacy")

    def test_lenet(self):
        self.agrees("lenet5", "--shapes", "input:2x1x28x28")

    def test_bert(self):
        self.agrees("bert_mini_legacy14", *BERT)

    def test_on_the_simulated_gpu(self):
        self.agrees("mlp_legacy", "--device", "sim")


class StoredOutputsTest(unittest.TestCase):
    def setUp(self):
        self.model = support.model("mlp_legacy")
        self.given, self.outputs = support.WORK / "verify.in.npz", support.WORK / "verify.out.npz"
        feeds = {"input": np.random.default_rng(1).standard_normal((3, 32), np.float32)}
        np.savez(self.given, **feeds)
        self.wanted = support.expected(self.model, feeds)

    def test_outputs_of_another_program(self):
        np.savez(self.outputs, **self.wanted)
        text, _, report = verify(self.model, "--inputs", self.given, "--against", self.outputs)
        self.assertIn("output logits: 3x10xf32 agrees", text)
        self.assertTrue(report["agrees"])

    def test_one_wrong_element(self):
        wrong = {name: value.copy() for name, value in self.wanted.items()}
        wrong["logits"][2, 4] += 1
        np.savez(self.outputs, **wrong)
        _, message, report = verify(self.model, "--inputs", self.given, "--against", self.outputs, status=1)
        self.assertIn("1 of 30 elements differ, first at 24", message)
        self.assertFalse(report["agrees"])
        verify(self.model, "--inputs", self.given, "--against", self.outputs, "--atol", "1.1")

    def test_onnx_test_data(self):
        folder = support.WORK / "verify-data"
        folder.mkdir(exist_ok=True)
        tensors = {"input_0": np.load(self.given)["input"], "output_0": self.wanted["logits"]}
        for name, value in tensors.items():
            (folder / f"{name}.pb").write_bytes(onnx.numpy_helper.from_array(value).SerializeToString())
        text, _, _ = verify(self.model, "--against", folder)
        self.assertIn("output logits: 3x10xf32 agrees", text)

    def test_a_file_of_other_outputs(self):
        np.savez(self.outputs, other=np.zeros(3, np.float32))
        _, message, _ = verify(self.model, "--against", self.outputs, status=2)
        self.assertIn("holds no output of the model", message)


class WrongKernelTest(unittest.TestCase):
    """The kernels of a dump are edited and compiled to an artifact, which the model is compared with."""

    def artifact(self, edit):
        model = support.model("lenet5")
        folder = support.WORK / "wrong-kernel"
        support.run("heddle", "compile", model, "--until", "kernels", "--cpu", LEVEL, "-o", folder)
        text = (folder / "kernels.mlir").read_text()
        edited = folder / "edited.mlir"
        edited.write_text(edit(text))
        passes = f"heddle-plan-pipeline,heddle-code-pipeline{{level={LEVEL}}},heddle-write-artifact{{output={folder}/m.hdl}}"
        side = [f"--side-file={folder}/kernels.weights"] if (folder / "kernels.weights").exists() else []
        support.run("heddle-opt", edited, f"--weights={model}", *side, f"--pass-pipeline=builtin.module({passes})", "-o", "/dev/null")
        return model, folder / "m.hdl"

    def test_the_artifact_of_the_same_kernels_agrees(self):
        model, artifact = self.artifact(lambda text: text)
        verify(artifact, "--against", model, "--layers", "--cpu", LEVEL)

    def test_is_named(self):
        def second_relu_negates(text):
            places = [match.start() for match in re.finditer(r"heddle\.relu ", text)]
            return text[: places[1]] + "heddle.neg " + text[places[1] + len("heddle.relu ") :]

        model, artifact = self.artifact(second_relu_negates)
        _, message, report = verify(artifact, "--against", model, "--layers", "--cpu", LEVEL, status=1)
        first = report["layers"]["first"]
        relus = [node for node in onnx.load(model, load_external_data=False).graph.node if node.op_type == "Relu"]
        self.assertIn(relus[1].name, first["nodes"])
        self.assertEqual(first["value"], relus[1].output[0])
        self.assertEqual(report["layers"]["diagnosis"], "the kernel is wrong on the values that it reads")
        self.assertIn(f"value '{relus[1].output[0]}'", message)


class OtherModelTest(unittest.TestCase):
    """Models that are no more equal than they look, to see what is told of the step in which they differ."""

    # x * clip(x + 3, 0, 6) / 6 becomes one op, which rounds once less often; the tolerance leaves no room for that.
    def test_a_pass_that_rounds_elsewhere(self):
        nodes = [
            helper.make_node("Constant", [], ["three"], value_float=3.0),
            helper.make_node("Constant", [], ["zero"], value_float=0.0),
            helper.make_node("Constant", [], ["six"], value_float=6.0),
            helper.make_node("Add", ["x", "three"], ["a"]),
            helper.make_node("Clip", ["a", "zero", "six"], ["c"]),
            helper.make_node("Mul", ["x", "c"], ["m"]),
            helper.make_node("Div", ["m", "six"], ["y"]),
        ]
        model = small_model(nodes, "hard-swish", size=100)
        verify(model, "--layers")
        _, message, report = verify(model, "--layers", "--rtol", "0", "--atol", "0", status=1)
        self.assertEqual(report["layers"]["differing"], 0)
        self.assertIn("every step agrees with the evaluator on the IR that was compiled, so a pass changed it: see --verify-each", message)

    def test_a_wrong_host_function_is_not_run_alone(self):
        def topk(largest):
            nodes = [
                helper.make_node("Constant", [], ["k"], value_ints=[8]),
                helper.make_node("TopK", ["x", "k"], ["y", "places"], name="TopK_0", largest=largest),
            ]
            return small_model(nodes, f"topk{largest}")

        _, _, report = verify(topk(1), "--against", topk(0), "--layers", status=1)
        self.assertEqual(report["layers"]["diagnosis"], "not run alone: a host function is no kernel")

    def test_a_reference_that_fails(self):
        index = helper.make_tensor_value_info("i", TensorProto.INT64, [1])
        ports = [helper.make_tensor_value_info(port, TensorProto.FLOAT, shape) for port, shape in (("x", [4]), ("y", [1]))]

        def gather(size):
            nodes = [
                helper.make_node("Constant", [], ["begin"], value_ints=[0]),
                helper.make_node("Constant", [], ["end"], value_ints=[size]),
                helper.make_node("Slice", ["x", "begin", "end"], ["s"]),
                helper.make_node("Gather", ["s", "i"], ["y"], name="Gather_0"),
            ]
            graph = helper.make_graph(nodes, "gather", [ports[0], index], ports[1:])
            return support.save(f"gather{size}", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10))

        _, message, _ = verify(gather(4), "--against", gather(2), "--input", "i=1xi64=3", status=2)
        self.assertIn("the evaluator cannot run the model: heddle.gather (Gather_0): ", message)


class NotFiniteTest(unittest.TestCase):
    # The logarithm of a negative number, in the middle of a fused kernel.
    def test_names_the_node_of_the_first_nan(self):
        nodes = [
            helper.make_node("Abs", ["x"], ["a"], name="Abs_0"),
            helper.make_node("Neg", ["a"], ["n"], name="Neg_1"),
            helper.make_node("Log", ["n"], ["l"], name="Log_2"),
            helper.make_node("Relu", ["l"], ["y"], name="Relu_3"),
        ]
        _, message, report = verify(small_model(nodes, "nan"), "--check-nan", status=1)
        self.assertEqual(report["not_finite"]["nan"]["value"], "Log_2")
        self.assertIn("node 'Log_2' gives a NaN", message)

    def test_tells_infinities_from_nans(self):
        nodes = [
            helper.make_node("Sub", ["x", "x"], ["z"], name="Sub_0"),
            helper.make_node("Log", ["z"], ["l"], name="Log_1"),
            helper.make_node("Softmax", ["l"], ["y"], name="Softmax_2", axis=1),
        ]
        _, _, report = verify(small_model(nodes, "infinity"), "--check-nan", status=1)
        self.assertEqual(report["not_finite"]["infinity"]["value"], "Log_1")
        self.assertEqual(report["not_finite"]["nan"]["value"], "Softmax_2")

    def test_an_infinity_alone(self):
        nodes = [helper.make_node("Sub", ["x", "x"], ["z"], name="Sub_0"), helper.make_node("Log", ["z"], ["y"], name="Log_1")]
        _, message, _ = verify(small_model(nodes, "infinite"), "--check-nan", status=1)
        self.assertIn("node 'Log_1' gives an infinity", message)

    # A NaN that was given is nobody's fault in the model.
    def test_a_nan_of_an_input(self):
        nodes = [helper.make_node("Neg", ["x"], ["y"], name="Neg_0")]
        _, message, _ = verify(small_model(nodes, "given"), "--check-nan", "--input", "x=2x8xf32=nan", status=1)
        self.assertIn("which an input or a constant of the model holds already", message)


class BadFlagTest(unittest.TestCase):
    def refuses(self, message, *flags):
        _, messages, _ = verify(*flags, status=2)
        self.assertEqual(messages.strip().splitlines()[-1], f"heddle: error: {message}")

    def test_a_reference_that_is_not_there(self):
        self.refuses("flag '--against' got 'nowhere', expected reference, MODEL.onnx, or a folder or .npz file that is there",
                     support.model("mlp_legacy"), "--against", "nowhere")

    def test_a_reference_with_other_outputs(self):
        x, y, z = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 8]) for name in "xyz")
        nodes = [helper.make_node("Neg", ["x"], ["y"]), helper.make_node("Abs", ["x"], ["z"])]
        path = support.WORK / "two.onnx"
        graph = helper.make_graph(nodes, "two", [x], [y, z])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
        model = small_model(nodes[:1], "one")
        self.refuses(f"'{path}' has 2 outputs, expected 1", model, "--against", path)

    def test_an_artifact_without_a_model(self):
        self.refuses("an artifact holds no graph for the evaluator: give --against MODEL.onnx, DIR or F.npz", "m.hdl")

    def test_layers_without_the_evaluator(self):
        stored = support.WORK / "verify.zero.npz"
        np.savez(stored, logits=np.zeros((1, 10), np.float32))
        self.refuses("flag '--layers' compares with the evaluator: leave out --against, or give a model",
                     support.model("mlp_legacy"), "--against", stored, "--layers")

    def test_values_of_switches(self):
        for flag in ("--layers", "--check-nan"):
            self.refuses(f"flag '{flag}' takes no value", support.model("mlp_legacy"), f"{flag}=yes")

    def test_help_fits_a_screen(self):
        self.assertLess(len(support.run("heddle", "verify", "--help").splitlines()), 40)


if __name__ == "__main__":
    unittest.main()
