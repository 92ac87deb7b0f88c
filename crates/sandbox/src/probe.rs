//! What this host can do, layer by layer, found by trying.

/// Whether a Landlock ruleset can be made.
pub(crate) fn landlock_works() -> bool {
    use landlock::{AccessFs, Ruleset, RulesetAttr};
    landlock::Ruleset::default()
        .handle_access(AccessFs::Execute)
        .and_then(Ruleset::create)
        .is_ok()
}
