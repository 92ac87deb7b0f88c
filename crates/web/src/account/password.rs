//! Passwords: Argon2id on blocking threads, never more than a few at once.
//!
//! Parameters are the first choice of the OWASP Password Storage Cheat Sheet
//! (19 MiB, two passes, one lane); rules of content follow NIST SP 800-63B-4 §3.1.1.2:
//! no composition rules, any character, a list of well-known passwords refused.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Least length, characters.
pub const LENGTH_MIN: usize = 8;
/// Most length, bytes of UTF-8.
pub const LENGTH_BYTES_MAX: usize = 1024;
/// Memory of one hash, KiB.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;
/// Hashes computed at once: bounds their memory to 4 × 19 MiB.
pub const HASHES_AT_ONCE: usize = 4;
/// Hashes waiting for their turn; one more is refused at once.
pub const HASHES_WAITING_MAX: usize = 64;

/// Well-known passwords of at least [`LENGTH_MIN`] characters, in lower case: the head of every
/// published list. What is on a longer list is kept from guessing by the slowdown of failures.
const WELL_KNOWN: [&str; 36] = [
    "00000000",
    "11111111",
    "111111111",
    "1111111111",
    "11223344",
    "12341234",
    "123123123",
    "12345678",
    "123456789",
    "1234567890",
    "1234567891",
    "123456789a",
    "12344321",
    "147258369",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "55555555",
    "66666666",
    "87654321",
    "88888888",
    "987654321",
    "aa123456",
    "abcd1234",
    "asdfasdf",
    "asdfghjkl",
    "baseball",
    "iloveyou",
    "letmein1",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "qwerty123",
    "qwertyuiop",
    "sunshine",
];

/// A hash of no password that anybody knows: an unknown name costs what a known one does.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y2FycmVsLW5vYm9keS0wMQ$\
    0cyRSCeNO3Jra3nV9cCdSeBv2qOGKPCOmqfsoOXgVPY";

/// Why a password is refused, or cannot be looked at now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too short.
    #[error("the password has fewer than {LENGTH_MIN} characters")]
    TooShort,
    /// Too long.
    #[error("the password has more than {LENGTH_BYTES_MAX} bytes")]
    TooLong,
    /// It is the name.
    #[error("the password is the user's name")]
    SameAsName,
    /// Everybody tries that one first.
    #[error("the password is among the best known ones")]
    WellKnown,
    /// Too many are being looked at.
    #[error("too many passwords are being checked")]
    Busy,
    /// What is kept cannot be read.
    #[error("reading the password hash that is kept: {0}")]
    Kept(argon2::password_hash::Error),
    /// Hashing failed.
    #[error("hashing a password: {0}")]
    Hash(argon2::password_hash::Error),
    /// The thread that hashed is gone.
    #[error("hashing a password was broken off")]
    BrokenOff,
}

/// A password as typed. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl Password {
    /// One that is to be kept for the person of this name.
    ///
    /// # Errors
    /// It breaks a rule.
    pub fn parse(text: &str, name: &str) -> Result<Self, Error> {
        if text.len() > LENGTH_BYTES_MAX {
            return Err(Error::TooLong);
        }
        if text.chars().count() < LENGTH_MIN {
            return Err(Error::TooShort);
        }
        let lower = text.to_lowercase();
        if lower == name.to_lowercase() {
            return Err(Error::SameAsName);
        }
        if WELL_KNOWN.contains(&lower.as_str()) {
            return Err(Error::WellKnown);
        }
        Ok(Self(text.to_owned()))
    }

    /// A new one, drawn at random: 120 bits in lower case letters and digits that look different.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut bytes = [0_u8; 24];
        getrandom::fill(&mut bytes)?;
        let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        let groups: Vec<String> = letters
            .chunks(6)
            .map(|group| group.iter().collect())
            .collect();
        Ok(Self(groups.join("-")))
    }

    /// The text, to be shown once to the one it was made for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its hash as a PHC string. Takes some tens of milliseconds and 19 MiB: blocking.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn hash_blocking(&self) -> Result<String, Error> {
        let hash = hasher()?.hash_password(self.0.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(Error::Hash)
    }
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::Hash(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is the password.
    Right,
    /// It is, but what is kept was made with other parameters: hash it anew.
    RightButOld,
    /// It is not.
    Wrong,
}

/// Checks passwords, a bounded number at once.
#[derive(Debug, Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    present: Arc<AtomicUsize>,
    present_max: usize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new(HASHES_AT_ONCE, HASHES_WAITING_MAX)
    }
}

