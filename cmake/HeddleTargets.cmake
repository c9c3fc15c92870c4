# The functions that the folders' CMakeLists.txt use. SOURCES are relative to the folder; DEPENDS takes targets and is
# transitive; includes are written from the root of the repository.

include(HeddlePrecompiled)

function(heddle_set_up_target name)
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()

# heddle_library(<name> [SHARED] [EXCEPTIONS] SOURCES <file>... [DEPENDS <target>...])
# A library in plain C++, static unless SHARED is given.
function(heddle_library name)
  cmake_parse_arguments(ARG "SHARED;EXCEPTIONS" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_SHARED)
    add_library(${name} SHARED ${ARG_SOURCES})
  else()
    add_library(${name} STATIC ${ARG_SOURCES})
  endif()
  heddle_set_up_target(${name} ${ARG_DEPENDS})
  if(NOT ARG_EXCEPTIONS)
    heddle_use_precompiled(${name} heddle_std_headers)
  endif()
endfunction()

# heddle_mlir_library(<name> [EXCEPTIONS] SOURCES <file>... [DEPENDS <target>...])
# A static library that uses MLIR: the precompiled header, the shared MLIR and LLVM.
function(heddle_mlir_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  heddle_set_up_target(${name} ${ARG_DEPENDS} heddle_mlir)
  if(ARG_EXCEPTIONS)
    heddle_use_precompiled(${name} heddle_mlir_throwing_headers)
  else()
    heddle_use_precompiled(${name} heddle_mlir_headers)
  endif()
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

# heddle_program(<name> <precompiled> SOURCES <file>... [DEPENDS <target>...])
function(heddle_program name precompiled)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  heddle_set_up_target(${name} ${ARG_DEPENDS})
  heddle_use_precompiled(${name} ${precompiled})
endfunction()

# heddle_tool(<name> [MLIR] SOURCES <file>... [DEPENDS <target>...])
# A program in build/bin; MLIR where its own source includes MLIR's headers.
function(heddle_tool name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_MLIR)
    heddle_program(${name} heddle_mlir_headers SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS} heddle_mlir)
  else()
    heddle_program(${name} heddle_std_headers SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS})
  endif()
endfunction()

# All unit tests in plain C++, which the sanitizers' trees build alone.
add_custom_target(heddle_plain_tests)

# heddle_unit_test(<name> [MLIR] SOURCES <file>... [DEPENDS <target>...])
# A GoogleTest program in build/bin/unit, run by ctest.
function(heddle_unit_test name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_MLIR)
    heddle_program(${name} heddle_mlir_headers SOURCES ${ARG_SOURCES}
                   DEPENDS ${ARG_DEPENDS} heddle_mlir GTest::gtest_main)
  else()
    heddle_program(${name} heddle_test_headers SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS} GTest::gtest_main)
    add_dependencies(heddle_plain_tests ${name})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin/unit")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "$<IF:$<BOOL:${ARG_MLIR}>,mlir,plain>"
                       ENVIRONMENT "GTEST_OUTPUT=json:${CMAKE_BINARY_DIR}/test/results/${name}.json")
endfunction()
