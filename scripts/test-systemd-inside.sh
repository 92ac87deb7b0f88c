#!/bin/sh
# Runs in the emulated machine of test-systemd.sh, as a service of its systemd.
# Arguments: the working copy, and the directory where the built program lies.
set -u
root=$1
machine=$2
failed=0
address=http://127.0.0.1:8080
began=$(cut -d. -f1 /proc/uptime)

say() {
    printf '[%4d s] %s\n' "$(($(cut -d. -f1 /proc/uptime) - began))" "$*"
}

# A step: what it shows, and the command that must succeed.
step() {
    what=$1
    shift
    if "$@" >/tmp/step.log 2>&1; then
        say "ok      $what"
    else
        say "FAILED  $what"
        sed 's/^/          | /' /tmp/step.log | tail -n 20
        failed=$((failed + 1))
    fi
}

finish() {
    if [ "$failed" -gt 0 ]; then
        journalctl --no-pager -o short-monotonic -u carrel.service -u carrel.socket | tail -n 80
    fi
    echo "MACHINE RESULT $failed"
    sync
    systemctl poweroff --force --force
    exit
}

# Until a command succeeds, so many seconds at most.
within() {
    seconds=$1
    shift
    while ! "$@"; do
        seconds=$((seconds - 1))
        [ "$seconds" -gt 0 ] || return 1
        sleep 1
    done
}

shows() { # property value: of the service
    [ "$(systemctl show -P "$1" carrel.service)" = "$2" ] || {
        systemctl show carrel.service | grep "^$1="
        return 1
    }
}

main_pid() { systemctl show -P MainPID carrel.service; }
pid_of() { pgrep -P "$(main_pid)" -f "carrel $1" | head -n 1; }
healthy() { curl -fsS -m 120 "$address/healthz"; }
runs_as() { [ "$(ps -o user= -p "$(pid_of "$1")")" = "$2" ]; }
learner() { pgrep -xf "sleep $1"; }
is_learner() { [ "$(learner "$1")" = "$2" ]; }
other_web() { now=$(pid_of web) && [ -n "$now" ] && [ "$now" != "$1" ]; }
limited() { # pid: memory and processes have a bound
    group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")
    grep -H . "$group/memory.max" "$group/pids.max" && ! grep -q max "$group/memory.max" "$group/pids.max"
}
dead() { ! kill -0 "$1" 2>/dev/null; }

call() { # method path curl-arguments...
    method=$1
    path=$2
    shift 2
    curl -sS -m 120 -X "$method" -H "Authorization: Bearer $token" "$@" "$address/api/v1$path"
}

# Sends a program that sleeps so long, and prints its id.
submit() {
    body="{\"files\": {\"add.sh\": \"read -r a b\\nsleep $1\\necho \$((a + b))\\n\"}}"
    call POST /courses/demo/challenges/adding/submissions --json "$body" |
        sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -n 1
}

accepted() { # id
    within 120 sh -c "curl -sS -m 60 -H 'Authorization: Bearer $token' \
        '$address/api/v1/submissions/$1?wait=30' | tee /tmp/answer | grep -q '\"verdict\": *\"accepted\"'" ||
        { cat /tmp/answer; return 1; }
}

# Asks for health without a pause until /tmp/asking is gone; counts what fails.
ask_on() {
    : >/tmp/refused
    : >/tmp/asking
    while [ -e /tmp/asking ]; do
        healthy >/dev/null 2>>/tmp/refused || echo failed >>/tmp/refused
        echo >>/tmp/asked
    done
}

nothing_refused() {
    rm -f /tmp/asking
    wait "$asker"
    echo "$(wc -l </tmp/asked) requests"
    cat /tmp/refused
    [ -s /tmp/asked ] && [ ! -s /tmp/refused ]
}

start_asking() {
    rm -f /tmp/asked
    ask_on &
    asker=$!
    within 30 test -s /tmp/asked
}

learners_program() { # seconds: submits, and waits until it sleeps
    id=$(submit "$1")
    [ -n "$id" ] && within 60 learner "$1" && program=$(learner "$1")
}

install_it() {
    mount -t tmpfs state /var/lib/carrel 2>/dev/null ||
        { mkdir -p /var/lib/carrel && mount -t tmpfs state /var/lib/carrel; }
    mkdir -p /etc/carrel && mount -t tmpfs -o mode=755 settings /etc/carrel
    printf '[worker]\nallow_unrepeatable = true\nslots = 2\n[admission]\ntarget_ms = 600000\n' >/etc/carrel/carrel.toml
    install -m 755 "$machine/carrel" /usr/local/bin/carrel
    cd "$root" || return 1
    # As docs/operations.md says.
    install -D -m 644 docs/carrel.1 /usr/local/share/man/man1/carrel.1
    install -m 644 packaging/systemd/carrel.service packaging/systemd/carrel.socket /etc/systemd/system/
    install -m 644 packaging/systemd/carrel.sysusers /usr/lib/sysusers.d/carrel.conf && systemd-sysusers
    systemctl daemon-reload
}

people() {
    echo 'correct horse battery staple' | carrel admin user add ada --operator --password-stdin &&
        token=$(carrel admin token create ada --scope read --scope submit --scope author --scope operate |
            tr ' ' '\n' | grep '^carrel_') && [ -n "$token" ]
}

