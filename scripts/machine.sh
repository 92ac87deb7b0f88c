# Sourced after environment.sh: an emulated machine with Debian's own kernel, and this host's
# root file system below. POSIX sh.
# shellcheck shell=sh

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

# Installs the packages of commands that are missing: command:package...
machine_need() {
    missing=
    for pair in qemu-system-x86_64:qemu-system-x86 cpio:cpio depmod:kmod python3:python3 "$@"; do
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
}

# Downloads (does not install) the kernel that this Debian's `linux-image-amd64` stands for:
# $kernel_tree and $kernel_version.
machine_kernel() {
    kernels=$target/machine
    mkdir -p "$kernels"
    kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
    [ -n "$kernel" ] || {
        echo "error: no package linux-image-amd64 is known here: apt-get update, on Debian" >&2
        exit 1
    }
    kernel_tree=$kernels/$kernel
    kernel_version=${kernel#linux-image-}
    if [ ! -e "$kernel_tree/boot" ]; then
        say "downloading $kernel"
        rm -rf "$kernel_tree" "$kernels/package"
        mkdir "$kernels/package"
        (cd "$kernels/package" && apt-get download -qq "$kernel") 2>"$kernels/download.log" || {
            cat "$kernels/download.log" >&2
            exit 1
        }
        dpkg-deb -x "$kernels"/package/*.deb "$kernel_tree.new"
        rm -r "$kernels/package"
        mv "$kernel_tree.new" "$kernel_tree"
    fi
    [ -e "$kernel_tree/lib/modules/$kernel_version/modules.dep" ] ||
        /sbin/depmod -b "$kernel_tree" "$kernel_version"
}

# Makes $machine/initramfs.gz. Standard input: its /init, for busybox, after proc, sys and dev are
# there and the modules named (what they need is found) are loaded.
machine_initramfs() {
    say "making the initramfs ($kernel_version)"
    early=$machine/initramfs
    rm -rf "$early"
    mkdir -p "$early/bin" "$early/dev" "$early/proc" "$early/sys" "$early/new" "$early/modules"
    cp "$(dpkg -L busybox-static | grep '/bin/busybox$')" "$early/bin/busybox"
    # In the order in which they are to be loaded, each once.
    /sbin/modprobe -d "$kernel_tree" -S "$kernel_version" -a --show-depends "$@" |
        sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r module; do
            cp "$module" "$early/modules/"
            basename "$module"
        done >"$early/modules/order"
    {
        cat <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done
END
        cat
    } >"$early/init"
    chmod +x "$early/init"
    (cd "$early" && find . | cpio --quiet -o -H newc | gzip -1) >"$machine/initramfs.gz"
}

# Boots with these words for the kernel, at most $patience seconds; the console goes to $machine/console.txt.
# What the machine prints after "MACHINE RESULT" is $result; empty: it did not come to that.
machine_boot() {
    say "running in the emulated machine ($accelerator)"
    log=$machine/console.txt
    $sudo nice timeout "$patience" qemu-system-x86_64 -accel "$accelerator" -cpu max -smp 2 -m "$memory_megabytes" \
        -nographic -no-reboot -nic none \
        -kernel "$kernel_tree/boot/vmlinuz-$kernel_version" -initrd "$machine/initramfs.gz" \
        -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=landlock,yama $*" \
        -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
        </dev/null 2>&1 | sed -u 's/\r//g' | tee "$log" || true
    result=$(sed -n 's/^MACHINE RESULT \([0-9]*\)$/\1/p' "$log" | tail -n 1)
    say "result: ${result:-the machine ended without one (after $patience s at the latest); see $log}"
}
