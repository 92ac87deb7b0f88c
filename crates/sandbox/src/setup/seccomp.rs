//! The policy as a BPF program (classic BPF, seccomp(2)): a binary search
//! over ranges of call numbers with the same answer, so that a call far down
//! the list costs no more than one at its top.

use libc::sock_filter;

use crate::policy::{Answer, Inspection, rows};

const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP: u16 = 0x05; // BPF_JMP | BPF_JA
const JUMP_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const JUMP_ANY_BIT: u16 = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const AND: u16 = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

const OFFSET_NUMBER: u32 = 0;
const OFFSET_ARCHITECTURE: u32 = 4;
/// Low half of argument n of the call; the fields are little endian on both architectures.
/// High half of the third argument, where it is a pointer.
const OFFSET_THIRD_HIGH: u32 = 36;
const OFFSETS_ARGUMENT: [u32; 3] = [16, 24, 32];

#[cfg(target_arch = "x86_64")]
pub(crate) const ARCHITECTURE: u32 = 0xc000_003e; // AUDIT_ARCH_X86_64
#[cfg(target_arch = "aarch64")]
pub(crate) const ARCHITECTURE: u32 = 0xc000_00b7; // AUDIT_ARCH_AARCH64

const NAMESPACE_FLAGS: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;
/// `ioctl` TIOCLINUX (linux/tiocl.h); libc has no name for it on every target.
const TIOCLINUX: u32 = 0x541c;

/// The program for this machine; without `internet` only Unix sockets can be made. Forbidden calls wait on the listener where there
/// is one, else they kill the process.
pub(crate) fn compile(listener: bool, internet: bool) -> Vec<sock_filter> {
    let mut answers: Vec<(u32, Answer)> = rows()
        .filter_map(|(_, number, answer)| Some((u32::try_from(*number).ok()?, *answer)))
        .collect();
    answers.sort_by_key(|(number, _)| *number);
    let forbid = if listener {
        libc::SECCOMP_RET_USER_NOTIF
    } else {
        libc::SECCOMP_RET_KILL_PROCESS
    };
    let mut program = vec![
        instruction(LOAD, OFFSET_ARCHITECTURE),
        jump(JUMP_EQUAL, ARCHITECTURE, 1, 0),
        // 32-bit calls (int 0x80): their numbers mean other calls.
        instruction(RETURN, forbid),
        instruction(LOAD, OFFSET_NUMBER),
    ];
    let choices = Choices { forbid, internet };
    search(&ranges(&answers), choices, &mut program);
    program
}

/// What the same policy leaves open.
#[derive(Debug, Clone, Copy)]
struct Choices {
    /// Answer to forbidden calls.
    forbid: u32,
    internet: bool,
}

/// Ranges as (first number, answer), each up to the next one's first.
fn ranges(answers: &[(u32, Answer)]) -> Vec<(u32, Answer)> {
    let unknown = Answer::Refuse(libc::ENOSYS);
    let mut ranges = vec![(0, unknown)];
    let mut add = |first: u32, answer: Answer| {
        if ranges.last().is_some_and(|(last, _)| *last == first) {
            ranges.pop();
        }
        if ranges.last().is_none_or(|(_, last)| *last != answer) {
            ranges.push((first, answer));
        }
    };
    for (index, (number, answer)) in answers.iter().enumerate() {
        add(*number, *answer);
        if answers
            .get(index + 1)
            .is_none_or(|(next, _)| *next != number + 1)
        {
            add(number + 1, unknown);
        }
    }
    ranges
}

fn search(ranges: &[(u32, Answer)], choices: Choices, program: &mut Vec<sock_filter>) {
    let (left, right) = ranges.split_at(ranges.len() / 2);
    if left.is_empty() {
        return answer(ranges[0].1, choices, program);
    }
    program.push(jump(JUMP_AT_LEAST, right[0].0, 0, 1));
    let to_right = program.len();
    program.push(instruction(JUMP, 0));
    search(left, choices, program);
    let distance = program.len() - to_right - 1;
    // A program has at most 4,096 instructions, so the distance fits.
    program[to_right].k = u32::try_from(distance).unwrap_or(u32::MAX);
    search(right, choices, program);
}

fn answer(answer: Answer, choices: Choices, program: &mut Vec<sock_filter>) {
    match answer {
        Answer::Allow => program.push(instruction(RETURN, libc::SECCOMP_RET_ALLOW)),
        Answer::Refuse(errno) => program.push(refuse(errno)),
        Answer::Forbid => program.push(instruction(RETURN, choices.forbid)),
        Answer::Inspect(inspection) => inspect(inspection, choices.internet, program),
    }
}

