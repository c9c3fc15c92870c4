"""What `heddle compile` shows and checks of passes, and the limits of its flags."""
import subprocess
import unittest

import support

PASSES = ["canonicalize", "heddle-fold-constants", "heddle-fuse-kernels", "heddle-choose-schedules"]


def compile_model(*arguments, status=0):
    """Standard output and error of `heddle compile`."""
    command = [str(support.BUILD / "bin/heddle"), "compile", *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"exit code {done.returncode}, expected {status}\n{done.stderr}"
    return done.stdout, done.stderr


class VerifyEachTest(unittest.TestCase):
    def check(self, name, *flags):
        _, messages = compile_model(support.model(name), "--until", "plan", "--verify-each", *flags)
        lines = [line for line in messages.splitlines() if line.startswith("verify-each: ")]
        same = [line for line in lines if line.endswith(": same results")]
        self.assertGreaterEqual(len(same), 4, messages)
        self.assertIn("verify-each: pass 'heddle-fuse-kernels': same results", lines)
        unchecked = [line for line in lines if ": not checked: " in line]
        self.assertEqual(len(same) + len(unchecked), len(lines), messages)

    def test_mlp(self):
        self.check("mlp_legacy")

    def test_lenet(self):
        self.check("lenet5")

    def test_bert(self):
        self.check("bert_mini_legacy14", "--shapes", "input_ids:1x8,attention_mask:1x8,token_type_ids:1x8")


class ShownPassTest(unittest.TestCase):
    # Each run of a pass is printed as text that heddle-opt reads back.
    def test_dump_after(self):
        text, _ = compile_model(support.model("mlp_legacy"), "--dump-after", "heddle-fuse-kernels")
        self.assertTrue(text.startswith("// kernels/heddle-fuse-kernels\n"), text[:80])
        dump = support.WORK / "dump-after.mlir"
        dump.write_text(text)
        support.run("heddle-opt", dump, "-o", "/dev/null")

    # So is one that only the stages of a CPU have.
    def test_dump_after_a_pass_of_the_cpu(self):
        text, _ = compile_model(support.model("lenet5"), "--dump-after", "heddle-choose-layouts")
        self.assertTrue(text.startswith("// graph/heddle-choose-layouts\n"), text[:80])

    # A diff has the lines that the pass has made, and applies to the text before it.
    def test_diff_after(self):
        text, _ = compile_model(support.model("mlp_legacy"), "--diff-after", "heddle-fuse-kernels")
        lines = text.splitlines()
        self.assertEqual(lines[:2], ["--- before kernels/heddle-fuse-kernels", "+++ after kernels/heddle-fuse-kernels"])
        self.assertTrue(any(line.startswith("+") and "heddle.launch" in line for line in lines), text)
        self.assertTrue(any(line.startswith("-") and "heddle.matmul" in line for line in lines), text)

    def test_a_pass_that_changes_nothing(self):
        text, _ = compile_model(support.model("mlp_legacy"), "--diff-after", "heddle-verify-kernels")
        self.assertEqual(text, "// kernels/heddle-verify-kernels changes nothing\n")

    def test_verbose(self):
        _, messages = compile_model(support.model("mlp_legacy"), "--until", "kernels", "-v")
        for name in PASSES:
            self.assertRegex(messages, rf"(?m)^(graph|kernels)/{name}: [0-9.]+ ms$")
        self.assertRegex(messages, r"(?m)^graph: .*guards=\d+")

    # The last stage is shown as `inspect` shows the file.
    def test_until_artifact(self):
        folder = support.WORK / "until-artifact"
        text, _ = compile_model(support.model("mlp_legacy"), "--until", "artifact", "-o", folder, "--cpu", "x86-64-v3")
        self.assertEqual(text, support.run("heddle", "inspect", folder / "artifact.hdl"))
        alone, _ = compile_model(support.model("mlp_legacy"), "--until", "artifact", "--cpu", "x86-64-v3")
        self.assertEqual(alone, text)


class BadFlagTest(unittest.TestCase):
    def refuses(self, code, message, *flags):
        text, messages = compile_model(support.model("mlp_legacy"), *flags, status=code)
        self.assertEqual(messages.strip().splitlines(), [f"heddle: error: {message}"])

    def test_a_misspelled_pass(self):
        for flag in ("--dump-after", "--diff-after"):
            self.refuses(2, f"flag '{flag}' got 'heddle-fuse-kernel', which no stage runs, did you mean 'heddle-fuse-kernels'?",
                         flag, "heddle-fuse-kernel")

    def test_a_pass_unlike_any(self):
        self.refuses(2, "flag '--dump-after' got 'x', which no stage runs", "--dump-after", "x")

    def test_times_that_are_none(self):
        self.refuses(2, "flag '--timeout' got '0', expected seconds above 0", "--timeout", "0", "--until", "graph")
        self.refuses(2, "flag '--timeout' got 'soon', expected a number", "--timeout", "soon", "--until", "graph")

    def test_verify_each_takes_no_value(self):
        self.refuses(2, "flag '--verify-each' takes no value", "--verify-each=1", "--until", "graph")

    # The limit is one line and leaves nothing behind.
    def test_the_time_is_over(self):
        folder = support.WORK / "timeout"
        folder.mkdir(exist_ok=True)
        self.refuses(6, "not done after 0.001 seconds, the limit of '--timeout'", "--timeout", "0.001", "-o", folder / "m.hdl")
        self.assertEqual(list(folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
