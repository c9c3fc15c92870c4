# The functions that the folders' CMakeLists.txt use. DEPENDS takes targets and is transitive.

# Shared by all: sources are named relative to the folder, includes are written from the root.
function(heddle_set_up_target name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "DEPENDS" ${ARGN})
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
  if(NOT ARG_EXCEPTIONS)
    target_compile_options(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>")
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
endfunction()

# heddle_library(<name> [SHARED] [EXCEPTIONS] SOURCES <file>... [DEPENDS <target>...])
# A library in plain C++, static unless SHARED is given.
function(heddle_library name)
  cmake_parse_arguments(ARG "SHARED;EXCEPTIONS" "" "SOURCES;DEPENDS" ${ARGN})
  set(kind STATIC)
  if(ARG_SHARED)
    set(kind SHARED)
  endif()
  set(exceptions)
  if(ARG_EXCEPTIONS)
    set(exceptions EXCEPTIONS)
  endif()
  add_library(${name} ${kind} ${ARG_SOURCES})
  heddle_set_up_target(${name} ${exceptions} DEPENDS ${ARG_DEPENDS})
endfunction()

include(HeddlePrecompiledMLIR)

# Compile time matters more than the speed of the compiler itself, and -O1 saves a third of it.
# Programs are compiled with -fPIC like the libraries: a precompiled header is not shared between -fPIC and -fPIE.
function(heddle_use_mlir name)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE ${HEDDLE_MLIR_OPTIONS} -include-pch "${HEDDLE_MLIR_PCH}")
  target_link_libraries(${name} PUBLIC heddle_mlir)
  get_target_property(sources ${name} SOURCES)
  set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS "${HEDDLE_MLIR_PCH}")
  add_dependencies(${name} heddle_mlir_headers)
endfunction()

# heddle_mlir_library(<name> SOURCES <file>... [DEPENDS <target>...])
# A static library that uses MLIR: the precompiled header, the shared MLIR and LLVM.
function(heddle_mlir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  heddle_set_up_target(${name} DEPENDS ${ARG_DEPENDS})
  heddle_use_mlir(${name})
endfunction()

# heddle_tablegen(<name> <file.td> <output>=<mlir-tblgen flags>...)
# Runs mlir-tblgen once per output. Outputs land in the build folder at the same relative place, so that ir/Ops.td
# gives "ir/Ops.h.inc". DEPENDS on <name> makes a library wait for them.
#   heddle_tablegen(HeddleOpsGen Ops.td "Ops.h.inc=-gen-op-decls" "Ops.cpp.inc=-gen-op-defs")
#   heddle_tablegen(HeddlePassesGen Passes.td "Passes.h.inc=-gen-pass-decls -name Heddle")
function(heddle_tablegen name file)
  list(TRANSFORM MLIR_INCLUDE_DIRS PREPEND -I OUTPUT_VARIABLE mlirIncludes)
  set(outputs)
  foreach(pair IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)=(.+)$" matched "${pair}")
    if(NOT matched)
      message(FATAL_ERROR "heddle_tablegen: '${pair}' is not <output>=<flags>")
    endif()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_1}")
    separate_arguments(flags NATIVE_COMMAND "${CMAKE_MATCH_2}")
    add_custom_command(
      OUTPUT "${output}"
      COMMAND "${MLIR_TABLEGEN_EXE}" ${flags} -I "${CMAKE_SOURCE_DIR}" ${mlirIncludes}
              "${CMAKE_CURRENT_SOURCE_DIR}/${file}" -o "${output}" -d "${output}.d" --write-if-changed
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
      DEPFILE "${output}.d"
      COMMENT "Generating ${CMAKE_MATCH_1}"
      VERBATIM)
    list(APPEND outputs "${output}")
  endforeach()
  add_custom_target(${name}-run DEPENDS ${outputs})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}-run)
endfunction()

# heddle_tool(<name> [MLIR] SOURCES <file>... [DEPENDS <target>...])
# A program in build/bin; MLIR where its own source includes MLIR's headers.
function(heddle_tool name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  heddle_set_up_target(${name} DEPENDS ${ARG_DEPENDS})
  if(ARG_MLIR)
    heddle_use_mlir(${name})
  endif()
endfunction()

# heddle_unit_test(<name> [MLIR] SOURCES <file>... [DEPENDS <target>...])
# A GoogleTest program in build/bin/unit, run by ctest.
function(heddle_unit_test name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;DEPENDS" ${ARGN})
  set(mlir)
  if(ARG_MLIR)
    set(mlir MLIR)
  endif()
  heddle_tool(${name} ${mlir} SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin/unit")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300
                       ENVIRONMENT "GTEST_OUTPUT=json:${CMAKE_BINARY_DIR}/test/results/${name}.json")
endfunction()
