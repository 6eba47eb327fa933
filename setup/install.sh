#!/usr/bin/env bash
# Installs what alluvium needs and is not there yet: Debian packages through the system's package
# manager, everything else into .deps/ of this repository. Safe to interrupt and to run again.
#   setup/install.sh build|test
# ALLUVIUM_PYTHON: another Python whose pip fetches things than the system's.
set -euo pipefail

purpose=${1:-build}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/.deps
here=$root/setup
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

say() { printf 'alluvium set-up: %s\n' "$*" >&2; }
fail() {  # WHAT [HINT] [EXIT CODE]
    printf 'error: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit "${3:-1}"
}

# ---- already done? -----------------------------------------------------------------------------
has_gpu() { command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }
has_gpu && gpu=yes || gpu=no
fingerprint() { (cat "$here"/*.txt "$here/install.sh"; echo "$gpu $1") | sha256sum | cut -d' ' -f1; }
is_done() { [ "$(cat "$deps/ready-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]; }
if is_done "$purpose" || { [ "$purpose" = build ] && is_done test; }; then exit 0; fi

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
    fail "this machine is $(uname -s) on $(uname -m)" "the set-up knows Linux on x86-64"
mkdir -p "$deps" 2>/dev/null || fail "cannot write to '$root'" "clone into a folder of your own" 2
{ : >>"$deps/lock"; } 2>/dev/null || fail "cannot write to '$deps'" "make it writable, or delete it" 2
exec 9>"$deps/lock"
flock -n 9 || { say "another set-up is running; waiting for it"; flock 9; }

# ---- when it goes wrong --------------------------------------------------------------------------
# One phrase for what the output of pip or apt tells.
cause_in() {  # LOG
    if [ ! -s "$1" ]; then
        echo "it left no message, as programs do on a full disk"
    elif grep -q -E 'No space left|enough free space|Disk quota' "$1"; then
        echo "the disk is full"
    elif grep -q 'DO NOT MATCH THE HASHES' "$1"; then
        echo "a file that arrived is not the one that is pinned"
    elif grep -q -E 'name resolution|Could not resolve|[Cc]onnection|[Tt]imed out|unreachable|ProxyError' "$1"; then
        echo "the package registry cannot be reached"
    elif grep -q 'Could not get lock' "$1"; then
        echo "another program is using the package manager"
    else
        grep -E '^(ERROR|E):' "$1" | tail -n 1 | sed -E 's/^[A-Z]+: //' | grep . || echo "for an unknown reason"
    fi
}
fail_fetching() {  # WHAT LOG
    fail "fetching $1 failed: $(cause_in "$2")" \
        "the whole output is in '$2'; once mended, run this again: it goes on where it stopped"
}

fetching=
interrupted() {
    trap - INT TERM HUP
    [ -z "$fetching" ] || kill "$fetching" 2>/dev/null || true
    wait 2>/dev/null
    rm -rf "$deps/tmp"
    echo >&2
    say "interrupted; run this again, and it goes on where it stopped"
    exit 130
}
trap interrupted INT TERM HUP

# ---- Debian packages ---------------------------------------------------------------------------
is_installed() {  # PACKAGE MINIMAL_VERSION
    local found
    found=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null) || return 1
    [ "${found%% *}" = installed ] && dpkg --compare-versions "${found#* }" ge "$2"
}

missing_packages() {
    local package version need
    while read -r package version need; do
        case $package in '' | '#'*) continue ;; esac
        [ "$need" = build ] || [ "$purpose" = test ] || continue
        is_installed "$package" "$version" || echo "$package"
    done <"$here/debian-packages.txt"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; fi
}
may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# Debian 12 has Catch2 3 in its backports only. The mirror is the one the machine already uses.
backports_entry() {
    local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
        awk '/^URIs:/ {uri=$2} /^Suites:/ && / ?bookworm( |$)/ {print uri; exit}')
    [ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        awk '$1 == "deb" {for (i = 2; i < NF; i++) if ($(i + 1) == "bookworm") {print $i; exit}}')
    [ -n "$mirror" ] || return 1
    printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: %s\n' \
        "$mirror" "$keyring"
}

needs_backports() {
    grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || return 1
    local candidate
    candidate=$(apt-cache policy catch2 2>/dev/null | awk '/Candidate:/ {print $2}')
    ! dpkg --compare-versions "${candidate:-0}" ge 3.4 &&
        ! apt-cache madison catch2 2>/dev/null | grep -q 'bookworm-backports'
}

add_backports() {
    local file=/etc/apt/sources.list.d/alluvium-backports.sources entry
    entry=$(backports_entry) || fail "no Debian mirror found among this machine's package sources" \
        "add bookworm-backports to them and run this again" 2
    say "adding bookworm-backports to the package sources ($file): Catch2 3 comes from there"
    printf '%s\n' "$entry" | as_root tee "$file" >/dev/null
    as_root apt-get update -qq >"$deps/apt.log" 2>&1 || fail_apt
}

fail_apt() { fail_fetching "Debian packages" "$deps/apt.log"; }

install_packages() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        fail "this system has no apt" "install the libraries of setup/debian-packages.txt by hand" 2
    local -a missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! may_install; then
        local release=
        [[ " ${missing[*]} " != *" catch2 "* ]] || release=' -t bookworm-backports'
        printf 'error: %d Debian packages are missing and this user may not install them\n' \
            ${#missing[@]} >&2
        printf 'hint: run this line once, then ./alluvium again:\n' >&2
        printf 'sudo apt-get install -y --no-install-recommends%s %s\n' "$release" "${missing[*]}" >&2
        exit 2
    fi
    say "${#missing[@]} Debian packages are missing: ${missing[*]}"
    as_root apt-get update -qq >"$deps/apt.log" 2>&1 || fail_apt
    local -a options=(-y --no-install-recommends)
    if [[ " ${missing[*]} " == *" catch2 "* ]]; then
        ! needs_backports || add_backports
        ! grep -q '^VERSION_CODENAME=bookworm' /etc/os-release ||
            missing=("${missing[@]/#catch2/catch2/bookworm-backports}")
    fi
    local size
    size=$(apt-get install --print-uris -y --no-install-recommends "${missing[@]}" 2>/dev/null |
        awk -F"'" '/^\047/ {split($3, f, " "); sum += f[2]} END {printf "%.0f", sum / 1e6}')
    say "downloading about ${size:-?} MB of Debian packages"
    as_root apt-get install -q "${options[@]}" "${missing[@]}" >"$deps/apt.log" 2>&1 || fail_apt
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] || fail "these packages are too old on this system: ${missing[*]}" \
        "alluvium needs Debian 12 or newer" 2
}

# ---- Python packages: libtorch and the sources of Dear ImGui --------------------------------------
python_with_pip() {
    local python
    for python in ${ALLUVIUM_PYTHON:-} /usr/bin/python3 python3; do
        if "$python" -m pip --version >/dev/null 2>&1; then echo "$python"; return; fi
    done
    fail "no Python with pip found" "install python3-pip"
}

fail_pip() { fail_fetching "$1" "$deps/pip.log"; }

# Unpacks beside the destination: the disk that was looked at, and no remains elsewhere. In the
# background, because a shell hears no signal while it waits for a program in the foreground.
pip() {
    rm -rf "$deps/tmp"
    mkdir "$deps/tmp"
    local status=0
    TMPDIR=$deps/tmp "$python" -m pip "$@" >"$deps/pip.log" 2>&1 &
    fetching=$!
    wait "$fetching" 2>/dev/null || status=$?  # the shell would tell of the signal that ended it
    fetching=
    rm -rf "$deps/tmp"
    return "$status"
}

# The wheel is chosen by platform, not by the Python that happens to run pip: only its libraries
# and headers are used.
pip_install() {  # FOLDER REQUIREMENTS...
    local folder=$1 file
    shift
    local -a files=()
    for file in "$@"; do files+=(-r "$here/$file"); done
    local -a platforms=()
    for tag in 2_28 2_27 2_25 2_18 2_17 2_12 2_5; do platforms+=(--platform "manylinux_${tag}_x86_64"); done
    for tag in 2014 2010 1; do platforms+=(--platform "manylinux${tag}_x86_64"); done
    pip install -q --no-deps --no-compile --require-hashes --only-binary=:all: \
        --implementation cp --python-version 3.11 --abi cp311 --abi none --platform any \
        "${platforms[@]}" --target "$folder" "${files[@]}"
}

require_disk() {  # GIGABYTES
    local free
    free=$(df --output=avail -BG "$deps" | tail -n 1 | tr -dc 0-9)
    [ "$free" -ge "$1" ] || fail "only $free GB are free in '$deps'; the set-up needs $1 GB" \
        "free some space and run this again"
}

install_torch() {
    local -a lists=(python-cpu.txt)
    [ $gpu = no ] || lists+=(python-gpu.txt)
    local mark
    mark=$(cd "$here" && cat "${lists[@]}" | sha256sum | cut -d' ' -f1)
    [ "$(cat "$deps/site/.complete" 2>/dev/null)" != "$mark" ] || return 0
    if [ $gpu = yes ]; then
        require_disk 8
        say "downloading libtorch with its CUDA libraries (about 2.4 GB; a GPU was found)"
    else
        require_disk 3
        say "downloading libtorch (about 0.54 GB; its CPU libraries are used)"
    fi
    rm -rf "$deps/site.partial"
    pip_install "$deps/site.partial" "${lists[@]}" || fail_pip libtorch
    echo "$mark" >"$deps/site.partial/.complete"
    rm -rf "$deps/site"
    mv "$deps/site.partial" "$deps/site"
}

install_imgui() {
    local mark
    mark=$(sha256sum <"$here/python-sources.txt" | cut -d' ' -f1)
    [ "$(cat "$deps/imgui-bundle/.complete" 2>/dev/null)" != "$mark" ] || return 0
    say "downloading the sources of Dear ImGui and ImPlot (48 MB)"
    rm -rf "$deps/backend" "$deps/sources" "$deps/imgui-bundle.partial"
    pip_install "$deps/backend" python-backend.txt || fail_pip "the build back-end"
    PYTHONPATH=$deps/backend pip download -q --no-deps --no-binary :all: \
        --no-build-isolation --require-hashes -r "$here/python-sources.txt" -d "$deps/sources" ||
        fail_pip "the sources of Dear ImGui"
    mkdir "$deps/imgui-bundle.partial"
    tar -xzf "$deps/sources"/imgui_bundle-*.tar.gz -C "$deps/imgui-bundle.partial" --strip-components=1 \
        --wildcards '*/external/imgui/imgui/*' '*/external/implot/implot/*' \
        '*/external/imgui_test_engine/imgui_test_engine/*' '*/external/portable_file_dialogs/*' \
        2>"$deps/pip.log" || fail_pip "the sources of Dear ImGui"
    echo "$mark" >"$deps/imgui-bundle.partial/.complete"
    rm -rf "$deps/imgui-bundle" "$deps/backend" "$deps/sources"
    mv "$deps/imgui-bundle.partial" "$deps/imgui-bundle"
}

# ---- what was found ------------------------------------------------------------------------------
record_versions() {
    {
        echo "# what the set-up found"
        grep PRETTY_NAME /etc/os-release
        g++ --version | head -n 1
        cmake --version | head -n 1
        command -v nvcc >/dev/null && nvcc --version | tail -n 1 || echo "nvcc: none"
        awk '!/^#/ && NF {print $1}' "$here/debian-packages.txt" |
            xargs dpkg-query -W -f '${Package} ${Version}\n' 2>/dev/null || true
        ls -d "$deps"/site/*.dist-info | xargs -n 1 basename
    } >"$deps/versions.txt"
}

install_packages
compiler=$(g++ -dumpfullversion 2>/dev/null || echo 0)
[ "${compiler%%.*}" -ge 12 ] || fail "g++ $compiler is too old" "alluvium needs g++ 12 or newer" 2
python=$(python_with_pip)
install_torch
install_imgui
record_versions
fingerprint "$purpose" >"$deps/ready-$purpose"
say "done; what was found is listed in '$deps/versions.txt'"
