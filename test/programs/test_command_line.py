"""Bad command lines: one line that names the flag, what it got and what it expected, and exit code 2."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
MODEL = str(ROOT / "test/models/mlp_legacy.onnx")

# Arguments of `heddle`, and what the message says.
BAD = [
    ([], "no verb, see 'heddle --help'"),
    (["runn", MODEL], "unknown verb 'runn', did you mean 'run'?"),
    (["run"], "got 0 models, expected one"),
    (["run", MODEL, MODEL], "got 2 models, expected one"),
    (["run", MODEL, "--shaps", "x:1"], "unknown flag '--shaps', did you mean '--shapes'?"),
    (["run", MODEL, "--seed"], "flag '--seed' needs a value"),
    (["run", MODEL, "--seed", "99999999999999999999"], "flag '--seed' got '99999999999999999999', expected a number"),
    (["run", MODEL, "--threads", "0"], "flag '--threads' got 0, expected at least 1"),
    (["run", MODEL, "--rtol=-1"], "flag '--rtol' got -1, expected at least 0"),
    (["run", MODEL, "--atol=nan"], "flag '--atol' got nan, expected at least 0"),
    (["run", MODEL, "--device", "gpu"], "flag '--device' got 'gpu', expected cpu"),
    (["run", MODEL, "--device", "sim:sm_10"], "unknown CUDA architecture 'sm_10', expected one of"),
    (["run", MODEL, "--sm", "80,"], "unknown CUDA architecture '', expected one of"),
    (["run", MODEL, "--cpu", "z80"], "unknown cpu level 'z80', expected one of x86-64-v3"),
    (["run", MODEL, "--shapes", "input:-1x32"], "shape 'input:-1x32' has size '-1', expected a number not below 0"),
    (["run", MODEL, "--shapes", "other:1x32"], "other"),
    (["run", MODEL, "--disable-pass", "heddle-order-launche"], "did you mean 'heddle-order-launches'?"),
    (["run", MODEL, "--input", "x=1xf32=0"], "the model has no input 'x'"),
    (["run", MODEL, "--input", "input=3x31xf32=0"], "input 'input': dimension 1 is 31, expected 32"),
    (["run", MODEL, "--input", "input=3x32xf64=0"], "input 'input': type is f64, expected f32"),
    (["run", MODEL, "--inputs", MODEL], "not a ZIP archive"),
    (["run", MODEL, "--test-dir", "/nowhere"], "there is no output_0.pb to compare with"),
    (["run", "/nowhere.onnx"], "no such file or directory"),
    (["run", "/dev/zero"], "not a regular file"),
    (["compile", MODEL], "nothing to do: give -o ARTIFACT, --until STAGE, --emit KINDS"),
    (["compile", MODEL, "--until", "end"], "flag '--until' got 'end', expected import"),
    (["compile", MODEL, "--emit", "cuda"], "flag '--emit' needs a folder: -o DIR"),
    (["compile", MODEL, "--emit", "tape", "-o", "d"], "flag '--emit' got 'tape', expected cuda"),
    (["compile", MODEL, "-o", "/dev/full"], "something that is not a regular file has that name"),
]


class CommandLineTest(unittest.TestCase):
    def test_bad_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            for arguments, message in BAD:
                with self.subTest(arguments):
                    command = [str(BUILD / "bin/heddle"), *arguments]
                    done = subprocess.run(
                        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder, timeout=60
                    )
                    errors = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
                    self.assertEqual(done.returncode, 2, errors)
                    self.assertEqual(len(errors), 1, errors)
                    self.assertTrue(errors[0].startswith("heddle: error: "), errors[0])
                    self.assertIn(message, errors[0])
            self.assertEqual(os.listdir(folder), [])

    def test_help_fits_one_screen(self):
        for arguments in (["--help"], ["run", "--help"], ["compile", "--help"], ["verify", "--help"], ["inspect", "--help"]):
            text = subprocess.run([BUILD / "bin/heddle", *arguments], capture_output=True, text=True, check=True).stdout
            self.assertLessEqual(len(text.splitlines()), 40, arguments)
            self.assertLessEqual(max(map(len, text.splitlines())), 120, arguments)


if __name__ == "__main__":
    unittest.main()