impl Passwords {
    /// So many at once, and so many waiting.
    #[must_use]
    pub fn new(at_once: usize, waiting_max: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            present: Arc::new(AtomicUsize::new(0)),
            present_max: at_once + waiting_max,
        }
    }

    /// Hashes a password to be kept.
    ///
    /// # Errors
    /// [`Error::Busy`], or hashing failed.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.work(move || password.hash_blocking()).await
    }

    /// Compares a password with what is kept. Where nothing is kept (no such person, or one who
    /// signs in elsewhere) the same work is done, and the outcome is `Wrong`.
    ///
    /// # Errors
    /// [`Error::Busy`], or what is kept cannot be read.
    pub async fn check(&self, password: &str, kept: Option<String>) -> Result<Outcome, Error> {
        // Too long for anybody to have: what is compared is cut, the outcome is certain.
        let too_long = password.len() > LENGTH_BYTES_MAX;
        let bytes = password.as_bytes();
        let password = bytes[..bytes.len().min(LENGTH_BYTES_MAX)].to_vec();
        let known = kept.is_some() && !too_long;
        let kept = kept.unwrap_or_else(|| DECOY.to_owned());
        let outcome = self.work(move || check_blocking(&password, &kept)).await?;
        Ok(if known { outcome } else { Outcome::Wrong })
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = Place::take(&self.present, self.present_max).ok_or(Error::Busy)?;
        let permit = Arc::clone(&self.running).acquire_owned().await;
        let permit = permit.map_err(|_closed| Error::BrokenOff)?;
        let job = move || {
            // Held by the thread, not by the caller, who may be gone before the work is done.
            let _permit = permit;
            job()
        };
        let done = tokio::task::spawn_blocking(|| crate::containment::contain(job)).await;
        done.map_err(|_panic| Error::BrokenOff)?
    }
}

fn check_blocking(password: &[u8], kept: &str) -> Result<Outcome, Error> {
    let kept = PasswordHash::new(kept).map_err(|error| Error::Kept(error.into()))?;
    let hasher = hasher()?;
    match hasher.verify_password(password, &kept) {
        Ok(()) => {}
        Err(argon2::password_hash::Error::PasswordInvalid) => return Ok(Outcome::Wrong),
        Err(error) => return Err(Error::Kept(error)),
    }
    let params = Params::try_from(&kept).map_err(Error::Kept)?;
    let present = (params.m_cost(), params.t_cost(), params.p_cost());
    let same =
        kept.algorithm == Algorithm::Argon2id.ident() && present == (MEMORY_KIB, PASSES, LANES);
    Ok(if same {
        Outcome::Right
    } else {
        Outcome::RightButOld
    })
}

/// A place among those who are served or wait.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(present: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        present
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                (count < most).then_some(count + 1)
            })
            .ok()
            .map(|_| Self(Arc::clone(present)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    }

    #[test]
    fn rules_are_length_name_and_the_best_known() {
        let refused = |text: &str| Password::parse(text, "Augusta.Ada").unwrap_err();
        assert!(matches!(refused("seven77"), Error::TooShort));
        assert!(matches!(refused(&"x".repeat(1025)), Error::TooLong));
        assert!(matches!(refused("augusta.ADA"), Error::SameAsName));
        assert!(matches!(refused("PassWord123"), Error::WellKnown));
        // Characters, not bytes; no rule of composition.
        assert!(Password::parse("ääääääää", "a").is_ok());
        assert!(Password::parse(&"x".repeat(1024), "a").is_ok());
    }

    #[test]
    fn the_right_one_is_right_and_no_other() {
        let password = Password::parse("correct horse", "a").unwrap();
        let passwords = Passwords::default();
        runtime().block_on(async {
            let kept = passwords.hash(password).await.unwrap();
            assert!(
                kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
                "{kept}"
            );
            let check = |text: &'static str| passwords.check(text, Some(kept.clone()));
            assert_eq!(check("correct horse").await.unwrap(), Outcome::Right);
            assert_eq!(check("correct hors").await.unwrap(), Outcome::Wrong);
            assert_eq!(check("").await.unwrap(), Outcome::Wrong);
            let nobody = passwords.check("correct horse", None).await.unwrap();
            assert_eq!(nobody, Outcome::Wrong);
        });
    }

    #[test]
    fn the_decoy_costs_what_a_kept_hash_costs() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        let made = Password::generate().unwrap().hash_blocking().unwrap();
        let made = PasswordHash::new(&made).unwrap();
        assert_eq!(decoy.algorithm, made.algorithm);
        assert_eq!(decoy.params.to_string(), made.params.to_string());
        let length = |hash: &PasswordHash| hash.hash.as_ref().map(|hash| hash.as_ref().len());
        assert_eq!(length(&decoy), length(&made));
    }

    #[test]
    fn weaker_parameters_are_told_and_rubbish_is_an_error() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, None).unwrap(),
        );
        let kept = weak.hash_password(b"correct horse").unwrap().to_string();
        let check = |kept: &str| check_blocking(b"correct horse", kept);
        assert_eq!(check(&kept).unwrap(), Outcome::RightButOld);
        assert!(matches!(check("$plain$x"), Err(Error::Kept(_))));
    }

    #[test]
    fn one_more_than_may_wait_is_refused_at_once() {
        let passwords = Passwords::new(1, 1);
        runtime().block_on(async {
            let places: Vec<_> = (0..2)
                .map(|_| Place::take(&passwords.present, passwords.present_max).unwrap())
                .collect();
            let refused = passwords.check("x", None).await;
            assert!(matches!(refused, Err(Error::Busy)));
            drop(places);
            assert_eq!(passwords.check("x", None).await.unwrap(), Outcome::Wrong);
        });
    }

    #[test]
    fn generated_ones_differ_and_are_not_shown() {
        let (one, other) = (Password::generate().unwrap(), Password::generate().unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 27);
        assert_eq!(format!("{one:?}"), "Password(…)");
    }
}
