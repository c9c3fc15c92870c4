// Finds and opens the NVRTC library.
#ifndef HEDDLE_RUNTIME_NVRTC_NVRTCLIBRARY_H
#define HEDDLE_RUNTIME_NVRTC_NVRTCLIBRARY_H

#include <string>

namespace heddle {

/// A handle for dlsym, never closed; null if no place has the library, with the places in `error`.
void *openNvrtcLibrary(std::string &error);

} // namespace heddle

#endif // HEDDLE_RUNTIME_NVRTC_NVRTCLIBRARY_H
