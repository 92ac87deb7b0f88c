# Unpacks tars it made: 20,000 empty files, a sparse member of 1 TB, a member `../../escaped` and a link out.
# Must: run into the limits on inodes and file size; nothing leaves the writable places.
# expect: exited 0
# needs: python
# limits: inodes=2000
import io, os, signal, tarfile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def unpack(members, into):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as out:
        for member in members:
            out.addfile(member)
    packed.seek(0)
    os.makedirs(into, exist_ok=True)
    with tarfile.open(fileobj=packed) as source:
        for member in source:
            source.extract(member, into, set_attrs=False)

def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info

def refused(what, action):
    try:
        action()
    except OSError:
        return
    raise SystemExit("THROUGH: " + what)

refused("a member above the root", lambda: unpack([member("../../escaped")], "/tmp/a"))
refused("a file through a link to /usr", lambda: unpack(
    [member("out", tarfile.SYMTYPE, "/usr"), member("out/escaped")], "/tmp/b"))
with open("/tmp/sparse", "wb") as sparse:
    refused("a file of 1 TB", lambda: sparse.truncate(1 << 40))
refused("20,000 files", lambda: unpack([member(f"f{n}") for n in range(20000)], "/tmp/c"))