course() {
    mkdir -p /tmp/course/adding/data /tmp/course/adding/solution /tmp/course/adding/start
    cd /tmp/course || return 1
    printf 'id = "demo"\ntitle = "Demo"\n[[units]]\nid = "first"\ntitle = "First"\nchallenges = ["adding"]\n' >course.toml
    printf '%s\n' 'id = "adding"' 'title = "Adding"' 'language = "bash"' 'environment = "host"' \
        '[files]' 'editable = ["add.sh"]' '[limits]' 'wall_ms = 300000' \
        '[[checks]]' 'id = "small"' 'kind = "io"' 'input = "data/small.in"' 'answer = "data/small.ans"' \
        >adding/challenge.toml
    echo 'Add two numbers.' >adding/instructions.md
    echo '2 3' >adding/data/small.in
    echo 5 >adding/data/small.ans
    printf 'read -r a b\necho $((a + b))\n' >adding/solution/add.sh
    echo 'echo nothing yet' >adding/start/add.sh
    tar -cf /tmp/course.tar .
    call POST /courses/demo/versions -H 'Content-Type: application/x-tar' --data-binary @/tmp/course.tar |
        tee /tmp/published && grep -q '"version"' /tmp/published
}

say "$(systemctl --version | head -n 1); Linux $(uname -r); $(stat -fc %T /sys/fs/cgroup)"
step "install" install_it
step "the units have no mistake" systemd-analyze verify --man=no /etc/systemd/system/carrel.service /etc/systemd/system/carrel.socket
step "enable" systemctl enable carrel.socket carrel.service
step "start: it says that it is ready (Type=notify)" systemctl start carrel.socket carrel.service
step "active" shows ActiveState active
step "/healthz" healthy
step "the web runs as its own user" runs_as web carrel
step "the worker runs as root" runs_as worker root
step "an operator and a token" people
step "a course is published" course
id=$(submit 0)
step "a submission is taken and accepted" accepted "${id:-none}"

step "a learner's program runs" learners_program 121
step "its sandbox has a group of its own, apart from the unit" grep '^0::/carrel/' "/proc/${program:-0}/cgroup"
step "with its limits" limited "$program"
step "requests without a pause" start_asking
step "systemctl restart" systemctl restart carrel.service
journalctl --no-pager -o short-monotonic -u carrel.service --since=-3min | grep -v canary | tail -n 14
step "the learner's program goes on through it (KillMode=process)" is_learner 121 "$program"
step "no request was refused meanwhile (socket activation)" nothing_refused
step "it is accepted by the worker that follows" accepted "$id"

step "a learner's program runs" learners_program 43
web=$(pid_of web)
step "kill -9 of the web" kill -9 "$web"
step "another one serves" healthy
step "the unit did not restart for it" shows NRestarts 0
worker=$(pid_of worker)
step "kill -9 of the worker" kill -9 "$worker"
step "the learner's program goes on" is_learner 43 "$program"
step "it is accepted by the worker that follows" accepted "$id"

step "a learner's program runs" learners_program 61
worker=$(pid_of worker)
step "a worker that hangs (SIGSTOP)" kill -STOP "$worker"
step "is killed by the supervisor (stall_ms) and started again" within 90 dead "$worker"
step "the learner's program goes on" is_learner 61 "$program"
step "it is accepted by the worker that follows" accepted "$id"

step "a learner's program runs" learners_program 47
supervisor=$(main_pid)
step "kill -9 of the supervisor" kill -9 "$supervisor"
step "systemd starts another one (Restart=always)" within 60 shows NRestarts 1
step "it serves" within 90 healthy
step "the learner's program goes on" is_learner 47 "$program"
step "it is accepted" accepted "$id"

step "a learner's program runs" learners_program 113
supervisor=$(main_pid)
step "requests without a pause" start_asking
web=$(pid_of web)
cp /usr/local/bin/carrel /usr/local/bin/carrel.new && mv /usr/local/bin/carrel.new /usr/local/bin/carrel
step "systemctl reload: the program is replaced in its place" systemctl reload carrel.service
step "another web serves" within 120 other_web "$web"
step "with the same main process" shows MainPID "$supervisor"
step "accepted by the worker that follows" accepted "$id"
step "no request failed" nothing_refused

supervisor=$(main_pid)
step "a supervisor that hangs (SIGSTOP)" kill -STOP "$supervisor"
step "is killed by the watchdog and started again (WatchdogSec)" within 150 dead "$supervisor"
step "it serves" within 90 healthy

step "a learner's program runs" learners_program 59
step "systemctl stop" systemctl stop carrel.socket carrel.service
step "web and worker are gone" sh -c '! pgrep -f "carrel (web|worker)"'
step "the learner's program comes to its own end" within 90 sh -c "! pgrep -xf 'sleep 59'"
step "then no keeper is left" within 60 sh -c '! pgrep carrel-keeper && ! pgrep -x carrel'
step "started again, its verdict is there" systemctl start carrel.socket carrel.service
step "accepted" accepted "$id"
step "nothing failed in the unit's eyes" shows Result success
finish
