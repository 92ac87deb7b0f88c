//! The keeper's side of one run: clone init, feed and read the streams, watch
//! the clocks and the memory group, kill, and put the report together.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, SocketFlags};
use rustix::net::{RecvFlags, SocketType, recvmsg, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, pidfd_send_signal};

use crate::account::{self, Account, Message};
use crate::capture::{Capture, Feed, Order};
use crate::cgroup::{self, Group};
use crate::init::{self, Plan};
use crate::isolation::Isolation;
use crate::layer;
use crate::policy;
use crate::protocol::{self, Fault, Request, RunRequest};
use crate::report::{
    Collected, CollectedContent, Ending, Incident, Limit, Output, OutputStream, Report, Usage,
};
use crate::seed::{Belongings, Seed};
use crate::setup::files::program_uid;
use crate::setup::seccomp;

use crate::step::{Steps, fault};
use crate::streams::make_streams;
use crate::sys::passing::{SIGNAL_MAX, ask_to_pass_on};
use crate::sys::{self, Cloned};

/// Largest account that init may give: files asked for, and their names.
const ACCOUNT_BYTES_MAX: usize = 1 << 30;
/// Shortest pause between two looks at the processor clock.
const CPU_LOOK_MIN: Duration = Duration::from_millis(2);
/// Refused forks from which on a run is told as a process storm.
const STORM_REFUSALS: u64 = 200;

/// A run under way.
struct Run<'a> {
    request: &'a RunRequest,
    group: &'a Group,
    client: &'a OwnedFd,
    pidfd: OwnedFd,
    start: Instant,
    next_cpu_look: Instant,
    /// The processor time of all processes together is limited.
    bounds_cpu: bool,
    account: Capture,
    captures: [Capture; 3],
    order: Order,
    feed: Feed,
    listener_channel: Option<OwnedFd>,
    listener: Option<OwnedFd>,
    /// What the caller wants: the run ended, or the program signalled.
    stop: Option<OwnedFd>,
    /// Process 1 has a pid namespace of its own.
    has_namespace: bool,
    ending: Option<Ending>,
    incidents: Vec<Incident>,
    client_gone: bool,
    init_gone: bool,
}

/// Makes one fresh sandbox, runs, reports. `Ok(None)`: the caller is gone, and there is no journal.
pub(crate) fn run(
    request: &mut RunRequest,
    descriptors: Vec<OwnedFd>,
    world: &mut World<'_>,
) -> Result<Option<Report>, Fault> {
    if files_outgrow_memory(request) {
        let ending = Ending::Limit(Limit::Memory);
        return Ok(Some(not_begun(ending, &world.isolation.missing)));
    }
    let mut steps = world.steps.clone();
    let limits = world.isolation.group_limits(&request.limits);
    steps.take("prepare the cgroup", || world.group.begin(&limits))?;
    let result = supervise(request, descriptors, world, &mut steps);
    let tidied = world
        .group
        .end(world.seed.map(Seed::pid))
        .map_err(|error| fault("tidy the cgroup", &error));
    let report = result?;
    tidied?;
    Ok(report)
}

/// Whether the files alone pass the memory limit: on their way in they are in
/// its memory as they came, decoded, and as files.
fn files_outgrow_memory(request: &RunRequest) -> bool {
    let bytes: usize = request.files.iter().map(|file| file.content.len()).sum();
    let needed = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(3);
    needed > request.limits.memory_bytes
}

/// The report of a run that did not begin: it cannot within its memory limit, or was taken back.
pub(crate) fn not_begun(ending: Ending, missing: &[String]) -> Report {
    Report {
        missing_layers: missing.to_vec(),
        ..Report::of(ending)
    }
}

/// What lasts from run to run.
pub(crate) struct World<'a> {
    pub(crate) isolation: &'a Isolation,
    pub(crate) group: &'a mut Group,
    /// On cgroup v1, where inits come from.
    pub(crate) seed: Option<&'a Seed>,
    pub(crate) steps: &'a Steps,
    pub(crate) client: &'a OwnedFd,
}

