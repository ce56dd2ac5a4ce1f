# shellcheck shell=bash
# Sourced by the scripts beside this folder: finds the Swift toolchain, installs the Debian packages that are missing.
# Nothing is downloaded, and apt-get is not even called, when everything is there.

# sysexits.h: something that is needed is not available.
readonly EX_UNAVAILABLE=69

# shellcheck disable=SC2034
# Package and how to tell that it is there: a command, or the pattern of a file.
readonly BUILD_PACKAGES=(
    "liblua5.4-dev   /usr/lib/*/liblua5.4.a"
    "libedit-dev     /usr/lib/*/libedit.a"
    "libmd-dev       /usr/lib/*/libmd.a"
    "libqrencode-dev /usr/lib/*/libqrencode.so"
    "libsqlite3-dev  /usr/include/sqlite3.h"
    "libpq-dev       /usr/include/postgresql/libpq-fe.h"
    "libidn2-0       /usr/lib/*/libidn2.so.0"
    # What Swift itself needs to run, to fetch its dependencies, to compile C and C++, and to link.
    "libcurl4        /usr/lib/*/libcurl.so.4"
    "libxml2         /usr/lib/*/libxml2.so.2"
    "libsqlite3-0    /usr/lib/*/libsqlite3.so.0"
    "libncurses6     /usr/lib/*/libncurses.so.6"
    "libuuid1        /usr/lib/*/libuuid.so.1"
    "git             git"
    "ca-certificates /etc/ssl/certs/ca-certificates.crt"
    "libc6-dev       /usr/include/stdio.h"
    "g++             /usr/lib/gcc/*/*/libstdc++.so"
    "zlib1g-dev      /usr/include/zlib.h"
    "binutils-gold   ld.gold"
)

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# Installs what is missing of the packages given as "PACKAGE PROBE". Ends the script when it cannot.
install_missing_packages() {
    local entry package probe missing=()
    for entry in "$@"; do
        read -r package probe <<<"$entry"
        is_there "$probe" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    command -v apt-get >/dev/null || {
        say "missing: ${missing[*]} (names of Debian packages), and there is no apt-get on this system to install them"
        exit "$EX_UNAVAILABLE"
    }
    local as_root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
            as_root=(sudo)
        else
            say "missing: ${missing[*]}. Installing them takes root; run this, then start again:"
            printf '  apt-get update && apt-get install --yes --no-install-recommends %s\n' "${missing[*]}" >&2
            exit "$EX_UNAVAILABLE"
        fi
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update --quiet >&2 || say "apt-get update failed; trying with the lists that are there"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >&2 || {
        say "apt-get could not install: ${missing[*]}"
        exit "$EX_UNAVAILABLE"
    }
}

# Ends the script with advice unless a toolchain of at least 6.1 can be run.
require_swift() {
    if ! command -v swift >/dev/null; then
        say "swift is not on the path."
        cat >&2 <<'END'
  paylink is built with the Swift toolchain, 6.1 or later. Get it for your Debian or Ubuntu release from

    https://www.swift.org/install/linux/

  put its usr/bin folder on the PATH, check with `swift --version`, and start this script again.
END
        exit "$EX_UNAVAILABLE"
    fi
    local text version
    if ! text=$(swift --version 2>&1); then
        say "swift cannot be run:"
        printf '%s\n' "$text" >&2
        exit "$EX_UNAVAILABLE"
    fi
    version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$text" | head -n 1)
    if [[ $(printf '%s\n' 6.1 "$version" | sort -V | head -n 1) != 6.1 ]]; then
        say "Swift 6.1 or later is needed, and this is ${version:-of unknown version}; see https://www.swift.org/install/linux/"
        exit "$EX_UNAVAILABLE"
    fi
}

is_there() {
    case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]] ;;
    esac
}
