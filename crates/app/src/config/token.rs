//! The token with which this program acts on a service.

use std::io::Read as _;
use std::path::Path;

use carrel_web::session::token::TokenText;

use crate::failure::Failure;

/// Environment variable that holds a token.
pub const TOKEN_VARIABLE: &str = "CARREL_TOKEN";
/// Largest file that is read for a token, bytes.
const FILE_BYTES_MAX: u64 = 4_096;

/// The token of the file, else of `CARREL_TOKEN`. It is never taken from the command line, which
/// every process of the host may read.
///
/// # Errors
/// There is none, or what is there is no token.
pub fn resolve(file: Option<&Path>) -> Result<TokenText, Failure> {
    match file {
        Some(file) => parse(&read(file)?, &format!("the file `{}`", file.display())),
        None => match super::variable(TOKEN_VARIABLE) {
            Some(text) => parse(&text.to_string_lossy(), &format!("`{TOKEN_VARIABLE}`")),
            None => Err(Failure::usage("no token to act with").hint(format!(
                "name a file that holds one with --token-file, or set {TOKEN_VARIABLE}"
            ))
            .hint("make one: on the account page of the service, or `carrel admin token create NAME --scope author`")),
        },
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let opened = std::fs::File::open(file);
    let read = opened.and_then(|opened| opened.take(FILE_BYTES_MAX).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!(
            "reading the token file `{}`: {error}",
            file.display()
        ))),
    }
}

fn parse(text: &str, place: &str) -> Result<TokenText, Failure> {
    // What is there is not told: it may be another secret.
    TokenText::parse(text.trim()).ok_or_else(|| {
        Failure::usage(format!("{place} holds no token of Carrel"))
            .hint("a token begins with `carrel_` and has 56 letters; copy it whole")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_from_its_file_and_nothing_else_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        let token = TokenText::generate().unwrap();
        std::fs::write(&file, format!("{}\n", token.reveal())).unwrap();
        assert_eq!(resolve(Some(&file)).unwrap(), token);
        std::fs::write(&file, "hunter2").unwrap();
        let failure = resolve(Some(&file)).unwrap_err();
        assert!(!format!("{:#}", failure.error).contains("hunter2"));
        assert!(resolve(Some(&directory.path().join("none"))).is_err());
    }
}
