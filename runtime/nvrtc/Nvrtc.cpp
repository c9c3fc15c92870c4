// NVRTC, NVIDIA's run-time compiler, opened with dlopen.
#include "runtime/nvrtc/Nvrtc.h"
#include "runtime/nvrtc/NvrtcLibrary.h"
#include <algorithm>
#include <dlfcn.h>
#include <filesystem>
#include <memory>
#include <mutex>

namespace heddle {

/// (field, exported name, parameters): NVRTC's interface, stable since CUDA 11.2; every call returns its code.
#define HEDDLE_NVRTC_FUNCTIONS(X)                                                                                      \
  X(version, nvrtcVersion, int *major, int *minor)                                                                     \
  X(createProgram, nvrtcCreateProgram, Program *program, const char *source, const char *name, int headerCount,        \
    const char *const *headers, const char *const *includeNames)                                                       \
  X(compileProgram, nvrtcCompileProgram, Program program, int optionCount, const char *const *options)                 \
  X(destroyProgram, nvrtcDestroyProgram, Program *program)                                                             \
  X(getLogSize, nvrtcGetProgramLogSize, Program program, size_t *bytes)                                                \
  X(getLog, nvrtcGetProgramLog, Program program, char *text)                                                           \
  X(getPtxSize, nvrtcGetPTXSize, Program program, size_t *bytes)                                                       \
  X(getPtx, nvrtcGetPTX, Program program, char *text)                                                                  \
  X(getCubinSize, nvrtcGetCUBINSize, Program program, size_t *bytes)                                                   \
  X(getCubin, nvrtcGetCUBIN, Program program, char *bytes)

struct Nvrtc::Functions {
  using Program = void *;
#define HEDDLE_NVRTC_FIELD(FIELD, NAME, ...) int (*FIELD)(__VA_ARGS__) = nullptr;
  HEDDLE_NVRTC_FUNCTIONS(HEDDLE_NVRTC_FIELD)
#undef HEDDLE_NVRTC_FIELD
  const char *(*getErrorString)(int code) = nullptr;

  /// \returns the name of the first function that the library lacks, or null.
  const char *resolve(void *library);
  std::string describe(const char *call, int code) const {
    return std::string(call) + ": " + getErrorString(code) + " (" + std::to_string(code) + ")";
  }
};

const char *Nvrtc::Functions::resolve(void *library) {
  auto find = [library](auto &field, const char *name) {
    field = reinterpret_cast<std::remove_reference_t<decltype(field)>>(dlsym(library, name));
    return field != nullptr;
  };
#define HEDDLE_NVRTC_RESOLVE(FIELD, NAME, ...)                                                                         \
  if (!find(FIELD, #NAME))                                                                                             \
    return #NAME;
  HEDDLE_NVRTC_FUNCTIONS(HEDDLE_NVRTC_RESOLVE)
#undef HEDDLE_NVRTC_RESOLVE
  return find(getErrorString, "nvrtcGetErrorString") ? nullptr : "nvrtcGetErrorString";
}

namespace {

using SizeGetter = int (*)(void *, size_t *);
using BytesGetter = int (*)(void *, char *);

/// What NVRTC hands out by a pair of calls; empty if it has none.
std::string fetch(void *program, SizeGetter getSize, BytesGetter getBytes) {
  size_t bytes = 0;
  if (getSize(program, &bytes) != 0 || bytes == 0)
    return {};
  std::string result(bytes, '\0');
  if (getBytes(program, result.data()) != 0)
    return {};
  return result;
}

std::string fetchText(void *program, SizeGetter getSize, BytesGetter getBytes) {
  std::string text = fetch(program, getSize, getBytes);
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

/// NVRTC puts the working directory before the names of sources and headers. What is made of equal inputs should be
/// equal in any folder, so `.file 1 "/here/k.cu"` becomes `.file 1 "k.cu"`.
void stripWorkingDirectory(std::string &ptx) {
  std::error_code ignored;
  std::string folder = "\"" + std::filesystem::current_path(ignored).string();
  if (!folder.ends_with('/'))
    folder += '/';
  for (size_t line = ptx.find("\n\t.file\t"); line != std::string::npos; line = ptx.find("\n\t.file\t", line + 1)) {
    size_t end = ptx.find('\n', line + 1), name = ptx.find('"', line);
    if (name < end && ptx.compare(name, folder.size(), folder) == 0)
      ptx.erase(name + 1, folder.size() - 1);
  }
}

std::vector<const char *> pointersTo(const std::vector<std::string> &texts) {
  std::vector<const char *> pointers;
  for (const std::string &text : texts)
    pointers.push_back(text.c_str());
  return pointers;
}

} // namespace

const Nvrtc *Nvrtc::open(std::string &error) {
  void *library = openNvrtcLibrary(error);
  if (!library)
    return nullptr;
  static Functions functions;
  if (const char *missing = functions.resolve(library)) {
    error = std::string("the NVRTC library has no function ") + missing;
    return nullptr;
  }
  int major = 0, minor = 0;
  functions.version(&major, &minor);
  static Nvrtc opened(&functions, std::to_string(major) + "." + std::to_string(minor));
  return &opened;
}

const Nvrtc *Nvrtc::get(std::string &error) {
  static std::string failure;
  static const Nvrtc *opened = open(failure);
  if (!opened)
    error = failure;
  return opened;
}

NvrtcResult Nvrtc::compile(const NvrtcRequest &request) const {
  NvrtcResult result;
  std::vector<const char *> texts, names, options = pointersTo(request.options);
  for (const auto &[name, text] : request.headers) {
    names.push_back(name.c_str());
    texts.push_back(text.c_str());
  }
  void *program = nullptr;
  int code = functions->createProgram(&program, request.source.c_str(), request.name.c_str(),
                                      static_cast<int>(names.size()), texts.data(), names.data());
  if (code != 0) {
    result.error = functions->describe("nvrtcCreateProgram", code);
    return result;
  }
  code = functions->compileProgram(program, static_cast<int>(options.size()), options.data());
  if (code != 0)
    result.error = functions->describe("nvrtcCompileProgram", code);
  result.log = fetchText(program, functions->getLogSize, functions->getLog);
  result.ptx = fetchText(program, functions->getPtxSize, functions->getPtx);
  if (code == 0)
    result.cubin = fetch(program, functions->getCubinSize, functions->getCubin);
  functions->destroyProgram(&program);
  stripWorkingDirectory(result.ptx);
  return result;
}

} // namespace heddle