fn supervise(
    request: &mut RunRequest,
    mut descriptors: Vec<OwnedFd>,
    world: &World<'_>,
    steps: &mut Steps,
) -> Result<Option<Report>, Fault> {
    let stop = if request.stop {
        descriptors.pop()
    } else {
        None
    };
    let uid = program_uid(world.isolation.has_uid_range());
    let (streams, ends) = steps.take("make pipes", || make_streams(request, descriptors, uid))?;
    let (account_read, account_write) =
        steps.take("make the account pipe", || pipe_with(PipeFlags::CLOEXEC))?;
    let (near, far) = steps.take("make the listener channel", || listener_channel(world))?;
    let flags = world.isolation.clone_flags(request.network);
    let group: &Group = world.group;
    // Init goes on counting after the step that clones it.
    let taken = steps.after_next();
    let belongings = Belongings {
        streams,
        account: account_write,
        listener: far,
    };
    let (pid, pidfd) = match world.seed {
        Some(seed) => steps.take("clone init from the seed", || {
            seed.clone_init(flags, request, &taken, &belongings)
        })?,
        None => match steps.take("clone init", || sys::clone3(flags, group.clone_target()))? {
            Cloned::Parent { pid, pidfd } => (pid, pidfd),
            Cloned::Child => {
                drop((account_read, ends, near));
                let Belongings {
                    streams,
                    account,
                    listener,
                } = belongings;
                let streams = Some(streams);
                let plan = Plan {
                    request,
                    isolation: world.isolation,
                    streams,
                    listener,
                };
                init::enter(plan, steps, Account(File::from(account)));
            }
        },
    };
    drop(belongings);
    let start = Instant::now();
    let run = Run {
        request,
        group,
        client: world.client,
        pidfd,
        start,
        next_cpu_look: start + cpu_pause(request, 0),
        bounds_cpu: world.isolation.has(layer::CGROUP_CPU),
        account: Capture::new(Some(account_read), ACCOUNT_BYTES_MAX),
        captures: ends.captures,
        order: Order::default(),
        feed: ends.feed,
        listener_channel: near,
        listener: None,
        stop,
        has_namespace: world.isolation.has(layer::PIDS),
        ending: None,
        incidents: Vec::new(),
        client_gone: false,
        init_gone: false,
    };
    conclude(run, pid, world)
}

/// Watches a run to its end and reports.
fn conclude(mut run: Run<'_>, pid: Pid, world: &World<'_>) -> Result<Option<Report>, Fault> {
    let watched = run.watch();
    if watched.is_err() {
        run.kill();
    }
    let (_, cpu_us) = sys::wait_with_usage(pid).map_err(|e| fault("wait for init", &e))?;
    watched.map_err(|error| fault("watch the run", &error))?;
    if run.client_gone && !run.request.journal {
        return Ok(None);
    }
    let counted = run
        .group
        .account()
        .map_err(|error| fault("read the cgroup", &error))?;
    let counted = counted.unwrap_or(cgroup::Account {
        cpu_us,
        ..Default::default()
    });
    run.report(&counted, world.isolation).map(Some)
}

fn listener_channel(world: &World<'_>) -> io::Result<(Option<OwnedFd>, Option<OwnedFd>)> {
    if !world.isolation.has(layer::SECCOMP) {
        return Ok((None, None));
    }
    let flags = SocketFlags::CLOEXEC;
    let (near, far) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    Ok((Some(near), Some(far)))
}

/// How long a run that used `used_us` so far cannot reach its processor limit.
fn cpu_pause(request: &RunRequest, used_us: u64) -> Duration {
    let left_us = (request.limits.cpu_ms * 1_000).saturating_sub(used_us);
    let pause = left_us.saturating_mul(1_000) / request.limits.cpu_rate_milli.max(1_000);
    Duration::from_micros(pause).max(CPU_LOOK_MIN)
}

