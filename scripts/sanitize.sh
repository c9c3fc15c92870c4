#!/usr/bin/env bash
# Builds the unit tests in plain C++ with a sanitizer and runs some of them: sanitize.sh asan|tsan [CTEST OPTION...].
source "$(dirname "$0")/steps.sh"

preset=$1
shift
folder=build-$preset
cmake --preset "$preset" >/dev/null
# The programs look for NVRTC beside their own build.
ln -sfn ../build/venv "$folder/venv"
ninja -C "$folder" --quiet heddle_plain_tests
rm -rf "$folder/test/results"
# Tests ask for memory that is not there; the sanitizers' allocators would end the program instead of saying so.
export ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1
ctest --test-dir "$folder" --output-on-failure "$@"
