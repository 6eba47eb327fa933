#!/usr/bin/env bash
# Builds alluvium_forward, the GPU module and their tests apart from the rest of the program, and
# runs them: for a machine that has torch (the Python package), nvcc, CMake and a C++ compiler.
#
#   tests/gpu/run.sh --pack        where Catch2 and nlohmann-json are installed: copies both into
#                                  build/gpu-pack, to be taken to a machine that lacks them
#   tests/gpu/run.sh [ARGUMENTS]   builds into build/gpu and runs every test; arguments go to the
#                                  test program (a test's name, "[gpu]", ...)
#
# Environment: ALLUVIUM_TORCH_ROOT, the torch package's folder, where it is neither under .deps nor
# python3's; ALLUVIUM_GPU_BUILD and ALLUVIUM_GPU_PACK, other folders than those above.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${ALLUVIUM_GPU_BUILD:-$root/build/gpu}
pack=${ALLUVIUM_GPU_PACK:-$root/build/gpu-pack}

fail() {
    echo "error: $1" >&2
    exit 2
}

# The folder of the torch package.
torch_root() {
    if [[ -n ${ALLUVIUM_TORCH_ROOT:-} ]]; then
        echo "$ALLUVIUM_TORCH_ROOT"
    elif [[ -d $root/.deps/site/torch ]]; then
        echo "$root/.deps/site/torch"
    else
        python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' \
            2>/dev/null || fail "torch not found: neither under .deps nor in python3; set ALLUVIUM_TORCH_ROOT"
    fi
}

configure() {
    local generator=()
    command -v ninja >/dev/null && generator=(-G Ninja)
    cmake -S "$root/tests/gpu" -B "$1" "${generator[@]}" -DALLUVIUM_TORCH_ROOT="$(torch_root)" \
        -DCMAKE_PREFIX_PATH="$pack" "${@:2}"
}

# A value of a CMake cache.
cached() { sed -n "s/^$2:[^=]*=//p" "$1/CMakeCache.txt"; }

# Copies what CMake found, in the layout that its relocatable package files expect.
make_pack() {
    local scratch
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' RETURN
    rm -rf "$pack"
    configure "$scratch" -DALLUVIUM_CUDA=OFF >/dev/null
    local package folder prefix
    for package in Catch2 nlohmann_json; do
        folder=$(cached "$scratch" "${package}_DIR")
        prefix=${folder%%/lib/*}
        prefix=${prefix%%/share/*}
        mkdir -p "$pack/${folder#"$prefix"/}" "$pack/include"
        cp -r "$folder/." "$pack/${folder#"$prefix"/}"
        [[ $package == Catch2 ]] && cp "$(dirname "$folder")"/../libCatch2*.a "$pack/$(dirname "${folder#"$prefix"/}")/.."
        cp -r "$prefix/include/$(tr '[:upper:]' '[:lower:]' <<<"${package/_json/}")" "$pack/include"
    done
    echo "$pack: $(du -sh "$pack" | cut -f1)"
}

if [[ ${1:-} == --pack ]]; then
    make_pack
    exit
fi

command -v cmake >/dev/null || fail "cmake not found"
configure "$build" >"$build.log" 2>&1 || { cat "$build.log" >&2; fail "CMake does not configure"; }
cmake --build "$build" --parallel
exec "$build/alluvium_gpu_tests" "$@"