impl Run<'_> {
    /// Watches until init is gone and every captured stream has ended, or init
    /// is gone and the streams are read empty: the writing end of one may be on
    /// its way through a socket that nobody holds any more.
    fn watch(&mut self) -> io::Result<()> {
        let deadline = self.start + Duration::from_millis(self.request.limits.wall_ms);
        while self.account.is_open() || self.captures.iter().any(Capture::is_open) {
            let now = Instant::now();
            if now >= deadline && !self.init_gone {
                self.end_by(Ending::Limit(Limit::Wall));
            }
            if self.ending.is_none() && now >= self.next_cpu_look {
                self.look_at_cpu(now)?;
            }
            let until = match self.ending {
                _ if self.init_gone => now,
                // Killed: what is left is to see it gone.
                Some(_) => now + Duration::from_secs(1),
                None => deadline.min(self.next_cpu_look),
            };
            let init_was_gone = self.init_gone;
            let events = self.wait_for_events(until.saturating_duration_since(now))?;
            if init_was_gone && events == 0 {
                break;
            }
            let captured: usize = self.captures[..2].iter().map(Capture::seen).sum();
            let limit = usize::try_from(self.request.limits.output_bytes).unwrap_or(usize::MAX);
            if captured > limit || self.captures[2].is_over() {
                self.end_by(Ending::Limit(Limit::Output));
            }
        }
        Ok(())
    }

    /// Waits and handles; returns how many sources had something.
    fn wait_for_events(&mut self, timeout: Duration) -> io::Result<usize> {
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        // Once init is gone, or the reason for the end is known, the rest has nothing to tell.
        let lives = !self.init_gone;
        let undecided = lives && self.ending.is_none();
        let sources: [Option<rustix::fd::BorrowedFd<'_>>; 11] = [
            (lives && !self.client_gone).then_some(self.client.as_fd()),
            self.account.source(),
            self.captures[0].source(),
            self.captures[1].source(),
            self.captures[2].source(),
            self.feed.target().filter(|_| lives),
            self.group.memory_event().filter(|_| undecided),
            self.listener_channel
                .as_ref()
                .map(AsFd::as_fd)
                .filter(|_| undecided),
            self.listener
                .as_ref()
                .map(AsFd::as_fd)
                .filter(|_| undecided),
            lives.then_some(self.pidfd.as_fd()),
            self.stop.as_ref().map(AsFd::as_fd).filter(|_| undecided),
        ];
        let mut polled: Vec<PollFd<'_>> = Vec::with_capacity(sources.len());
        let mut which = Vec::with_capacity(sources.len());
        for (index, source) in sources.into_iter().enumerate() {
            let Some(source) = source else { continue };
            let flags = if index == 5 {
                PollFlags::OUT
            } else {
                PollFlags::IN
            };
            polled.push(PollFd::from_borrowed_fd(source, flags));
            which.push(index);
        }
        match poll(&mut polled, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<(usize, PollFlags)> = polled
            .iter()
            .zip(&which)
            .map(|(polled, index)| (*index, polled.revents()))
            .filter(|(_, events)| !events.is_empty())
            .collect();
        drop(polled);
        let count = ready.len();
        for (index, events) in ready {
            self.handle(index, events)?;
        }
        Ok(count)
    }

    fn handle(&mut self, index: usize, events: PollFlags) -> io::Result<()> {
        match index {
            0 => self.hear_client(),
            1 => {
                self.account.read()?;
            }
            2 => {
                let kept = self.captures[0].read()?;
                self.order.add(OutputStream::Stdout, kept);
            }
            3 => {
                let kept = self.captures[1].read()?;
                self.order.add(OutputStream::Stderr, kept);
            }
            4 => {
                self.captures[2].read()?;
            }
            5 => self.feed.write(),
            6 => self.end_by(Ending::Limit(Limit::Memory)),
            7 => self.receive_listener(),
            9 => self.init_gone = true,
            10 => self.hear_caller(),
            _ if events.contains(PollFlags::IN) => self.forbidden_call(),
            _ => self.listener = None,
        }
        Ok(())
    }

    /// The caller takes a run back, or is gone; a run with a journal goes on without it.
    fn hear_client(&mut self) {
        match protocol::receive::<Request>(self.client) {
            Ok(Some((Request::Cancel(number), _))) => {
                // Another number is of an earlier run, whose report was on its way.
                if number == self.request.number {
                    self.end_by(Ending::Cancelled);
                }
            }
            _ => {
                self.client_gone = true;
                if !self.request.journal {
                    self.kill();
                }
            }
        }
    }

    /// As [`crate::Spec::stop`] says.
    fn hear_caller(&mut self) {
        let Some(stop) = &self.stop else { return };
        let mut said = [0_u8; 64];
        let count = match rustix::io::read(stop, &mut said) {
            Ok(count) => count,
            Err(rustix::io::Errno::INTR) => return,
            // As good as closed.
            Err(_) => 0,
        };
        if count == 0 {
            self.end_by(Ending::Stopped);
        }
        for word in &said[..count] {
            match *word {
                signal @ 1..=SIGNAL_MAX if self.has_namespace => {
                    // An error: it is gone, or has so many waiting that one more is lost.
                    let _ = ask_to_pass_on(self.pidfd.as_fd(), signal);
                }
                signal @ 1..=SIGNAL_MAX => self.end_by(Ending::Signalled(signal.into())),
                _ => self.end_by(Ending::Stopped),
            }
        }
    }

    fn look_at_cpu(&mut self, now: Instant) -> io::Result<()> {
        let Some(used_us) = self.group.cpu_us()?.filter(|_| self.bounds_cpu) else {
            self.next_cpu_look = now + Duration::from_secs(3_600);
            return Ok(());
        };
        if used_us >= self.request.limits.cpu_ms * 1_000 {
            self.end_by(Ending::Limit(Limit::Cpu));
        }
        self.next_cpu_look = now + cpu_pause(self.request, used_us);
        Ok(())
    }

    fn receive_listener(&mut self) {
        let Some(channel) = self.listener_channel.take() else {
            return;
        };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0_u8; 1];
        let mut buffers = [io::IoSliceMut::new(&mut byte)];
        // An end without a listener: init or the program failed before, and the account says how.
        let flags = RecvFlags::CMSG_CLOEXEC;
        if recvmsg(&channel, &mut buffers, &mut ancillary, flags).is_ok() {
            for message in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(mut descriptors) = message {
                    self.listener = descriptors.next();
                }
            }
        }
    }

    fn forbidden_call(&mut self) {
        let Some(listener) = &self.listener else {
            return;
        };
        // An error: the process that waited is gone, so nothing was forbidden.
        let Ok((number, architecture)) = sys::receive_notification(listener.as_fd()) else {
            return;
        };
        // The numbers of another architecture's calls (int 0x80) mean other calls.
        let name = (architecture == seccomp::ARCHITECTURE)
            .then(|| policy::name(number))
            .flatten()
            .map(str::to_owned);
        if self.ending.is_none() {
            let other = || format!("call {number} of architecture {architecture:#x}");
            self.incidents.push(Incident {
                kind: "forbidden_system_call".to_owned(),
                detail: name.clone().unwrap_or_else(other),
            });
        }
        self.end_by(Ending::ForbiddenSystemCall(name));
    }

    /// Kills the sandbox for this reason; the first reason stands.
    fn end_by(&mut self, ending: Ending) {
        if self.ending.is_none() {
            self.ending = Some(ending);
            self.kill();
        }
    }

    fn kill(&self) {
        // With process 1 dies its whole pid namespace. An error: it is gone already.
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    fn report(self, counted: &cgroup::Account, isolation: &Isolation) -> Result<Report, Fault> {
        let mut files: Vec<Collected> = Vec::new();
        let (mut ending, mut wall_us, mut full) = (None, None, false);
        for message in account::parse(&self.account.bytes) {
            match message {
                Message::Fault(fault) => return Err(fault),
                Message::NotStarted(reason) => ending = Some(Ending::NotStarted(reason)),
                Message::Ended {
                    status,
                    wall_us: wall,
                    disk_full,
                } => {
                    ending = ending.or_else(|| Some(from_status(status)));
                    (wall_us, full) = (Some(wall), disk_full);
                }
                Message::File(file) => files.push(file),
                Message::More(more) => {
                    if let Some(CollectedContent::Bytes(bytes)) =
                        files.last_mut().map(|file| &mut file.content)
                    {
                        bytes.extend(more);
                    }
                }
            }
        }
        let elapsed_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let usage = Usage {
            cpu_us: counted.cpu_us,
            wall_us: wall_us.unwrap_or(elapsed_us),
            memory_peak_bytes: counted.memory_peak_bytes,
            processes_peak: counted.processes_peak,
            output_bytes: self
                .captures
                .iter()
                .map(|capture| capture.seen() as u64)
                .sum(),
        };
        let ending = self.decide(ending, counted)?;
        let mut incidents = self.incidents;
        if counted.processes_refused >= STORM_REFUSALS {
            let detail = format!("{} forks refused", counted.processes_refused);
            incidents.push(Incident {
                kind: "process_storm".to_owned(),
                detail,
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let [stdout, stderr, report] = self.captures.map(Output::from);
        Ok(Report {
            ending,
            usage,
            stdout,
            stderr,
            order: self.order.into(),
            report,
            files,
            incidents,
            disk_full: full,
            processes_refused: counted.processes_refused,
            missing_layers: isolation.missing.clone(),
        })
    }

    /// The one reason for the end: a limit that we enforced, else what the kernel did, else the program's own.
    fn decide(&self, told: Option<Ending>, counted: &cgroup::Account) -> Result<Ending, Fault> {
        if let Some(ending) = &self.ending {
            return Ok(ending.clone());
        }
        if counted.oom_kills > 0 {
            return Ok(Ending::Limit(Limit::Memory));
        }
        if self.bounds_cpu && counted.cpu_us > self.request.limits.cpu_ms * 1_000 {
            return Ok(Ending::Limit(Limit::Cpu));
        }
        match told {
            Some(Ending::Signalled(libc::SIGXFSZ)) => Ok(Ending::Limit(Limit::FileSize)),
            Some(Ending::Signalled(libc::SIGXCPU)) => Ok(Ending::Limit(Limit::Cpu)),
            Some(ending) => Ok(ending),
            None => Err(Fault {
                step: "hear of the ending from init".into(),
                errno: libc::ECHILD,
            }),
        }
    }
}

/// As of wait(2).
fn from_status(status: i32) -> Ending {
    if libc::WIFSIGNALED(status) {
        Ending::Signalled(libc::WTERMSIG(status))
    } else {
        Ending::Exited(libc::WEXITSTATUS(status))
    }
}
