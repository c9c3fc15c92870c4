"""Shared by the end-to-end tests: the programs, models with weights, and what it means to agree with ONNX Runtime."""
import functools
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnx.parser
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
WORK = BUILD / "test/e2e"
FULL = bool(os.environ.get("HEDDLE_FULL"))
sys.path.insert(0, str(ROOT / "test/models"))

import weights  # noqa: E402  (found through the path above)


def execute(program, *arguments, timeout=300):
    """A finished program of build/bin."""
    command = [str(BUILD / "bin" / program), *map(str, arguments)]
    environment = dict(os.environ, XDG_CACHE_HOME=str(BUILD / "test/cache"))
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, env=environment
    )


def run(program, *arguments, status=0, timeout=300):
    """Runs a program of build/bin; returns its standard output, or fails the test with what it wrote."""
    done = execute(program, *arguments, timeout=timeout)
    command = " ".join(map(str, done.args))
    assert done.returncode == status, f"exit code {done.returncode}: {command}\n{done.stderr}{done.stdout}"
    return done.stdout


@functools.cache
def model(name):
    """A graph of test/models with its weights."""
    WORK.mkdir(parents=True, exist_ok=True)
    return weights.fill(ROOT / "test/models" / f"{name}.onnx", WORK)


def save(name, model):
    """The path of a model, or of its text in ONNX's syntax, in a file."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.onnx"
    onnx.save(onnx.parser.parse_model(model) if isinstance(model, str) else model, path)
    return path


@functools.cache
def detector(variant="silero_vad"):
    """One of the voice detectors in the Python package silero-vad."""
    WORK.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT / "examples/voice"))
    import voice

    return voice.fetch_detector(WORK, variant)


@functools.cache
def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def expected(path, feeds):
    """What ONNX Runtime makes of `feeds`: a dictionary by output name."""
    reference = session(path)
    return dict(zip([output.name for output in reference.get_outputs()], reference.run(None, feeds)))


def difference(got, want):
    """None if two outputs agree, else a sentence.

    Integers must be equal. Floats: the largest error is at most 1e-3 of the largest value, the cosine of outputs of 8
    and more elements that are not constant is at least 0.99999, and the largest element of each row is the same one
    wherever it leads by more than the allowed error.
    """
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{got.dtype}{list(got.shape)}, expected {want.dtype}{list(want.shape)}"
    if want.size == 0:
        return None
    if want.dtype.kind != "f":
        wrong = int((got != want).sum())
        return f"{wrong} of {want.size} elements differ" if wrong else None
    got, want = got.astype(np.float64), want.astype(np.float64)
    if not np.array_equal(np.isfinite(got), np.isfinite(want)):
        return "not finite in other places"
    largest = np.abs(want).max()
    error = np.abs(got - want).max()
    if error > 1e-3 * largest:
        return f"error {error:.3g}, largest value {largest:.3g}"
    if want.size >= 8 and np.ptp(want) > 0:
        cosine = (got.ravel() @ want.ravel()) / (np.linalg.norm(got) * np.linalg.norm(want))
        if cosine < 0.99999:
            return f"cosine {cosine:.7f}"
    if want.ndim and want.shape[-1] > 1:
        ordered = np.sort(want, -1)
        leads = ordered[..., -1] - ordered[..., -2] > 1e-3 * largest
        if np.any(leads & (got.argmax(-1) != want.argmax(-1))):
            return "the largest element is another one"
    return None


def run_model(path, feeds, name, *flags):
    """The outputs of `heddle run` on `feeds`; `name` tells the files of different tests apart."""
    given, made = WORK / f"{name}.in.npz", WORK / f"{name}.out.npz"
    np.savez(given, **feeds)
    run("heddle", "run", path, "--inputs", given, "--outputs", made, *flags)
    with np.load(made) as outputs:
        return {key: outputs[key] for key in outputs.files}


def refusal(path, feeds, name, *flags):
    """The exit code of `heddle run` on `feeds`, and what it says."""
    given = WORK / f"{name}.in.npz"
    np.savez(given, **feeds)
    done = execute("heddle", "run", path, "--inputs", given, *flags)
    return done.returncode, done.stderr.removeprefix("heddle: error: ").rstrip("\n")


def check(test, got, want):
    """Fails `test` for every output that is missing or does not agree."""
    test.assertEqual(sorted(got), sorted(want))
    wrong = {name: difference(got[name], want[name]) for name in want}
    test.assertEqual({name: sentence for name, sentence in wrong.items() if sentence}, {})
