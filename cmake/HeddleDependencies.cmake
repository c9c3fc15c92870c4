# What Heddle builds on: LLVM, MLIR and lld 22.1, ONNX's C++ library, protobuf, zlib, xxHash, GoogleTest.

# `make setup` puts Python packages and ONNX's library below the build folder.
set(HEDDLE_VENV "${CMAKE_SOURCE_DIR}/build/venv" CACHE PATH "Virtual environment made by `make setup`")
set(HEDDLE_ONNX_DIR "${CMAKE_SOURCE_DIR}/build/onnx-install" CACHE PATH "Where ONNX's C++ library is installed")

find_program(HEDDLE_LLVM_CONFIG NAMES llvm-config-22 llvm-config)
if(HEDDLE_LLVM_CONFIG)
  execute_process(COMMAND "${HEDDLE_LLVM_CONFIG}" --cmakedir OUTPUT_VARIABLE llvmCmakeDir
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  cmake_path(GET llvmCmakeDir PARENT_PATH llvmHint)
endif()
find_package(MLIR 22.1 REQUIRED CONFIG HINTS "${llvmHint}/mlir")
find_package(LLD REQUIRED CONFIG HINTS "${llvmHint}/lld")
find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_path(HEDDLE_XXHASH_INCLUDE xxhash.h REQUIRED)

# The shared libraries only: a mix with the static archives would hold two copies of every registry.
add_library(heddle_mlir INTERFACE)
target_include_directories(heddle_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
separate_arguments(llvmDefinitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(heddle_mlir INTERFACE ${llvmDefinitions})
target_link_libraries(heddle_mlir INTERFACE MLIR LLVM)

# lld as a library, for linking kernels inside the process.
add_library(heddle_lld INTERFACE)
target_include_directories(heddle_lld SYSTEM INTERFACE ${LLD_INCLUDE_DIRS})
foreach(name lldELF lldCommon)
  get_target_property(archive ${name} IMPORTED_LOCATION_RELWITHDEBINFO)
  target_link_libraries(heddle_lld INTERFACE "${archive}")
endforeach()
# lld can compress sections.
find_library(HEDDLE_ZSTD zstd REQUIRED)
target_link_libraries(heddle_lld INTERFACE heddle_mlir ZLIB::ZLIB "${HEDDLE_ZSTD}")

# ONNX's protobuf messages, schemas and checker.
if(NOT EXISTS "${HEDDLE_ONNX_DIR}/lib/libonnx.a")
  message(FATAL_ERROR "ONNX's C++ library is not in ${HEDDLE_ONNX_DIR}: run `make setup`, or set HEDDLE_ONNX_DIR")
endif()
add_library(heddle_onnx INTERFACE)
target_include_directories(heddle_onnx SYSTEM INTERFACE "${HEDDLE_ONNX_DIR}/include" ${Protobuf_INCLUDE_DIRS})
target_compile_definitions(heddle_onnx INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(heddle_onnx INTERFACE "${HEDDLE_ONNX_DIR}/lib/libonnx.a"
                      "${HEDDLE_ONNX_DIR}/lib/libonnx_proto.a" ${Protobuf_LIBRARIES} Threads::Threads)

if(HEDDLE_TESTS)
  find_package(GTest REQUIRED)
endif()
