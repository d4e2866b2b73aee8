# shellcheck shell=bash
# What deploy/run and deploy/test share. Sourced, never run.
# shellcheck disable=SC2034 # Its variables are read by the scripts that source it.

# The repository's root, wherever the caller stands.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The C and C++ libraries of Package.swift, the zone rules the daemon reads, and the fonts its
# reports are set in.
library_packages=(
    libzmq3-dev liblmdb-dev libsimdjson-dev zlib1g-dev tzdata
    libcairo2-dev libpango1.0-dev libxlsxwriter-dev fonts-noto-core fonts-noto-cjk
)

# The programs that the tests look into reports with.
test_packages=(poppler-utils unzip)

say() { printf 'deploy/%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

require_swift() {
    command -v swift >/dev/null ||
        fail "swift was not found; install a Swift 6.3 toolchain (swift.org/install) and put it on PATH."
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing packages needs root; run this once as root, or install sudo."
    fi
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the named Debian packages that are missing; touches nothing else.
install_missing() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian; going on as if these were installed: $*"
        return
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return
    say "installing ${missing[*]}"
    if [ -z "${lists_are_fresh:-}" ]; then
        as_root apt-get update --quiet --quiet
        lists_are_fresh=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >&2 ||
        fail "these packages could not be installed: ${missing[*]}"
}

# Builds the program as it is run, and leaves its path in $botstats.
build_release() {
    say "building botstats"
    swift build --package-path "$root" --configuration release --product botstats >&2 ||
        fail "the build failed; the compiler's messages stand above."
    botstats=$(swift build --package-path "$root" --configuration release --show-bin-path)/botstats
}

# The first port from one on that nobody listens on.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    printf '%s\n' "$port"
}

# The host's IANA time zone; UTC where it names none.
host_time_zone() {
    local zone='' link
    if link=$(readlink -f /etc/localtime) && [[ $link == */zoneinfo/* ]]; then
        zone=${link##*/zoneinfo/}
    elif [ -r /etc/timezone ]; then
        read -r zone </etc/timezone || true
    fi
    if [ -n "$zone" ] && [ -f "/usr/share/zoneinfo/$zone" ]; then
        printf '%s\n' "$zone"
    else
        printf 'UTC\n'
    fi
}