fn inspect(inspection: Inspection, internet: bool, program: &mut Vec<sock_filter>) {
    let allow = instruction(RETURN, libc::SECCOMP_RET_ALLOW);
    let [first, second, third] = OFFSETS_ARGUMENT.map(|offset| instruction(LOAD, offset));
    match inspection {
        Inspection::NamespaceFlags => program.extend([
            first,
            jump(JUMP_ANY_BIT, NAMESPACE_FLAGS, 0, 1),
            refuse(libc::EPERM),
            allow,
        ]),
        // Counters of the network namespace, which runs share, would tell the next run.
        Inspection::SocketFamily if !internet => program.extend([
            first,
            jump(JUMP_EQUAL, libc::AF_UNIX as u32, 1, 0),
            refuse(libc::EAFNOSUPPORT),
            allow,
        ]),
        Inspection::SocketFamily => program.extend([
            first,
            jump(JUMP_EQUAL, libc::AF_UNIX as u32, 12, 0),
            jump(JUMP_EQUAL, libc::AF_INET as u32, 1, 0),
            jump(JUMP_EQUAL, libc::AF_INET6 as u32, 0, 4),
            second,
            instruction(AND, 0xf), // without SOCK_CLOEXEC and SOCK_NONBLOCK
            jump(JUMP_EQUAL, libc::SOCK_STREAM as u32, 2, 0),
            jump(JUMP_EQUAL, libc::SOCK_DGRAM as u32, 1, 0),
            refuse(libc::EAFNOSUPPORT),
            third,
            jump(JUMP_EQUAL, 0, 3, 0),
            jump(JUMP_EQUAL, libc::IPPROTO_TCP as u32, 2, 0),
            jump(JUMP_EQUAL, libc::IPPROTO_UDP as u32, 1, 0),
            refuse(libc::EPROTONOSUPPORT),
            allow,
        ]),
        Inspection::CoreLimit => program.extend([
            first,
            jump(JUMP_EQUAL, libc::RLIMIT_CORE, 0, 1),
            refuse(0),
            allow,
        ]),
        Inspection::CoreLimitOrAsk => program.extend([
            second,
            jump(JUMP_EQUAL, libc::RLIMIT_CORE, 0, 5),
            third,
            jump(JUMP_EQUAL, 0, 0, 2),
            instruction(LOAD, OFFSET_THIRD_HIGH),
            jump(JUMP_EQUAL, 0, 1, 0),
            refuse(0),
            allow,
        ]),
        Inspection::TerminalInput => program.extend([
            second,
            jump(JUMP_EQUAL, libc::TIOCSTI as u32, 1, 0),
            jump(JUMP_EQUAL, TIOCLINUX, 0, 1),
            refuse(libc::EPERM),
            allow,
        ]),
        Inspection::Personality => program.extend([
            first,
            jump(JUMP_EQUAL, 0, 2, 0),
            jump(JUMP_EQUAL, u32::MAX, 1, 0),
            refuse(libc::EPERM),
            allow,
        ]),
    }
}

fn refuse(errno: i32) -> sock_filter {
    instruction(RETURN, libc::SECCOMP_RET_ERRNO | errno.unsigned_abs())
}

fn instruction(code: u16, k: u32) -> sock_filter {
    sock_filter {
        code,
        jt: 0,
        jf: 0,
        k,
    }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of calls and constants of the kernel are small"
)]
mod tests {
    use super::*;

