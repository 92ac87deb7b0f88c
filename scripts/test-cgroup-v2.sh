#!/bin/sh
# The sandbox's integration tests on Debian's own kernel with cgroup v2 only, in an emulated machine:
# what a host of that kind does, seen from one that has another kernel or cgroup v1. Installs
# QEMU and a static busybox, downloads (does not install) the kernel, makes an initramfs, and boots
# it with this host's root file system below, read-only. Exit code: that of the tests.
#
#   scripts/test-cgroup-v2.sh [--kvm] [--filter WORD]...
#
#   --kvm           use the host's KVM; not by default, as a machine inside a machine may hang with it
#   --filter WORD   only tests whose name contains a WORD
#
# Too slow without KVM to be a part of `make test`: docs/sandbox.md tells the time that it takes.
set -eu
. "$(dirname -- "$0")/environment.sh"
. "$(dirname -- "$0")/machine.sh"

# Seconds until the emulated machine is given up.
patience=${CARREL_MACHINE_SECONDS:-2400}
memory_megabytes=2048
# What must be loaded before the root can be seen; what these need is found by depmod.
modules="virtio_pci 9pnet_virtio 9p overlay erofs loop"

accelerator=tcg,thread=multi
filter=
while [ $# -gt 0 ]; do
    case $1 in
        --kvm) accelerator=kvm; shift ;;
        --filter) filter="$filter ${2:?--filter needs a word}"; shift 2 ;;
        *) echo "usage: scripts/test-cgroup-v2.sh [--kvm] [--filter WORD]..." >&2; exit 2 ;;
    esac
done

machine_need cc:build-essential
machine=$target/cgroup-v2
mkdir -p "$machine"
machine_kernel

say "building the tests"
built() { # package: its integration tests
    cargo test --quiet --locked --package "$1" --test it --no-run --message-format=json |
        sed -n 's/.*"kind":\["test"\].*"executable":"\([^"]*\)".*/\1/p' | tail -n 1
}
sandbox=$(built carrel-sandbox)
image=$(built carrel-image)
# On the real machine, as compiling is slow in the other: the hostile programs.
"$sandbox" --quiet case::every_hostile_program_compiles

cat >"$machine/run" <<END
#!/bin/sh
# Runs inside the emulated machine, as process 1.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp
# The tests keep their own files here; those of the host are read-only.
mkdir /run/own
cp -a "$target/tmp/." /run/own/
mount --bind /run/own "$target/tmp"
export CARREL_TEST_PATIENCE=6
code=0
cd "$root/crates/sandbox"
"$sandbox" --test-threads=1 --show-output $filter || code=\$?
if [ -z "$filter" ]; then
    cd "$root/crates/image"
    "$image" --test-threads=1 --nocapture || code=\$?
fi
echo "MACHINE RESULT \$code"
/bin/busybox poweroff -f
END

# shellcheck disable=SC2086 # one word per module
machine_initramfs $modules <<'END'
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose host /new || exec $b poweroff -f
for place in run tmp mnt; do $b mount -t tmpfs tmpfs /new/$place; done
$b mount -t proc proc /new/proc
$b mount -t sysfs sys /new/sys
$b mount -t devtmpfs dev /new/dev
$b mkdir -p /new/dev/shm
$b mount -t tmpfs shm /new/dev/shm
$b mount -t cgroup2 cgroup /new/sys/fs/cgroup
$b ip link set lo up
echo "emulated machine: Linux $($b uname -r), cgroup v2 only"
script=$($b sed -n 's/.*script=\([^ ]*\).*/\1/p' /proc/cmdline)
exec $b switch_root /new /bin/sh "$script"
END

machine_boot "script=$machine/run"
exit "${result:-1}"
