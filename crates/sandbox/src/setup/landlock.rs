//! Landlock as a second wall: whatever the mounts would let through, files
//! are written only in the writable places, nothing is mounted, and neither
//! abstract Unix sockets nor signals reach out of the sandbox. Best effort by
//! kernel version; the probe tells the version.

use std::io;

use landlock::{
    Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::probe::LANDLOCK;
use crate::spec::Network;

/// Places where files may be made and changed. Not /proc: a program that makes
/// itself less likely to be killed for memory would have others killed.
const WRITABLE: [&str; 3] = ["/work", "/tmp", "/dev/shm"];

/// Restricts this thread and all that it starts, for good.
pub(crate) fn restrict(network: Network) -> io::Result<()> {
    let all = AccessFs::from_all(LANDLOCK);
    let read = AccessFs::from_read(LANDLOCK);
    let device = read | AccessFs::WriteFile | AccessFs::IoctlDev;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .map_err(io::Error::other)?;
    if network == Network::None {
        // No rule follows: no TCP port may be bound or reached.
        ruleset = ruleset
            .handle_access(AccessNet::from_all(LANDLOCK))
            .map_err(io::Error::other)?;
    }
    let mut ruleset = ruleset.create().map_err(io::Error::other)?;
    let mut allow = |path: &str, access: BitFlags<AccessFs>| -> io::Result<()> {
        let place = PathFd::new(path).map_err(io::Error::other)?;
        (&mut ruleset)
            .add_rule(PathBeneath::new(place, access))
            .map_err(io::Error::other)?;
        Ok(())
    };
    allow("/", read)?;
    allow("/dev", device)?;
    for path in WRITABLE {
        allow(path, all)?;
    }
    let status = ruleset.restrict_self().map_err(io::Error::other)?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP));
    }
    Ok(())
}