    /// What the program answers to a call: an interpreter of the few instructions used.
    fn run(program: &[sock_filter], architecture: u32, number: u32, arguments: [u32; 3]) -> u32 {
        let (mut accumulator, mut at) = (0_u32, 0_usize);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let branch = |yes: bool| usize::from(if yes { jt } else { jf });
            match code {
                LOAD => {
                    accumulator = match k {
                        OFFSET_NUMBER => number,
                        OFFSET_ARCHITECTURE => architecture,
                        16 => arguments[0],
                        24 => arguments[1],
                        32 => arguments[2],
                        OFFSET_THIRD_HIGH => 0,
                        other => panic!("loads {other}"),
                    }
                }
                AND => accumulator &= k,
                JUMP => at += k as usize,
                JUMP_EQUAL => at += branch(accumulator == k),
                JUMP_AT_LEAST => at += branch(accumulator >= k),
                JUMP_ANY_BIT => at += branch(accumulator & k != 0),
                RETURN => return k,
                other => panic!("instruction {other:#x}"),
            }
        }
    }

    fn ask(number: i64, [first, second]: [u32; 2]) -> u32 {
        ask_three(number, [first, second, 0])
    }

    fn ask_three(number: i64, arguments: [u32; 3]) -> u32 {
        run(
            &compile(false, true),
            ARCHITECTURE,
            number as u32,
            arguments,
        )
    }

    #[test]
    fn every_row_gets_its_answer_and_unknown_calls_enosys() {
        let program = compile(false, true);
        for (name, number, answer) in rows() {
            let expected = match answer {
                Answer::Allow => libc::SECCOMP_RET_ALLOW,
                Answer::Refuse(errno) => libc::SECCOMP_RET_ERRNO | *errno as u32,
                Answer::Forbid => libc::SECCOMP_RET_KILL_PROCESS,
                Answer::Inspect(_) => continue,
            };
            let got = run(&program, ARCHITECTURE, *number as u32, [0; 3]);
            assert_eq!(got, expected, "{name}");
        }
        for unknown in [1_000, 0x4000_0000, 0x4000_0000 + 57, u32::MAX] {
            let got = run(&program, ARCHITECTURE, unknown, [0; 3]);
            assert_eq!(
                got,
                libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32,
                "{unknown:#x}"
            );
        }
    }

    #[test]
    fn other_architectures_are_forbidden() {
        for (listener, expected) in [
            (true, libc::SECCOMP_RET_USER_NOTIF),
            (false, libc::SECCOMP_RET_KILL_PROCESS),
        ] {
            let program = compile(listener, true);
            assert_eq!(
                run(&program, 0x4000_0003, libc::SYS_read as u32, [0; 3]),
                expected
            );
        }
    }

    #[test]
    fn arguments_decide() {
        let refused = |errno: i32| libc::SECCOMP_RET_ERRNO | errno as u32;
        let allow = libc::SECCOMP_RET_ALLOW;
        assert_eq!(ask(libc::SYS_clone, [libc::CLONE_VM as u32, 0]), allow);
        assert_eq!(
            ask(libc::SYS_clone, [libc::CLONE_NEWUSER as u32, 0]),
            refused(libc::EPERM)
        );
        let socket = |family: i32, kind: i32| ask(libc::SYS_socket, [family as u32, kind as u32]);
        assert_eq!(socket(libc::AF_UNIX, libc::SOCK_SEQPACKET), allow);
        assert_eq!(
            socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC),
            allow
        );
        assert_eq!(socket(libc::AF_INET6, libc::SOCK_DGRAM), allow);
        let unsupported = refused(libc::EAFNOSUPPORT);
        assert_eq!(socket(libc::AF_INET, libc::SOCK_RAW), unsupported);
        assert_eq!(socket(libc::AF_NETLINK, libc::SOCK_DGRAM), unsupported);
        assert_eq!(socket(libc::AF_VSOCK, libc::SOCK_STREAM), unsupported);
        assert_eq!(
            ask(libc::SYS_ioctl, [0, libc::TIOCSTI as u32]),
            refused(libc::EPERM)
        );
        assert_eq!(ask(libc::SYS_ioctl, [0, libc::TCGETS as u32]), allow);
        assert_eq!(ask(libc::SYS_personality, [u32::MAX, 0]), allow);
        assert_eq!(
            ask(libc::SYS_personality, [0x0040_0000, 0]),
            refused(libc::EPERM)
        );
    }

    #[test]
    fn protocols_and_the_core_limit_are_inspected() {
        let refused = |errno: i32| libc::SECCOMP_RET_ERRNO | errno as u32;
        let allow = libc::SECCOMP_RET_ALLOW;
        let socket = |family: i32, kind: i32, protocol: i32| {
            let arguments = [family as u32, kind as u32, protocol as u32];
            ask_three(libc::SYS_socket, arguments)
        };
        let (stream, datagram) = (libc::SOCK_STREAM, libc::SOCK_DGRAM);
        assert_eq!(socket(libc::AF_INET, stream, libc::IPPROTO_TCP), allow);
        assert_eq!(socket(libc::AF_INET6, datagram, libc::IPPROTO_UDP), allow);
        for protocol in [libc::IPPROTO_SCTP, libc::IPPROTO_ICMP, libc::IPPROTO_MPTCP] {
            let expected = refused(libc::EPROTONOSUPPORT);
            assert_eq!(socket(libc::AF_INET, stream, protocol), expected);
        }
        assert_eq!(socket(libc::AF_UNIX, stream, 1), allow);
        let (core, files) = (libc::RLIMIT_CORE, libc::RLIMIT_NOFILE);
        assert_eq!(ask(libc::SYS_setrlimit, [core, 7]), refused(0));
        assert_eq!(ask(libc::SYS_setrlimit, [files, 7]), allow);
        let prlimit = |resource, new| ask_three(libc::SYS_prlimit64, [0, resource, new]);
        assert_eq!(prlimit(core, 0), allow);
        assert_eq!(prlimit(core, 7), refused(0));
        assert_eq!(prlimit(files, 7), allow);
    }

    #[test]
    fn without_internet_there_are_unix_sockets_only() {
        let program = compile(true, false);
        let ask = |number: i64, family: i32| {
            let arguments = [family as u32, libc::SOCK_STREAM as u32, 0];
            run(&program, ARCHITECTURE, number as u32, arguments)
        };
        let refused = libc::SECCOMP_RET_ERRNO | libc::EAFNOSUPPORT as u32;
        assert_eq!(
            ask(libc::SYS_socket, libc::AF_UNIX),
            libc::SECCOMP_RET_ALLOW
        );
        assert_eq!(
            ask(libc::SYS_socketpair, libc::AF_UNIX),
            libc::SECCOMP_RET_ALLOW
        );
        assert_eq!(ask(libc::SYS_socket, libc::AF_INET), refused);
        assert_eq!(ask(libc::SYS_socket, libc::AF_INET6), refused);
    }

    #[test]
    fn fits_the_kernels_bound() {
        assert!(
            compile(true, true).len() < 4_096,
            "{}",
            compile(true, true).len()
        );
    }
}
