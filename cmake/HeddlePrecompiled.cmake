# Precompiled headers: four sets, each shared by all targets of one kind, templates instantiated once.
#
# CMake's own target_precompile_headers is not used: it wraps the headers in a file of the build folder whose absolute
# path ends up in the precompiled header, and so in the key of every object that ccache stores. Here every input is a
# system header, the result is the same in any folder, and all checkouts on one machine share their objects.

option(HEDDLE_PRECOMPILE "Use precompiled headers; OFF shows files that lack an include" ON)

# heddle_precompile(<name> OPTIONS <flag>... HEADERS <header>... [SYSTEM <flag>...])
# Target <name> makes <name>.pch from system headers. Its users are compiled with the same OPTIONS; the SYSTEM flags are
# those that they get from the libraries they link.
function(heddle_precompile name)
  cmake_parse_arguments(ARG "" "" "OPTIONS;HEADERS;SYSTEM" ${ARGN})
  set(pch "${CMAKE_BINARY_DIR}/${name}.pch")
  add_custom_target(${name} DEPENDS "${pch}")
  set_target_properties(${name} PROPERTIES HEDDLE_OPTIONS "${ARG_OPTIONS}" HEDDLE_PCH "${pch}")

  list(TRANSFORM ARG_HEADERS PREPEND "-include;" OUTPUT_VARIABLE includeFlags)
  get_directory_property(commonOptions COMPILE_OPTIONS)
  list(FILTER commonOptions EXCLUDE REGEX "^\\$<|-file-prefix-map=")
  string(TOUPPER "${CMAKE_BUILD_TYPE}" buildType)
  separate_arguments(cxxFlags NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${buildType}}")

  # The file that is "compiled" must have the same name in every checkout, so it is a system header too.
  add_custom_command(
    OUTPUT "${pch}"
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} "${CMAKE_CXX_COMPILER}" ${cxxFlags} ${commonOptions} ${ARG_OPTIONS}
            -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden ${ARG_SYSTEM} ${includeFlags}
            -fpch-instantiate-templates -Xclang -fno-pch-timestamp -MD -MF "${pch}.d"
            -x c++-header "${HEDDLE_XXHASH_INCLUDE}/xxhash.h" -o "${pch}"
    DEPFILE "${pch}.d"
    COMMENT "Precompiling ${name}"
    VERBATIM)
endfunction()

# heddle_use_precompiled(<target> <name>): the options and the header of heddle_precompile(<name>).
# Programs are compiled with -fPIC like the libraries: a precompiled header is not shared between -fPIC and -fPIE.
function(heddle_use_precompiled target name)
  get_target_property(options ${name} HEDDLE_OPTIONS)
  get_target_property(pch ${name} HEDDLE_PCH)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  foreach(option IN LISTS options)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${option}>")
  endforeach()
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C>:-fPIC>")
  if(HEDDLE_PRECOMPILE)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${pch}>")
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS "${pch}")
    add_dependencies(${target} ${name})
  endif()
endfunction()

set(standardHeaders
    algorithm
    array
    atomic
    cassert
    cmath
    cstdint
    cstring
    functional
    limits
    map
    memory
    mutex
    optional
    set
    span
    string
    string_view
    thread
    tuple
    unordered_map
    utility
    variant
    vector)

set(mlirHeaders
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
    mlir/Transforms/Passes.h)

list(TRANSFORM llvmDefinitions REPLACE "^-D" "" OUTPUT_VARIABLE mlirFlags)
list(TRANSFORM mlirFlags PREPEND -D)
foreach(folder IN LISTS MLIR_INCLUDE_DIRS)
  list(APPEND mlirFlags -isystem "${folder}")
endforeach()

# Plain C++ is what runs models: -O2. With MLIR, compile time matters more than the compiler's own speed, and -O1 saves
# a third of it. ONNX's library throws, so the code that calls it is compiled with exceptions.
heddle_precompile(heddle_std_headers OPTIONS -O2 -fPIC -fno-exceptions HEADERS ${standardHeaders})
heddle_precompile(heddle_mlir_headers
  OPTIONS -O1 -fPIC -fno-exceptions SYSTEM ${mlirFlags} HEADERS ${standardHeaders} ${mlirHeaders})
heddle_precompile(heddle_mlir_throwing_headers
  OPTIONS -O1 -fPIC SYSTEM ${mlirFlags} HEADERS ${standardHeaders} ${mlirHeaders})
heddle_precompile(heddle_test_headers
  OPTIONS -O1 -fPIC -fno-exceptions SYSTEM -DGTEST_HAS_PTHREAD=1 HEADERS ${standardHeaders} gtest/gtest.h)
