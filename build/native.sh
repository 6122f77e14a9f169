#!/usr/bin/env bash
# Builds the library that stands between build/offline/TorchSharp and libtorch: build/offline/native/libTorchShim.so.
# Compiles only when its sources, the compiler or libtorch have changed.  usage: build/native.sh [--no-install]
#   LIBTORCH_HOME=folder   a libtorch with include/ and lib/ (CUDA or not) instead of the system's
#   CXX=compiler           g++ by default
# exit 0: there; 3: no libtorch or no compiler here (everything managed works without); 1: it does not compile
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
sources=$root/build/offline/TorchSharp/native
out=$root/build/offline/native
library=$out/libTorchShim.so
CXX=${CXX:-g++}

find_torch() { # sets include, lib
  include=() lib=
  if [[ -n ${LIBTORCH_HOME:-} ]]; then
    [[ -f $LIBTORCH_HOME/include/ATen/core/Tensor.h ]] || { echo "native: LIBTORCH_HOME=$LIBTORCH_HOME has no include/ATen" >&2; exit 3; }
    include=(-I"$LIBTORCH_HOME/include" -I"$LIBTORCH_HOME/include/torch/csrc/api/include") lib=$LIBTORCH_HOME/lib
    return 0
  fi
  [[ -f /usr/include/ATen/core/Tensor.h ]] || return 1
  include=(-I/usr/include/torch/csrc/api/include)
  lib=$(dirname "$(ls /usr/lib/*/libtorch_cpu.so /usr/lib/libtorch_cpu.so /usr/lib64/libtorch_cpu.so 2>/dev/null | head -1)")
  [[ $lib != . ]]
}

missing() { # prints what is missing, if anything
  local what=() IFS=,
  command -v "$CXX" >/dev/null || what+=("the compiler $CXX")
  find_torch || what+=("libtorch")
  ((${#what[@]} == 0)) || printf '%s' "${what[*]}"
}

find_torch || true # an unfit LIBTORCH_HOME ends here
if [[ -n $(missing) ]]; then
  # Without OpenBLAS, Debian's libtorch multiplies matrices with the reference BLAS, twenty times slower.
  command="apt-get install -y --no-install-recommends g++ libtorch-dev libopenblas0-openmp"
  if [[ ${1:-} != --no-install && $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "native: installing g++, libtorch-dev and OpenBLAS" >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive $command -q; } >"${TMPDIR:-/tmp}/native-install.log" 2>&1 ||
      echo "native: '$command' failed, see ${TMPDIR:-/tmp}/native-install.log" >&2
  fi
  if [[ -n $(missing) ]]; then
    echo "native: without $(missing), what needs tensors is left out. To have it: sudo $command (Debian, Ubuntu)," >&2
    echo "native: or unpack a libtorch from pytorch.org and set LIBTORCH_HOME to its folder." >&2
    exit 3
  fi
  find_torch
fi

stamp=$({ cat "$sources"/*.h "$sources"/*.cpp "$0"; "$CXX" --version; echo "${include[*]} $lib"; stat -Lc '%s %Y' "$lib/libtorch_cpu.so"; } | sha256sum | cut -d' ' -f1)
[[ -f $library && -f $library.stamp && $(<"$library.stamp") == "$stamp" ]] && exit 0

mkdir -p "$out"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Wheels before 2.6 use the old string type; a library with the new one names __cxx11.
abi=1
if command -v nm >/dev/null && [[ $(nm -D "$lib/libc10.so" 2>/dev/null | grep -c __cxx11 || true) == 0 ]]; then abi=0; fi
# Later versions want a later standard.
standard=c++17
version=$(cat "${LIBTORCH_HOME:-/usr}/include/torch/csrc/api/include/torch/version.h" 2>/dev/null || true)
if [[ $version =~ TORCH_VERSION_MAJOR\ ([0-9]+).*TORCH_VERSION_MINOR\ ([0-9]+) ]] && ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] >= 209)); then standard=c++20; fi
flags=(-std=$standard -O1 -fPIC -fvisibility=hidden -D_GLIBCXX_USE_CXX11_ABI=$abi "${include[@]}")
start=$SECONDS
export CXX
printf '%s\n' serialize autograd tensor dispatch | xargs -P 2 -I{} bash -c '"$CXX" "${@:2}" -c "$0/$1.cpp" -o "'"$work"'/$1.o"' "$sources" {} "${flags[@]}"
cuda=()
[[ -e $lib/libtorch_cuda.so ]] && cuda=(-ltorch_cuda -lc10_cuda)
"$CXX" -shared -o "$work/lib.so" "$work"/*.o -L"$lib" -Wl,-rpath,"$lib" -Wl,--no-undefined -Wl,--no-as-needed -ltorch_cpu "${cuda[@]}" -lc10 -ltorch
mv "$work/lib.so" "$library"
echo "$stamp" >"$library.stamp"
echo "native: built $(basename "$library") against $lib in $((SECONDS - start)) s" >&2
