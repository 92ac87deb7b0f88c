# Unpacks a small archive that holds 300 MB of zeros.
# Must: be stopped by the limits on files, disk and memory.
# expect: exited 0
# needs: python
# limits: memory_bytes=67108864
import gzip, io, shutil, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
packed = io.BytesIO()
with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as out:
    for _ in range(300):
        out.write(bytes(1 << 20))
packed.seek(0)
try:
    with gzip.open(packed) as source, open("/tmp/out", "wb") as target:
        shutil.copyfileobj(source, target)
except OSError:
    raise SystemExit(0)
raise SystemExit(1)
