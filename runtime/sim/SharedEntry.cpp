// The entry of libheddle_sim.so.
#include "runtime/sim/SimDevice.h"

extern "C" __attribute__((visibility("default"))) heddle::SimDevice *
heddle_sim_create(const heddle::SimOptions *options) {
  return heddle::createSimDevice(*options).release();
}
