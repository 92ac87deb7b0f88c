//! Where packages of environments are fetched from.

use crate::failure::Failure;

/// Environment variable that names a package mirror.
pub const MIRROR_VARIABLE: &str = "CARREL_MIRROR";

/// The mirror asked for by flag or variable; `None`: the host's own package sources.
///
/// # Errors
/// It is not an `http`, `https` or `file` address.
pub fn resolve(flag: Option<&str>) -> Result<Option<String>, Failure> {
    let variable =
        super::variable(MIRROR_VARIABLE).map(|value| value.to_string_lossy().into_owned());
    let Some(mirror) = flag.map(str::to_owned).or(variable) else {
        return Ok(None);
    };
    let known = ["http://", "https://", "file:///"]
        .iter()
        .any(|scheme| mirror.starts_with(scheme));
    if !known
        || mirror
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err(Failure::usage(format!(
            "mirror `{}` is not an address",
            mirror.escape_debug()
        ))
        .hint("an address looks like https://host/debian, or file:///path"));
    }
    Ok(Some(mirror))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_are_taken() {
        assert_eq!(
            resolve(Some("https://h/debian")).unwrap().as_deref(),
            Some("https://h/debian")
        );
        assert!(resolve(Some("h/debian")).is_err());
        assert!(resolve(Some("http://h/ [trusted=yes]")).is_err());
    }
}
