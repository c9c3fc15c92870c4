#!/usr/bin/env python3
"""A voice detector from PyPI, compiled and run frame by frame over sentences that eSpeak NG speaks.

Prints the speech segments that it found beside those that were spoken. `make build` comes first; everything this makes
lands in build/voice.
"""
import pathlib
import sys
import wave
import zipfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from steps import run, step  # noqa: E402  (found through the path above)

BIN = ROOT / "build/bin"
FOLDER = ROOT / "build/voice"
RATE = 16000
DETECTOR = "silero-vad==6.2.3"
SENTENCES = [
    ("A heddle is the part of a loom that guides the warp threads.", 1.2),
    ("This program compiles neural networks.", 0.8),
    ("It found where somebody speaks, and where nobody does.", 1.5),
]


def fetch_detector(folder=FOLDER, variant="silero_vad"):
    """One model of the Python package, which is never committed, in `folder`."""
    model = folder / f"{variant}.onnx"
    if not model.exists():
        run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, DETECTOR)
        with zipfile.ZipFile(next(folder.glob("silero_vad-*.whl"))) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(f"/{variant}.onnx"))
            model.write_bytes(wheel.read(name))
    return model


def speak(text):
    """One sentence as samples at 16 kHz, without the silence around it."""
    path = FOLDER / "sentence.wav"
    run("espeak-ng", "-s", "150", "-w", path, text)
    with wave.open(str(path)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 200)
    samples = samples[loud[0] : loud[-1] + 1]
    moments = np.arange(0, len(samples), rate / RATE)
    return np.interp(moments, np.arange(len(samples)), samples).astype(np.int16)


def record():
    """Writes the WAV file; returns its path and what was spoken: (begin, end, text), in seconds."""
    parts, spoken, now = [np.zeros(RATE, np.int16)], [], 1.0
    for text, pause in SENTENCES:
        samples = speak(text)
        spoken.append((now, now + len(samples) / RATE, text))
        parts += [samples, np.zeros(int(pause * RATE), np.int16)]
        now += len(samples) / RATE + int(pause * RATE) / RATE
    path = FOLDER / "speech.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(np.concatenate(parts).tobytes())
    return path, spoken


def compare(spoken, found):
    """Prints both side by side; returns how many sentences were found, to a third of a second at either end."""
    hits = 0
    for begin, end, text in spoken:
        inside = [segment for segment in found if segment[0] < end and segment[1] > begin]
        heard = " ".join(f"{a:.2f}-{b:.2f}" for a, b in inside) or "nothing"
        hit = bool(inside) and abs(inside[0][0] - begin) < 0.34 and abs(inside[-1][1] - end) < 0.34
        hits += hit
        print(f"  spoken {begin:5.2f}-{end:5.2f}   found {heard:24} {'ok' if hit else 'MISSED'}   {text}")
    return hits


def detect(model):
    with step("speak"):
        sound, spoken = record()
        print(f"{len(spoken)} sentences, {spoken[-1][1]:.1f} s of sound in {sound.relative_to(ROOT)}")
    artifact = FOLDER / "silero_vad.hdl"
    with step("compile for the CPU"):
        run(BIN / "heddle", "compile", model, "-o", artifact)
        print(f"{artifact.relative_to(ROOT)}: {artifact.stat().st_size / 1e6:.1f} MB")
    with step("detect speech"):
        lines = run(BIN / "detect-speech", artifact, sound).splitlines()
        found = [tuple(map(float, line.split())) for line in lines]
        hits = compare(spoken, found)
    return hits == len(spoken) == len(found)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with step("fetch the voice detector"):
        model = fetch_detector()
    return 0 if detect(model) else 1


if __name__ == "__main__":
    sys.exit(main())
