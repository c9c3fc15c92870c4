// The simulated GPU as a device for sessions.
#ifndef HEDDLE_RUNTIME_SIM_SIMSESSIONDEVICE_H
#define HEDDLE_RUNTIME_SIM_SIMSESSIONDEVICE_H

#include "runtime/Device.h"
#include <memory>

namespace heddle {

/// The device "sim", which runs variants for "cuda" from their PTX. libheddle_sim.so is opened with dlopen: from the
/// program's folder, from `lib` beside that folder or beside its parent, or from where the dynamic linker looks.
/// Code::DeviceError if it is not there.
/// \param sm simulated architecture such as "sm_90a"; empty: whatever the program holds.
/// \param threads host threads that run blocks; 0: all that the process may use. Never changes a result.
Result<std::shared_ptr<Device>> makeSimSessionDevice(const std::string &sm, int threads);

} // namespace heddle

#endif // HEDDLE_RUNTIME_SIM_SIMSESSIONDEVICE_H
