//! What this host can do, layer by layer, found by trying.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    Scope,
};

/// Newest Landlock interface whose rights the sandbox asks for.
pub(crate) const LANDLOCK: ABI = ABI::V6;

/// Whether Landlock can bound the use of files (Linux 5.13).
///
/// # Errors
/// The kernel's reason, in words.
pub fn landlock_files() -> Result<(), String> {
    try_ruleset(|rules| rules.handle_access(AccessFs::Execute))
}

/// Whether Landlock can bound the use of TCP ports (Linux 6.7).
///
/// # Errors
/// The kernel's reason, in words.
pub fn landlock_network() -> Result<(), String> {
    try_ruleset(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
}

/// Whether Landlock can keep signals and abstract Unix sockets inside (Linux 6.12).
///
/// # Errors
/// The kernel's reason, in words.
pub fn landlock_scopes() -> Result<(), String> {
    try_ruleset(|rules| rules.scope(Scope::from_all(LANDLOCK)))
}

/// Makes a ruleset that must have this, and drops it.
fn try_ruleset(ask: impl FnOnce(Ruleset) -> Result<Ruleset, RulesetError>) -> Result<(), String> {
    ask(Ruleset::default().set_compatibility(CompatLevel::HardRequirement))
        .and_then(Ruleset::create)
        .map(drop)
        .map_err(|error| error.to_string())
}
