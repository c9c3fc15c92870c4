# How lit runs the tests in this folder.
import ctypes
import glob
import os

import lit.formats

config.name = "Heddle"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "unit", "lib", "layering", "style"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.heddle_build, "test")

tools = [os.path.join(config.heddle_build, "bin"), config.llvm_tools]
config.environment["PATH"] = os.pathsep.join(tools + [config.environment["PATH"]])
# Tests never see the caches of the user who runs them.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.heddle_build, "test", "cache")
config.substitutions.append(("%python", os.path.join(config.heddle_venv, "bin", "python")))
config.substitutions.append(("%root", config.heddle_root))
config.substitutions.append(("%build", config.heddle_build))


def opens(*libraries):
    try:
        for library in libraries:
            ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
        return True
    except OSError:
        return False


def has_nvrtc():
    wheel = glob.glob(os.path.join(config.heddle_venv, "lib", "python*", "site-packages", "nvidia", "cu13", "lib"))
    home = os.environ.get("CUDA_HOME")
    folders = wheel + ([os.path.join(home, "lib64")] if home else [])
    found = any(glob.glob(os.path.join(folder, "libnvrtc.so.*")) for folder in folders)
    return found or opens("libnvrtc.so.13") or opens("libnvrtc.so.12")


def has_cuda():
    if not opens("libcuda.so.1"):
        return False
    driver = ctypes.CDLL("libcuda.so.1")
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


if has_nvrtc():
    config.available_features.add("nvrtc")
if has_cuda():
    config.available_features.add("cuda")
