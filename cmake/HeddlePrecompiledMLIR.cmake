# The one precompiled header of all code that uses MLIR; its templates are instantiated once, in it.
#
# CMake's own target_precompile_headers is not used: it wraps the headers in a file of the build folder whose absolute
# path ends up in the precompiled header, and so in the key of every object that ccache stores. Here every input is a
# system header, the result is the same in any folder, and all checkouts on one machine share their objects.

set(headers
    llvm/ADT/STLExtras.h
    llvm/ADT/SmallVector.h
    llvm/ADT/StringExtras.h
    llvm/ADT/TypeSwitch.h
    llvm/Support/raw_ostream.h
    mlir/Bytecode/BytecodeOpInterface.h
    mlir/Dialect/Arith/IR/Arith.h
    mlir/Dialect/Func/IR/FuncOps.h
    mlir/Dialect/LLVMIR/LLVMDialect.h
    mlir/Dialect/Linalg/IR/Linalg.h
    mlir/Dialect/Math/IR/Math.h
    mlir/Dialect/MemRef/IR/MemRef.h
    mlir/Dialect/SCF/IR/SCF.h
    mlir/Dialect/Tensor/IR/Tensor.h
    mlir/Dialect/Vector/IR/VectorOps.h
    mlir/IR/Builders.h
    mlir/IR/BuiltinOps.h
    mlir/IR/DialectImplementation.h
    mlir/IR/IRMapping.h
    mlir/IR/Matchers.h
    mlir/IR/OpImplementation.h
    mlir/IR/PatternMatch.h
    mlir/IR/SymbolTable.h
    mlir/IR/Verifier.h
    mlir/Interfaces/InferTypeOpInterface.h
    mlir/Interfaces/SideEffectInterfaces.h
    mlir/Parser/Parser.h
    mlir/Pass/Pass.h
    mlir/Pass/PassManager.h
    mlir/Transforms/DialectConversion.h
    mlir/Transforms/GreedyPatternRewriteDriver.h
    mlir/Transforms/Passes.h
    cassert
    functional
    map
    memory
    optional
    string
    vector)

set(HEDDLE_MLIR_PCH "${CMAKE_BINARY_DIR}/mlir-headers.pch")
set(HEDDLE_MLIR_OPTIONS -O1 -fPIC -fno-exceptions)

list(TRANSFORM headers PREPEND "-include;" OUTPUT_VARIABLE includeFlags)
list(TRANSFORM llvmDefinitions REPLACE "^-D" "" OUTPUT_VARIABLE definitions)
list(TRANSFORM definitions PREPEND -D)
list(TRANSFORM MLIR_INCLUDE_DIRS PREPEND "-isystem;" OUTPUT_VARIABLE searchFlags)
get_directory_property(commonOptions COMPILE_OPTIONS)
list(FILTER commonOptions EXCLUDE REGEX "^\\$<|-file-prefix-map=")
string(TOUPPER "${CMAKE_BUILD_TYPE}" buildType)
separate_arguments(cxxFlags NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${buildType}}")
list(GET MLIR_INCLUDE_DIRS 0 mlirInclude)

# The file that is "compiled" must exist in every checkout under the same name, so it is a system header too.
add_custom_command(
  OUTPUT "${HEDDLE_MLIR_PCH}"
  COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} "${CMAKE_CXX_COMPILER}" ${cxxFlags} ${commonOptions} ${HEDDLE_MLIR_OPTIONS}
          -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden ${definitions} ${searchFlags} ${includeFlags}
          -fpch-instantiate-templates -Xclang -fno-pch-timestamp -MD -MF "${HEDDLE_MLIR_PCH}.d"
          -x c++-header "${mlirInclude}/mlir/IR/Operation.h" -o "${HEDDLE_MLIR_PCH}"
  DEPFILE "${HEDDLE_MLIR_PCH}.d"
  COMMENT "Precompiling MLIR's headers"
  VERBATIM)
add_custom_target(heddle_mlir_headers DEPENDS "${HEDDLE_MLIR_PCH}")
