#!/bin/sh
# The units under systemd as process 1, in an emulated machine with Debian's own kernel and cgroup
# v2: installed as docs/operations.md says, started, killed, restarted, reloaded and stopped while a
# learner's program runs. This host's root file system lies below, with changes kept in memory; its
# own systemd is the one that boots. Exit code: how many of the steps failed.
#
#   scripts/test-systemd.sh [--kvm]
#
#   --kvm   use the host's KVM; not by default, as a machine inside a machine may hang with it
#
# Installs QEMU and what else is missing; downloads (does not install) the kernel. Minutes without
# KVM, and so no part of `make test`.
set -eu
. "$(dirname -- "$0")/environment.sh"
. "$(dirname -- "$0")/machine.sh"

# Seconds until the emulated machine is given up.
patience=${CARREL_MACHINE_SECONDS:-1500}
memory_megabytes=3072
accelerator=tcg,thread=multi
case ${1:-} in
    '') ;;
    --kvm) accelerator=kvm ;;
    *) echo "usage: scripts/test-systemd.sh [--kvm]" >&2; exit 2 ;;
esac

machine_need /lib/systemd/systemd:systemd curl:curl strip:binutils
machine=$target/systemd
mkdir -p "$machine"
machine_kernel

say "building"
cargo build --quiet --locked --package carrel
# Without what only debuggers read, the emulated machine starts it in half the time.
strip -o "$machine/carrel" "$target/debug/carrel"

cat >"$machine/carrel-machine.target" <<END
[Unit]
Description=What is tried here
Requires=basic.target carrel-machine.service
After=basic.target
AllowIsolate=yes
END
cat >"$machine/carrel-machine.service" <<END
[Unit]
Requires=basic.target
After=basic.target
[Service]
Type=oneshot
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
ExecStart=/bin/sh $root/scripts/test-systemd-inside.sh $root $machine
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
TimeoutStartSec=infinity
END

machine_initramfs virtio_pci 9pnet_virtio 9p overlay erofs loop <<END
machine=$machine
END
# What follows needs nothing of this shell.
cat >>"$machine/initramfs/init" <<'END'
$b mkdir -p /lower /upper
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose host /lower || exec $b poweroff -f
$b mount -t tmpfs -o size=1500m changes /upper
$b mkdir /upper/changes /upper/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/changes,workdir=/upper/work root /new || exec $b poweroff -f
for place in run tmp mnt; do $b mount -t tmpfs "$place" "/new/$place"; done
$b cp "/new$machine/carrel-machine.target" "/new$machine/carrel-machine.service" /new/etc/systemd/system/
# Files by which systemd takes the machine for a container.
$b rm -f /new/.dockerenv
for place in dev proc sys; do $b mkdir -p "/new/$place"; $b mount --move "/$place" "/new/$place"; done
exec $b switch_root /new /lib/systemd/systemd
END
(cd "$machine/initramfs" && find . | cpio --quiet -o -H newc | gzip -1) >"$machine/initramfs.gz"

machine_boot "systemd.unit=carrel-machine.target systemd.show_status=no systemd.firstboot=no rd.systemd.show_status=no"
exit "${result:-1}"
