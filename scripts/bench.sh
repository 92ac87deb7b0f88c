#!/bin/sh
# The benchmarks: ratios in one run. Results are printed and left in bench/out/.
set -eu
. "$(dirname -- "$0")/environment.sh"

scripts/setup.sh bench
say "building the benchmarks (release)"
cargo build --release --locked --package carrel-bench --package carrel
say "measuring"
mkdir -p bench/out
# Without arguments everything is measured; `--quick` shortens each.
case ${1:-} in
    sandbox | kill | cost | store | quiz | exchange | service | crash | growth | pages) set -- "$*" ;;
    *)
        set -- "sandbox $*" "kill $*" "cost $*" "store $*" "quiz $*" "exchange $*" "service $*" \
            "crash --quick $*" "growth --quick $*" "pages $*"
        ;;
esac
for measurement in "$@"; do
    case $measurement in
        pages*)
            # shellcheck disable=SC2086 # words of a measurement
            e2e/pages/install.sh && CARREL_PROGRAM=$target/release/carrel node bench/pages.mjs $measurement
            ;;
        *)
            # shellcheck disable=SC2086 # words of a measurement
            $sudo "$target/release/carrel-bench" $measurement
            ;;
    esac
done | tee bench/out/latest.txt
