"""NumPy and ONNX are the judges of tools/io: they write files, copy-tensors copies them, they read the copies."""
import glob
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COPY = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"), "bin/unit/copy-tensors")
CASES = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
WITHOUT_COUNTERPART = {TensorProto.UNDEFINED, TensorProto.COMPLEX64, TensorProto.COMPLEX128, TensorProto.UINT2, TensorProto.INT2}


def copy(kind, source, target):
    subprocess.run([COPY, kind, source, target], check=True)


def bits(array):
    """Bytes of the array in row-major order: compared instead of values, so that NaN equals NaN."""
    return array.tolist() if array.dtype == object else np.ascontiguousarray(array).tobytes()


def sample_arrays():
    rng = np.random.default_rng(7)
    arrays = {"scalar": np.float32(2.5), "empty": np.zeros((1, 0, 4), np.float32), "long": rng.random(200000)}
    for code in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
        values = (rng.random((3, 4)) * 100).astype(code)
        arrays[f"a/{code}:0"] = values
        arrays[f"fortran {code}"] = np.asfortranarray(values)
        if np.dtype(code).itemsize > 1:
            arrays[f"big {code}"] = values.astype(">" + code)
    return arrays


class NumpyTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def check_archive(self, save):
        want = sample_arrays()
        save(self.folder / "in.npz", **want)
        copy("named", self.folder / "in.npz", self.folder / "out.npz")
        got = np.load(self.folder / "out.npz")
        self.assertEqual(set(got.files), set(want))
        for name, value in want.items():
            native = value.astype(value.dtype.newbyteorder("="))
            self.assertEqual((got[name].dtype, got[name].shape), (native.dtype, native.shape), name)
            self.assertEqual(bits(got[name]), bits(native), name)

    def test_stored_archives(self):
        self.check_archive(np.savez)

    def test_compressed_archives(self):
        self.check_archive(np.savez_compressed)

    def test_folders_keep_every_name(self):
        want = sample_arrays()
        np.savez(self.folder / "in.npz", **want)
        copy("named", self.folder / "in.npz", self.folder / "arrays")
        copy("named", self.folder / "arrays", self.folder / "out.npz")
        self.assertEqual(set(np.load(self.folder / "out.npz").files), set(want))

    def check_message(self, tensor, where):
        (self.folder / "in.pb").write_bytes(tensor.SerializeToString())
        copy("tensor", self.folder / "in.pb", self.folder / "out.pb")
        got = TensorProto.FromString((self.folder / "out.pb").read_bytes())
        self.assertEqual((got.data_type, list(got.dims)), (tensor.data_type, list(tensor.dims)), where)
        self.assertEqual(bits(numpy_helper.to_array(got)), bits(numpy_helper.to_array(tensor)), where)

    def test_tensors_of_the_backend_cases(self):
        count = 0
        for path in sorted(glob.glob(f"{CASES}/*/test_data_set_0/*.pb"))[::11]:
            tensor = TensorProto()
            try:
                tensor.ParseFromString(pathlib.Path(path).read_bytes())
                numpy_helper.to_array(tensor)
            except Exception:  # a sequence or an optional, which the file's name does not tell
                continue
            if tensor.data_type not in WITHOUT_COUNTERPART:
                self.check_message(tensor, path)
                count += 1
        self.assertGreater(count, 200)

    # make_tensor without raw fills the typed fields, each type in its own way.
    def test_typed_fields_of_every_type(self):
        for data_type in sorted(set(TensorProto.DataType.values()) - WITHOUT_COUNTERPART):
            values = [b"a", b"", b"ccc"] if data_type == TensorProto.STRING else [0, 1, 1]
            self.check_message(onnx.helper.make_tensor("t", data_type, [3], values), data_type)


if __name__ == "__main__":
    unittest.main()
