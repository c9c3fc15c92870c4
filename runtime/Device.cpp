// Defaults for devices that share the host's memory and check nothing.
#include "runtime/Device.h"

namespace heddle {

Status Device::share(const void *, int64_t, bool, const std::string &) { return Status::ok(); }

void Device::unshare(const void *) {}

std::vector<std::string> Device::takeFindings() { return {}; }

} // namespace heddle
