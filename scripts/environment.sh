# Sourced by the other scripts: where things are. POSIX sh.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

# rustup puts cargo here; a fresh shell may not know it yet.
if [ -d "$HOME/.cargo/bin" ]; then
    PATH=$HOME/.cargo/bin:$PATH
    export PATH
fi

target=${CARGO_TARGET_DIR:-$root/target}

# Empty where we are root already.
if [ "$(id -u)" = 0 ]; then
    sudo=
else
    sudo=sudo
fi

# Seconds since the start stand beside each step: what takes long is seen.
started=$(date +%s)
say() {
    printf '\n==> [%4d s] %s\n' "$(($(date +%s) - started))" "$*"
}

# The binary that `carrel` runs.
program=$root/carrel

# Runs the built binary with the privilege that sandboxes need.
carrel() {
    if [ -n "$sudo" ]; then
        "$sudo" --preserve-env=CARREL_STATE_DIRECTORY,CARREL_MIRROR,NO_COLOR,CI,TERM \
            "$program" "$@"
    else
        "$program" "$@"
    fi
}
