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

# Seconds until the emulated machine is given up.
patience=${CARREL_MACHINE_SECONDS:-2400}
memory_megabytes=2048
# What the initramfs must load before the root can be seen; what they need is found by depmod.
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

[ "$(dpkg --print-architecture)" = amd64 ] || {
    echo "error: the recipe is written for amd64" >&2
    exit 2
}
case $target/ in
    /tmp/* | /run/* | /mnt/* | /dev/*)
        echo "error: $target is hidden in the emulated machine, which has its own /tmp, /run, /mnt and /dev" >&2
        echo "       set CARGO_TARGET_DIR to a directory elsewhere" >&2
        exit 2
        ;;
esac

missing=
for pair in qemu-system-x86_64:qemu-system-x86 cpio:cpio depmod:kmod cc:build-essential python3:python3; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
# The busybox of a package of the same name may be linked to libraries that the initramfs lacks.
dpkg -s busybox-static >/dev/null 2>&1 || missing="$missing busybox-static"
if [ -n "$missing" ]; then
    say "installing:$missing"
    # shellcheck disable=SC2086 # one word per package
    {
        $sudo apt-get update -qq
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    }
fi

machine=$target/cgroup-v2
mkdir -p "$machine"

# The kernel that this Debian's `linux-image-amd64` stands for.
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
[ -n "$kernel" ] || {
    echo "error: no package linux-image-amd64 is known here: apt-get update, on Debian" >&2
    exit 1
}
if [ ! -e "$machine/$kernel/boot" ]; then
    say "downloading $kernel"
    rm -rf "$machine/$kernel" "$machine/package"
    mkdir "$machine/package"
    (cd "$machine/package" && apt-get download -qq "$kernel") 2>"$machine/download.log" || {
        cat "$machine/download.log" >&2
        exit 1
    }
    dpkg-deb -x "$machine"/package/*.deb "$machine/$kernel.new"
    rm -r "$machine/package"
    mv "$machine/$kernel.new" "$machine/$kernel"
fi
version=${kernel#linux-image-}

say "building the tests"
built() { # package: its integration tests
    cargo test --quiet --locked --package "$1" --test it --no-run --message-format=json |
        sed -n 's/.*"kind":\["test"\].*"executable":"\([^"]*\)".*/\1/p' | tail -n 1
}
sandbox=$(built carrel-sandbox)
image=$(built carrel-image)
# On the real machine, as compiling is slow in the other: the hostile programs.
"$sandbox" --quiet case::every_hostile_program_compiles

say "making the initramfs ($version)"
early=$machine/initramfs
rm -rf "$early"
mkdir -p "$early/bin" "$early/dev" "$early/proc" "$early/sys" "$early/new" "$early/modules"
cp "$(dpkg -L busybox-static | grep '/bin/busybox$')" "$early/bin/busybox"
tree=$machine/$kernel
[ -e "$tree/lib/modules/$version/modules.dep" ] || /sbin/depmod -b "$tree" "$version"
# In the order in which they are to be loaded, each once.
# shellcheck disable=SC2086 # one word per module
/sbin/modprobe -d "$tree" -S "$version" -a --show-depends $modules |
    sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r module; do
        cp "$module" "$early/modules/"
        basename "$module"
    done >"$early/modules/order"

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

cat >"$early/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done
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
chmod +x "$early/init"
(cd "$early" && find . | cpio --quiet -o -H newc | gzip -1) >"$machine/initramfs.gz"

say "running in the emulated machine ($accelerator)"
log=$machine/console.txt
$sudo timeout "$patience" qemu-system-x86_64 -accel "$accelerator" -cpu max -smp 2 -m "$memory_megabytes" \
    -nographic -no-reboot -nic none \
    -kernel "$tree/boot/vmlinuz-$version" -initrd "$machine/initramfs.gz" \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=landlock,yama script=$machine/run" \
    -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
    </dev/null 2>&1 | sed -u 's/\r//g' | tee "$log" || true
result=$(sed -n 's/^MACHINE RESULT \([0-9]*\)$/\1/p' "$log" | tail -n 1)
say "result: ${result:-the machine ended without one (after $patience s at the latest); see $log}"
exit "${result:-1}"
