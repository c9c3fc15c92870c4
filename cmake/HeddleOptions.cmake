# Language level, flags and output folders shared by every target.

option(HEDDLE_ASSERTS "Keep assert() active in optimized builds" ON)
option(HEDDLE_TESTS "Build the tests" ON)
option(HEDDLE_CCACHE "Compile through ccache where it is installed" ON)
set(HEDDLE_SANITIZER "" CACHE STRING "Value for -fsanitize=, empty for none")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
if(NOT HEDDLE_ASSERTS)
  add_compile_definitions(NDEBUG)
endif()

# The floor and no contraction: an fma is written where one is meant, so that every build of one source rounds alike.
add_compile_options(-march=x86-64-v3 -ffp-contract=off)
add_compile_options(-Wall -Wextra -Wno-unused-parameter -Werror=return-type -Werror=switch)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
# Sections let the linker drop what a program does not use: heddle-run has a size limit.
add_compile_options(-ffunction-sections -fdata-sections)
# No path of the machine that builds ends up in a program, and equal sources give equal objects in any folder.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build")
add_link_options(-fuse-ld=lld -Wl,--gc-sections)

if(HEDDLE_SANITIZER)
  add_compile_options(-fsanitize=${HEDDLE_SANITIZER} -fno-omit-frame-pointer -gline-tables-only)
  add_link_options(-fsanitize=${HEDDLE_SANITIZER})
else()
  # A sanitizer's functions are found in the program only.
  add_link_options(-Wl,-z,defs)
endif()

if(HEDDLE_CCACHE)
  find_program(HEDDLE_CCACHE_PROGRAM ccache)
  if(HEDDLE_CCACHE_PROGRAM)
    # A precompiled header defeats ccache unless these are waived; its content is still hashed.
    set(launcher env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        "${HEDDLE_CCACHE_PROGRAM}")
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  endif()
endif()
