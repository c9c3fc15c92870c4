"""What the programs say about arguments and files that they cannot use: the message and the exit code."""
import os
import pathlib
import shutil
import subprocess
import sysconfig
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
MODEL = str(ROOT / "test/models/mlp_legacy.onnx")  # input [batch, 32] -> logits [batch, 10]
USAGE, DEVICE_ERROR, OVER_LIMIT, BAD_ARTIFACT = 2, 5, 6, 7

# Each is one line on stderr, and leaves nothing behind in the folder that it runs in.
# (name, exit code, what the message holds, program, arguments); {} stands for an empty folder, and TABLE for a file there.
CASES = [
    ("verb", USAGE, "unknown verb 'rnu', did you mean 'run'?", "heddle", ["rnu"]),
    ("no_verb", USAGE, "no verb, see 'heddle --help'", "heddle", []),
    ("no_model", USAGE, "got 0 models, expected one", "heddle", ["run"]),
    ("flag", USAGE, "unknown flag '--shaps', did you mean '--shapes'?", "heddle", ["run", MODEL, "--shaps", "x:1"]),
    ("flag_with_value", USAGE, "flag '--version' takes no value", "heddle-run", ["--version=1"]),
    ("flag_without_value", USAGE, "flag '--shapes' needs a value: ", "heddle", ["run", MODEL, "--shapes"]),
    ("flag_number", USAGE, "flag '--seed' got 'x', expected a number", "heddle", ["run", MODEL, "--seed", "x"]),
    ("flag_large_number", USAGE, "flag '--seed' got '99999999999999999999', expected a number", "heddle", ["run", MODEL, "--seed", "99999999999999999999"]),
    ("flag_least_number", USAGE, "flag '--threads' got 0, expected at least 1", "heddle", ["run", MODEL, "--threads", "0"]),
    ("flag_negative", USAGE, "flag '--rtol' got -1, expected at least 0", "heddle", ["run", MODEL, "--rtol=-1"]),
    ("flag_nan", USAGE, "flag '--atol' got nan, expected at least 0", "heddle", ["run", MODEL, "--atol=nan"]),
    ("misspelled_pass", USAGE, "did you mean 'heddle-order-launches'?", "heddle", ["run", MODEL, "--disable-pass", "heddle-order-launche"]),
    ("disabled_pass", USAGE, "flag '--disable-pass' got 'heddle-build-plan', which cannot be left out", "heddle", ["run", MODEL, "--disable-pass", "heddle-build-plan"]),
    ("device", USAGE, "flag '--device' got 'tpu', expected cpu, sim or sim:ARCHITECTURE", "heddle", ["run", MODEL, "--device", "tpu"]),
    ("device_architecture", USAGE, "unknown CUDA architecture 'sm_10', expected one of", "heddle", ["run", MODEL, "--device", "sim:sm_10"]),
    ("empty_architecture", USAGE, "unknown CUDA architecture '', expected one of", "heddle", ["run", MODEL, "--sm", "80,"]),
    ("cpu_level", USAGE, "unknown cpu level 'z80', expected one of x86-64-v3", "heddle", ["run", MODEL, "--cpu", "z80"]),
    ("model_that_is_not_there", USAGE, "no such file or directory", "heddle", ["run", "/nowhere.onnx"]),
    ("model_that_is_no_file", USAGE, "not a regular file", "heddle", ["run", "/dev/zero"]),
    ("artifact_that_is_no_file", USAGE, "something that is not a regular file has that name", "heddle", ["compile", MODEL, "-o", "/dev/full"]),
    ("two_models", USAGE, "got 2 models, expected one", "heddle", ["run", MODEL, MODEL]),
    ("stage", USAGE, "flag '--until' got 'middle', expected import, graph, kernels, plan, code or artifact", "heddle", ["compile", MODEL, "--until", "middle"]),
    ("emit_kind", USAGE, "flag '--emit' got 'sass', expected cuda, ptx, cubin, obj or plan", "heddle", ["compile", MODEL, "--emit", "sass", "-o", "{}"]),
    ("emit_objects_of_a_gpu", USAGE, "flag '--emit' got 'obj', which is code for a CPU: leave out '--device'", "heddle", ["compile", MODEL, "--emit", "plan,obj", "--device", "sim", "-o", "{}"]),
    ("phases_that_cannot_be_written", USAGE, "cannot write '/dev/full/", "heddle", ["run", MODEL, "--dump-phases", "/dev/full"]),
    ("emit_folder", USAGE, "flag '--emit' needs a folder: -o DIR", "heddle", ["compile", MODEL, "--emit", "plan"]),
    ("nothing_to_do", USAGE, "nothing to do: give -o ARTIFACT, --until STAGE, --emit KINDS, --dump-after or --diff-after PASS", "heddle", ["compile", MODEL]),
    ("shape_text", USAGE, "shape 'input' is not NAME:SIZExSIZE", "heddle", ["run", MODEL, "--shapes", "input"]),
    ("shape_size", USAGE, "shape 'input:-1x32' has size '-1', expected a number not below 0", "heddle", ["run", MODEL, "--shapes", "input:-1x32"]),
    ("shape_twice", USAGE, "the shape of 'input' is given twice", "heddle", ["run", MODEL, "--shapes", "input:1x32", "--shapes", "input:2x32"]),
    ("input_twice", USAGE, "input 'input' is given twice", "heddle", ["run", MODEL, "--input", "input=1x32xf32=0", "--input", "input=1x32xf32=1"]),
    ("shape_of_no_input", USAGE, "other", "heddle", ["run", MODEL, "--shapes", "other:1x32"]),
    ("input_name", USAGE, "the model has no input 'x'", "heddle", ["run", MODEL, "--input", "x=1xf32=0"]),
    ("input_size", USAGE, "input 'input': dimension 1 is 31, expected 32", "heddle", ["run", MODEL, "--input", "input=3x31xf32=0"]),
    ("input_type", USAGE, "input 'input': type is f64, expected f32", "heddle", ["run", MODEL, "--input", "input=3x32xf64=0"]),
    ("inputs_path", USAGE, "file name too long", "heddle", ["run", MODEL, "--inputs", "a" * 5000]),
    ("test_dir_path", USAGE, "there is no output_0.pb to compare with", "heddle", ["run", MODEL, "--test-dir", "a" * 5000]),
    ("against_path", USAGE, "expected reference, MODEL.onnx, or a folder or .npz file that is there", "heddle", ["verify", MODEL, "--against", "a" * 5000]),
    ("inputs_file", USAGE, "not a ZIP archive", "heddle", ["run", MODEL, "--inputs", MODEL]),
    ("input_text", USAGE, "input 'input' is not NAME=@FILE.npy or NAME=SIZExTYPE=VALUE", "heddle", ["run", MODEL, "--input", "input"]),
    ("input_value", USAGE, "is neither @FILE.npy nor SIZExTYPE=VALUE: 'q'", "heddle", ["run", MODEL, "--input", "input=q"]),
    ("state_text", USAGE, "state 'logits' is not OUTPUT=INPUT", "heddle", ["run", MODEL, "--state", "logits"]),
    ("state_input", USAGE, "state 'logits=past': output 'logits' has no input 'past'", "heddle", ["run", MODEL, "--state", "logits=past"]),
    ("state_output", USAGE, "state 'present=input': the model has no output 'present'", "heddle", ["run", MODEL, "--state", "present=input"]),
    ("outputs_per_run", USAGE, "1 runs need as many --outputs, got 2", "heddle", ["run", MODEL, "--outputs", "{}/a", "--outputs", "{}/b"]),
    ("test_dir_without_output", USAGE, "there is no output_0.pb to compare with", "heddle", ["run", MODEL, "--test-dir", "{}"]),
    ("inputs_of_bench", USAGE, "flag '--inputs' may be given once: all runs have the same inputs", "heddle", ["bench", MODEL, "--inputs", "{}", "--inputs", "{}"]),
    ("ops_word", USAGE, "unexpected word 'Add'", "heddle", ["ops", "Add"]),
    ("cache_word", USAGE, "expected 'ls' or 'clear', got 'list'", "heddle", ["cache", "list"]),
    ("shapes_of_an_artifact", USAGE, "flag '--shapes' is for models, but 'm.hdl' is compiled already", "heddle", ["run", "m.hdl", "--shapes", "x:1"]),
    ("verify_each_of_an_artifact", USAGE, "flag '--verify-each' is for models, but 'm.hdl' is compiled already", "heddle", ["run", "m.hdl", "--verify-each"]),
    ("verify_of_artifact", USAGE, "flag '--verify' got 'half', expected full or lazy", "heddle-run", ["m.hdl", "--verify", "half"]),
    ("no_artifact", USAGE, "expected one artifact, got 0", "heddle-run", []),
    ("pack_number", USAGE, "--capacity is 'x', expected a number of 0 or more", "heddle-pack", ["TABLE", "--capacity", "x"]),
    ("pack_alignment", USAGE, "--alignment is 3, expected a power of two up to 2^20", "heddle-pack", ["TABLE", "--alignment", "3"]),
    ("pack_value", USAGE, "--steps needs a value", "heddle-pack", ["TABLE", "--steps"]),
    ("pack_option", USAGE, "unknown option '--fast', see heddle-pack --help", "heddle-pack", ["TABLE", "--fast"]),
    ("pack_two_files", USAGE, "more than one file: '", "heddle-pack", ["TABLE", "other.csv"]),
    ("pack_no_file", USAGE, "no file given, see heddle-pack --help", "heddle-pack", []),
    ("pack_offset", USAGE, "offset of 'b' is no multiple of 64", "heddle-pack", ["TABLE", "--alignment", "64"]),
    ("pack_capacity", OVER_LIMIT, " bytes, the capacity is 8", "heddle-pack", ["TABLE", "--capacity", "8"]),
    ("write_artifact_without_path", 1, "option 'output' is empty", "heddle-opt", ["--heddle-write-artifact", os.devnull]),
]


