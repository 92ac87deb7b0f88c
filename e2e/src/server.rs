//! `carrel serve` over a state directory of its own, and the processes below it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal};
use tempfile::TempDir;

/// How long a start may take; with `--build` it builds environments first.
const START_PATIENCE: Duration = Duration::from_secs(60);
const BUILD_PATIENCE: Duration = Duration::from_secs(900);
/// How long an end may take.
const END_PATIENCE: Duration = Duration::from_secs(40);
/// Clock ticks per second of `/proc` (always 100 on Linux as user space sees it).
const TICKS_PER_SECOND: f64 = 100.0;

/// A process of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// `supervisor`, `web`, `worker`, `keeper` or `sandbox`.
    pub role: &'static str,
}

/// The service.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    directory: TempDir,
    state: PathBuf,
    child: Option<Child>,
    stdout: Option<BufReader<ChildStdout>>,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Server {
    /// Makes a state directory and starts the service, with these further arguments.
    ///
    /// # Errors
    /// It does not begin to serve; what it said is in the message.
    pub fn start(program: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        Self::start_in(program, arguments, None)
    }

    /// As [`Server::start`], over this state directory.
    ///
    /// # Errors
    /// As there.
    pub fn start_in(
        program: &Path,
        arguments: &[&str],
        state: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("making a directory")?;
        // The web runs as another user and has to pass.
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o711))?;
        let state = state.map_or_else(|| directory.path().join("state"), Path::to_owned);
        let mut server = Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            variables: Vec::new(),
            directory,
            state,
            child: None,
            stdout: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        server.restart()?;
        Ok(server)
    }

    /// The state directory.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Where its sockets and journals are.
    #[must_use]
    pub fn run_directory(&self) -> PathBuf {
        self.directory.path().join("run")
    }

    /// The program that is started.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Replaces the program that the next start takes.
    pub fn set_program(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// Sets an environment variable for the next start.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the service where none runs, at the address that it had.
    ///
    /// # Errors
    /// It does not begin to serve.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let mut command = self.command(&["serve", "--listen", &self.address.to_string()]);
        command.envs(self.variables.iter().cloned());
        command
            .args(&self.arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .stdin(Stdio::null());
        let mut child = command
            .spawn()
            .with_context(|| format!("starting `{}`", self.program.display()))?;
        let stdout = child.stdout.take().context("standard output is a pipe")?;
        let mut reader = BufReader::new(stdout);
        self.child = Some(child);
        let builds = self.arguments.iter().any(|word| word == "--build");
        let patience = if builds {
            BUILD_PATIENCE
        } else {
            START_PATIENCE
        };
        let began = Instant::now();
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || began.elapsed() > patience {
                self.kill("supervisor");
                bail!("the service did not begin to serve:\n{}", self.log());
            }
            if let Some(address) = line.trim().strip_prefix("carrel serves http://") {
                self.address = address.parse().context("reading the address")?;
                break;
            }
        }
        self.stdout = Some(reader);
        Ok(())
    }

    /// Runs another command of the program over the same state; returns its standard output.
    ///
    /// # Errors
    /// It fails; what it said is in the message.
    pub fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads nothing closes it before.
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "carrel {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "this drives the real binary")]
        let mut command = Command::new(&self.program);
        command.env("CARREL_RUN_DIRECTORY", self.run_directory());
        command
            .arg("--state-directory")
            .arg(&self.state)
            .args(arguments);
        command
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// Everything it logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Process id of the supervisor.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// All processes of the service, the supervisor first.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let Some(root) = self.pid() else {
            return Vec::new();
        };
        let all = list();
        let mut found: Vec<Process> = all
            .iter()
            .filter(|process| process.pid == root)
            .cloned()
            .collect();
        let mut at = 0;
        while at < found.len() {
            let parent = found[at].pid;
            let children = all.iter().filter(|process| process.parent == parent);
            found.extend(children.cloned());
            at += 1;
        }
        for process in &mut found {
            if process.pid == root {
                process.role = "supervisor";
            }
        }
        found
    }

    /// Processes of a role.
    #[must_use]
    pub fn of_role(&self, role: &str) -> Vec<Process> {
        let mut processes = self.processes();
        processes.retain(|process| process.role == role);
        processes
    }

    /// Sends SIGKILL to the first process of a role; returns its id.
    pub fn kill(&mut self, role: &str) -> Option<u32> {
        let pid = self.of_role(role).first()?.pid;
        kill(pid, Signal::KILL);
        if role == "supervisor"
            && let Some(mut child) = self.child.take()
        {
            // It is dead already; this only takes its exit code.
            let _ = child.wait();
            self.stdout = None;
        }
        Some(pid)
    }

    /// Sends a signal to the supervisor.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            kill(pid, signal);
        }
    }

    /// Tells it to stop and waits; returns the exit code, `None` where it had to be killed.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        let mut child = self.child.take()?;
        let until = Instant::now() + END_PATIENCE;
        while Instant::now() < until {
            if let Ok(Some(status)) = child.try_wait() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let _ = child.wait();
        None
    }

    /// Waits until a role has another process than this one, and returns that.
    ///
    /// # Errors
    /// It does not come.
    pub fn successor(&self, role: &str, of: u32) -> anyhow::Result<u32> {
        let until = Instant::now() + START_PATIENCE;
        while Instant::now() < until {
            let found = self
                .of_role(role)
                .into_iter()
                .find(|process| process.pid != of);
            if let Some(found) = found {
                return Ok(found.pid);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("no other `{role}` came:\n{}", self.log())
    }

    /// Processor time of supervisor, web, worker and keepers themselves, without what
    /// runs in sandboxes, seconds.
    #[must_use]
    pub fn cpu_seconds(&self) -> f64 {
        let mut own = self.processes();
        own.retain(|process| process.role != "sandbox");
        own.iter()
            .filter_map(|process| ticks(process.pid))
            .sum::<f64>()
            / TICKS_PER_SECOND
    }

    /// Memory of the processes of a role that is theirs alone or shared in part (PSS), bytes.
    #[must_use]
    pub fn memory_bytes(&self, role: &str) -> u64 {
        let pids = self.of_role(role);
        pids.iter().filter_map(|process| pss(process.pid)).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.stop();
        }
    }
}

/// Sends a signal to a process of the service; one that has ended is no error.
pub fn kill(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn list() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(describe).collect()
}

fn describe(pid: u32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let dead = matches!(fields.next(), Some("Z" | "X"));
    let parent = fields.next()?.parse().ok()?;
    if dead {
        return None;
    }
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    let has = |word: &[u8]| words.contains(&word);
    let role = match words.first() {
        Some(name) if name.ends_with(b"carrel-keeper") => "keeper",
        Some(_) if has(b"web") && has(b"--supervised") => "web",
        Some(_) if has(b"worker") && has(b"--supervised") => "worker",
        _ => "sandbox",
    };
    Some(Process { pid, parent, role })
}

fn ticks(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    // utime and stime are fields 14 and 15; after the name comes field 3.
    let times = fields.split(' ').skip(11).take(2);
    Some(times.filter_map(|time| time.parse::<f64>().ok()).sum())
}

fn pss(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
