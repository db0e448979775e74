#!/bin/sh
# Says what to install when Rust or Node is missing or too old.
set -eu

if ! command -v cargo >/dev/null 2>&1; then
    echo "Rust is missing: install it from https://rustup.rs and run make again." >&2
    exit 1
fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "Node is missing: install Node 20.19 or newer, with npm, from https://nodejs.org and run make again." >&2
    exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    echo "Node $(node --version) is too old: Stoneware needs 20.19 or newer." >&2
    exit 1
fi