class MessagesTest(unittest.TestCase):
    def check(self, code, message, program, arguments):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder, "t.csv")
            given = [str(table) if argument == "TABLE" else argument.replace("{}", folder) for argument in arguments]
            if "TABLE" in arguments:
                table.write_text("id,lower,upper,size,offset\na,0,2,16,\nb,1,3,16,16\n")
            before = os.listdir(folder)
            done = subprocess.run([BUILD / "bin" / program, *given], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                  cwd=folder, timeout=60)
            self.assertEqual(os.listdir(folder), before)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.returncode, code, done.stderr)
        errors = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
        self.assertEqual(len([line for line in errors if "error: " in line]), 1, done.stderr)
        if program != "heddle-opt":  # MLIR's driver shows the op as well.
            self.assertEqual(len(errors), 1, done.stderr)

    # A file that is no table is not read into memory first.
    def test_large_table(self):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder, "t.csv")
            with table.open("wb") as file:
                file.truncate((64 << 20) + 1)
            done = subprocess.run([BUILD / "bin/heddle-pack", table], capture_output=True, text=True)
        self.assertIn("has 67108865 bytes, expected at most 67108864", done.stderr)
        self.assertEqual(done.returncode, OVER_LIMIT)

    def test_no_temporary_folder(self):
        for arguments in (["compile", MODEL, "--until", "artifact"], ["bench", MODEL]):
            done = subprocess.run([BUILD / "bin/heddle", *arguments], capture_output=True, text=True, env=dict(os.environ, TMPDIR="/nowhere"))
            self.assertEqual(done.stderr, "heddle: error: no folder for temporary files can be made in '/nowhere': no such file or directory\n")
            self.assertEqual(done.returncode, USAGE)

    # The simulator lies beside the program or in ../lib; a copy elsewhere finds none. NVRTC is loaded first.
    def test_no_simulator(self):
        nvrtc = pathlib.Path(sysconfig.get_path("purelib"), "nvidia/cu13/lib")
        with tempfile.TemporaryDirectory() as folder:
            program = shutil.copy(BUILD / "bin/heddle", folder)
            done = subprocess.run(
                [program, "run", MODEL, "--device", "sim"],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                env=dict(os.environ, HEDDLE_NVRTC_DIR=str(nvrtc)),
            )
        self.assertIn("dlopen of libheddle_sim.so failed: ", done.stderr)
        self.assertEqual(done.returncode, DEVICE_ERROR)

    # The name in a side file is the digest that the dump refers to.
    def test_side_file_with_another_digest(self):
        with tempfile.TemporaryDirectory() as folder:
            side = pathlib.Path(folder, "s.npz")
            np.savez(side, wrong=np.zeros(3, np.float32))
            done = subprocess.run([BUILD / "bin/heddle-opt", "--side-file", side, os.devnull], capture_output=True, text=True)
        self.assertIn("side file: 'wrong' has the digest '", done.stderr)
        self.assertEqual(done.returncode, BAD_ARTIFACT)


for case_name, *case_row in CASES:
    setattr(MessagesTest, f"test_{case_name}", lambda self, row=case_row: self.check(*row))

if __name__ == "__main__":
    unittest.main()
