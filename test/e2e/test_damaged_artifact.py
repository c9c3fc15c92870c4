"""A large artifact with one byte changed, or cut short, is refused before anything of it runs. (Every byte of a small one:
test/unit/format.)"""
import random
import subprocess
import unittest

import numpy as np
import support
from test_models import continuation

FLIPS = 2000
CUTS = 100


class DamagedArtifactTest(unittest.TestCase):
    def refused(self, artifact, what):
        program = str(support.BUILD / "bin/heddle-run")
        done = subprocess.run([program, str(artifact)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, 7, f"{what}: {done.stderr}")
        self.assertEqual(done.stdout, "", what)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_gpt2(self):
        artifact = support.WORK / "damaged.hdl"
        support.run("heddle", "compile", support.model("gpt2"), "-o", artifact)
        generator = random.Random(7)
        size = artifact.stat().st_size
        with open(artifact, "r+b", buffering=0) as file:
            for _ in range(FLIPS):
                # Weights are nearly all of the file: half of the flips go to its first and last megabyte.
                place = generator.choice([generator.randrange(size), generator.randrange(1 << 20)])
                place = generator.choice([place, size - 1 - place])
                file.seek(place)
                kept = file.read(1)
                file.seek(place)
                file.write(bytes([kept[0] ^ generator.randrange(1, 256)]))
                self.refused(artifact, f"byte {place}")
                file.seek(place)
                file.write(kept)
        given = support.WORK / "damaged.in.npz"
        np.savez(given, **continuation(1, 0, 2))
        support.run("heddle-run", artifact, "--inputs", given)
        for length in sorted((generator.randrange(size) for _ in range(CUTS)), reverse=True):
            with open(artifact, "r+b") as file:
                file.truncate(length)
            self.refused(artifact, f"cut to {length} bytes")
        artifact.unlink()


if __name__ == "__main__":
    unittest.main()
