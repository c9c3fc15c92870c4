// Carries the precompiled header of all code that uses MLIR.
