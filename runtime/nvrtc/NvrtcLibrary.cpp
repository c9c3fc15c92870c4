// Finds and opens the NVRTC library.
#include "runtime/nvrtc/NvrtcLibrary.h"
#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <vector>

namespace fs = std::filesystem;

namespace heddle {
namespace {

/// The library of a folder that starts with `prefix`; the highest if there are several. Empty if there is none.
fs::path findLibrary(const fs::path &folder, const std::string &prefix) {
  std::error_code ignored;
  fs::path best;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(prefix))
      best = std::max(best, entry.path());
  return best;
}

/// The built-ins library is opened first and for all to see: NVRTC looks for it by name, not in its own folder.
void *openFrom(const fs::path &folder) {
  fs::path library = findLibrary(folder, "libnvrtc.so.");
  if (library.empty())
    return nullptr;
  fs::path builtins = findLibrary(folder, "libnvrtc-builtins.so.");
  if (!builtins.empty())
    dlopen(builtins.c_str(), RTLD_NOW | RTLD_GLOBAL);
  return dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
}

/// Folders of the Python package in the virtual environment `venv`, in any version of Python.
void addPackageFolders(const fs::path &venv, std::vector<fs::path> &folders) {
  std::error_code ignored;
  std::vector<fs::path> pythons;
  for (const fs::directory_entry &entry : fs::directory_iterator(venv / "lib", ignored))
    if (entry.path().filename().string().starts_with("python3"))
      pythons.push_back(entry.path());
  std::sort(pythons.begin(), pythons.end());
  for (const fs::path &python : pythons) {
    folders.push_back(python / "site-packages/nvidia/cu13/lib");
    folders.push_back(python / "site-packages/nvidia/cuda_nvrtc/lib");
  }
}

std::vector<fs::path> packageFolders() {
  std::error_code ignored;
  std::vector<fs::path> folders;
  fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  addPackageFolders(folder.parent_path() / "venv", folders);
  addPackageFolders(folder.parent_path().parent_path() / "venv", folders);
  return folders;
}

} // namespace

void *openNvrtcLibrary(std::string &error) {
  error = "no NVRTC library: tried";
  auto tryFolder = [&](const fs::path &folder) {
    error += " " + folder.string();
    return openFrom(folder);
  };
  if (const char *folder = std::getenv("HEDDLE_NVRTC_DIR"))
    if (void *library = tryFolder(folder))
      return library;
  for (const char *name : {"libnvrtc.so.13", "libnvrtc.so.12"}) {
    error += std::string(" ") + name;
    if (void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL))
      return library;
  }
  if (const char *home = std::getenv("CUDA_HOME"))
    if (void *library = tryFolder(fs::path(home) / "lib64"))
      return library;
  for (const fs::path &folder : packageFolders())
    if (void *library = tryFolder(folder))
      return library;
  return nullptr;
}

} // namespace heddle
