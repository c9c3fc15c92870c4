#!/usr/bin/env bash
# Installs what is missing: Debian packages, a virtual environment in build/venv, ONNX's C++ library in
# build/onnx-install. Does nothing, quickly, where all of it is there.
source "$(dirname "$0")/steps.sh"

packages=(
  binutils ccache clang-22 clang-format-22 clang-tidy-22 cmake espeak-ng fonts-dejavu-core git libclang-rt-22-dev libgtest-dev
  liblld-22-dev libmlir-22-dev libprotobuf-dev libxxhash-dev libzstd-dev lld-22 llvm-22-dev llvm-22-tools make
  mlir-22-tools ninja-build protobuf-compiler python3-venv unzip zlib1g-dev
)

missing_packages() {
  for name in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || echo "$name"
  done
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root, or install sudo, to install: $*" >&2; return 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >build/apt.log 2>&1 ||
    { tail -n 20 build/apt.log >&2; return 1; }
}

# A stamp holds what the step was made from; the step runs again when that changes.
is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_venv() {
  rm -rf build/venv
  python3 -m venv build/venv
  build/venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
}

# The schemas, checker and function bodies. Only the sdist holds the sources; pip makes its metadata on the way.
build_onnx() {
  local work=build/onnx-work prefix=$root/build/onnx-install version=$1
  rm -rf "$work" "$prefix"
  mkdir -p "$work"
  build/venv/bin/pip download -q --disable-pip-version-check --no-deps --no-binary onnx -d "$work" "onnx==$version"
  tar -xzf "$work/onnx-$version.tar.gz" -C "$work"
  # Old files get a fixed place in ccache's keys, and no path of this machine gets into the library.
  CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 build/venv/bin/cmake -G Ninja -S "$work/onnx-$version" -B "$work/build" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
    -DCMAKE_CXX_COMPILER_LAUNCHER="env;CCACHE_BASEDIR=$root;CCACHE_NOHASHDIR=1;ccache" -DCMAKE_CXX_STANDARD=20 \
    -DCMAKE_CXX_FLAGS="-march=x86-64-v3 -ffp-contract=off -ffile-prefix-map=$root/=" \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DONNX_ML=ON -DONNX_NAMESPACE=onnx -DONNX_USE_PROTOBUF_SHARED_LIBS=ON -DONNX_GEN_PB_TYPE_STUBS=OFF \
    -DPython3_EXECUTABLE="$root/build/venv/bin/python" >"$work/log" 2>&1 &&
    ninja -C "$work/build" install >>"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; return 1; }
  rm -rf "$work"
}

mkdir -p build
readarray -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing: ${missing[*]}"
  step "Debian packages" install_packages "${missing[@]}"
fi

wanted=$(cat requirements.txt)
if ! is_current build/venv/stamp "$wanted"; then
  step "Python packages" make_venv
  echo "$wanted" >build/venv/stamp
fi

version=$(sed -n 's/^onnx==\([0-9.]*\).*/\1/p' requirements.txt)
wanted="onnx $version, $(clang++-22 --version | head -n 1), $(sha256sum <scripts/setup.sh)"
if ! is_current build/onnx-install/stamp "$wanted"; then
  step "ONNX's C++ library" build_onnx "$version"
  echo "$wanted" >build/onnx-install/stamp
fi
