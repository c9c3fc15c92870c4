// heddle: compiles ONNX models and runs them.
#include "tools/driver/Verbs.h"

int main(int argc, char **argv) { return heddle::driverMain(std::span(argv, static_cast<size_t>(argc))); }
