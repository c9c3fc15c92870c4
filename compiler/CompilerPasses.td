// Passes of the stages behind plan, which need code generators and the artifact format.
#ifndef HEDDLE_COMPILER_COMPILERPASSES_TD
#define HEDDLE_COMPILER_COMPILERPASSES_TD

include "mlir/Pass/PassBase.td"

def EmitObjects : Pass<"heddle-emit-objects", "::mlir::ModuleOp"> {
  let summary = "Compile every kernel to object code for a CPU level";
  let description = [{
    Requires: scheduled kernels.
    Ensures:  one `heddle.object` per kernel; its bytes are in the WeightStore under its digest.
    Leaves:   everything else.
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v3\"", "CPU level of the code">,
                 Option<"threads", "threads", "unsigned", "1", "Threads that compile kernels">];
}

def VerifyCode : Pass<"heddle-verify-code", "::mlir::ModuleOp"> {
  let summary = "Check what must hold at the end of stage code";
  let description = [{
    Requires: nothing.
    Ensures:  each kernel has one object and each object its kernel; all objects are made for one target; the bytes of an object are in
      the WeightStore and define its entry, which no other object has; its sizes are expressions over the symbols of the kernel; a launch
      geometry has three dimensions and at most 1024 threads.
    Leaves:   everything.
  }];
}

def WriteArtifact : Pass<"heddle-write-artifact", "::mlir::ModuleOp"> {
  let summary = "Link the objects and write plan, code and weights to a file";
  let description = [{
    Requires: a plan, and an object for each kernel; the bytes of all weights in the WeightStore.
    Ensures:  the file is there as a whole, with the same bytes for the same module.
    Leaves:   the module.
  }];
  let options = [Option<"output", "output", "std::string", "\"\"", "Path of the artifact">];
}

#endif // HEDDLE_COMPILER_COMPILERPASSES_TD
