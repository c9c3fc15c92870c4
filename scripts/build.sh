#!/usr/bin/env bash
# Configures and builds everything, or one preset's tree: build.sh [PRESET].
source "$(dirname "$0")/steps.sh"

preset=${1:-release}
folder=build
[ "$preset" = release ] || folder=build-$preset

configure() {
  mkdir -p "$folder"
  cmake --preset "$preset" >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; return 1; }
}

[ -f "$folder/build.ninja" ] || step "configure ($preset)" configure
quiet=--quiet
[ ! -t 1 ] || quiet=
step "build ($preset)" ninja -C "$folder" $quiet
