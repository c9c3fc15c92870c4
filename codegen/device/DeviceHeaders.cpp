// Holds the text of the device headers.
#include "codegen/device/DeviceHeaders.h"

namespace heddle {
namespace {

constexpr DeviceHeader headers[] = {
#define HEADER(NAME, TEXT) {NAME, TEXT},
#include "codegen/device/DeviceHeaders.inc"
#undef HEADER
};

} // namespace

std::span<const DeviceHeader> deviceHeaders() { return headers; }

} // namespace heddle
