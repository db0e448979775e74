#!/bin/sh
# Installs the named Debian packages that are not there yet. Usage: system-packages.sh PACKAGE…
set -eu

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
else
    echo "This system has no dpkg, so make cannot tell what is installed. It goes on; if the build fails," >&2
    echo "install the counterparts of these Debian packages yourself: $*" >&2
    exit 0
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1; then
    as_root="sudo"
else
    echo "These packages are missing and neither root nor sudo is at hand to install them:" >&2
    echo "  apt-get install$missing" >&2
    exit 1
fi

echo "Installing through apt:$missing"
# shellcheck disable=SC2086 # the list is meant to be split
if ! { $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; }; then
    echo "apt could not install them. Install these packages by hand and run make again:$missing" >&2
    exit 1
fi
