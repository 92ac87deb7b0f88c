//! What a provider says of a person: a signed id token, checked as OpenID Connect Core 1.0
//! §3.1.3.7 asks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::key::Key;

/// How far clocks may be apart, seconds.
const LEEWAY_SECONDS: i64 = 60;
/// Longest id token, bytes.
pub const BYTES_MAX: usize = 64 << 10;
/// Longest subject, bytes (OpenID Connect Core 1.0 §2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Why an id token does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not a signed token.
    #[error("it is not written as one: {0}")]
    Form(&'static str),
    /// No key of the provider fits: perhaps it has new ones.
    #[error("no key of the provider fits")]
    UnknownKey,
    /// Not signed by the provider.
    #[error("its signature does not hold")]
    Signature,
    /// A claim is wrong.
    #[error("its claim `{0}` is wrong")]
    Claim(&'static str),
}

/// What is said of the person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    iss: String,
    /// Who it is, for this issuer.
    pub sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: Option<String>,
    /// Name to sign in with there.
    #[serde(default)]
    pub preferred_username: Option<String>,
    /// Name shown.
    #[serde(default)]
    pub name: Option<String>,
    /// Electronic mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the provider knows that the address is the person's.
    #[serde(default, deserialize_with = "truth")]
    pub email_verified: Option<bool>,
}

/// A truth value, which some providers write as text (`"true"`); anything else says nothing.
fn truth<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Bool(truth) => Some(truth),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

/// What an id token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Issuer.
    pub issuer: &'a str,
    /// This service.
    pub client_id: &'a str,
    /// Nonce of the sign-in.
    pub nonce: &'a str,
    /// Present time.
    pub now: Timestamp,
}

/// Checks an id token and gives what it says.
///
/// # Errors
/// It does not count.
pub fn check(token: &str, keys: &[Key], expected: Expected<'_>) -> Result<Claims, Error> {
    if token.len() > BYTES_MAX {
        return Err(Error::Form("too long"));
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Error::Form("no signature"))?;
    let (header, payload) = message.split_once('.').ok_or(Error::Form("no payload"))?;
    let decode = |text| {
        URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Error::Form("not base64url"))
    };
    let header: Header =
        serde_json::from_slice(&decode(header)?).map_err(|_| Error::Form("header"))?;
    let signature = decode(signature)?;
    let mut fitting = keys
        .iter()
        .filter(|key| key.fits(&header.alg, header.kid.as_deref()))
        .peekable();
    if fitting.peek().is_none() {
        return Err(Error::UnknownKey);
    }
    if !fitting.any(|key| key.verify(&header.alg, message.as_bytes(), &signature)) {
        return Err(Error::Signature);
    }
    let claims: Claims =
        serde_json::from_slice(&decode(payload)?).map_err(|_| Error::Form("claims"))?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn check_claims(claims: &Claims, expected: Expected<'_>) -> Result<(), Error> {
    let require = |holds: bool, claim| {
        if holds {
            Ok(())
        } else {
            Err(Error::Claim(claim))
        }
    };
    require(claims.iss == expected.issuer, "iss")?;
    let (is_ours, others) = match &claims.aud {
        Audience::One(one) => (one == expected.client_id, false),
        Audience::Many(many) => (
            many.iter().any(|one| one == expected.client_id),
            many.len() > 1,
        ),
    };
    require(is_ours, "aud")?;
    // Made for several: it must have been asked for by us.
    let party = claims.azp.as_deref();
    require(
        party.map_or(!others, |party| party == expected.client_id),
        "azp",
    )?;
    let now = expected.now.as_second();
    require(now < claims.exp.saturating_add(LEEWAY_SECONDS), "exp")?;
    require(claims.iat <= now.saturating_add(LEEWAY_SECONDS), "iat")?;
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    require(
        nonce.as_bytes().ct_eq(expected.nonce.as_bytes()).into(),
        "nonce",
    )?;
    require((1..=SUBJECT_BYTES_MAX).contains(&claims.sub.len()), "sub")
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::{Value, json};

    use super::super::key::KeySet;
    use super::*;

    struct Issuer(Ed25519KeyPair);

    impl Issuer {
        fn new() -> Self {
            let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
            Self(Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap())
        }

        fn keys(&self, id: &str) -> Vec<Key> {
            let x = URL_SAFE_NO_PAD.encode(self.0.public_key());
            let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x});
            serde_json::from_value::<KeySet>(json!({"keys": [key]}))
                .unwrap()
                .usable()
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let message = format!("{}.{}", encode(header), encode(claims));
            let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
            format!("{message}.{signature}")
        }
    }

    const NOW: i64 = 1_800_000_000;

    fn claims(change: impl FnOnce(&mut Value)) -> Value {
        let mut claims = json!({"iss": "https://issuer", "sub": "7", "aud": "carrel",
            "exp": NOW + 300, "iat": NOW, "nonce": "n"});
        change(&mut claims);
        claims
    }

    #[test]
    fn a_proved_address_may_be_told_as_text() {
        let told = |verified: Value| {
            let claims = claims(|claims| claims["email_verified"] = verified);
            check_signed(&claims).unwrap().email_verified
        };
        assert_eq!(told(json!(true)), Some(true));
        assert_eq!(told(json!("true")), Some(true));
        assert_eq!(told(json!("false")), Some(false));
        assert_eq!(told(json!("yes")), None);
        assert_eq!(told(json!(1)), None);
        assert_eq!(check_signed(&claims(|_| {})).unwrap().email_verified, None);
    }

    fn check_signed(claims: &Value) -> Result<Claims, Error> {
        let issuer = Issuer::new();
        let header = json!({"alg": "EdDSA", "kid": "a"});
        check(&issuer.sign(&header, claims), &issuer.keys("a"), expected())
    }

    fn expected() -> Expected<'static> {
        Expected {
            issuer: "https://issuer",
            client_id: "carrel",
            nonce: "n",
            now: Timestamp::from_second(NOW).unwrap(),
        }
    }

    #[test]
    fn a_good_one_is_read() {
        let read = check_signed(&claims(|claims| claims["name"] = json!("Ada"))).unwrap();
        assert_eq!(
            (read.sub.as_str(), read.name.as_deref()),
            ("7", Some("Ada"))
        );
        let many = claims(|claims| {
            claims["aud"] = json!(["carrel", "other"]);
            claims["azp"] = json!("carrel");
        });
        assert!(check_signed(&many).is_ok());
    }

    #[test]
    fn every_wrong_claim_is_refused() {
        let cases: [(&'static str, Value); 12] = [
            ("iss", json!("https://evil")),
            ("iss", json!("https://issuer/")),
            ("aud", json!("other")),
            ("aud", json!([])),
            ("azp", json!("other")),
            ("exp", json!(NOW - LEEWAY_SECONDS)),
            ("iat", json!(NOW + LEEWAY_SECONDS + 1)),
            ("nonce", json!("m")),
            ("nonce", json!("")),
            ("nonce", json!(null)),
            ("sub", json!("")),
            ("sub", json!("x".repeat(256))),
        ];
        for (claim, value) in cases {
            let found = check_signed(&claims(|claims| claims[claim] = value.clone()));
            assert_eq!(found, Err(Error::Claim(claim)), "{claim} {value}");
        }
        let shared = claims(|claims| claims["aud"] = json!(["carrel", "other"]));
        assert_eq!(check_signed(&shared), Err(Error::Claim("azp")));
    }

    #[test]
    fn only_the_issuers_signature_counts() {
        let (issuer, other) = (Issuer::new(), Issuer::new());
        let good = claims(|_| {});
        let header = json!({"alg": "EdDSA", "kid": "a"});
        let check = |token: &str| check(token, &issuer.keys("a"), expected());
        assert!(check(&issuer.sign(&header, &good)).is_ok());
        assert_eq!(check(&other.sign(&header, &good)), Err(Error::Signature));
        for alg in ["none", "None", "HS256", "RS256"] {
            let header = json!({"alg": alg, "kid": "a"});
            assert_eq!(
                check(&issuer.sign(&header, &good)),
                Err(Error::Signature),
                "{alg}"
            );
        }
        let rotated = json!({"alg": "EdDSA", "kid": "b"});
        assert_eq!(check(&issuer.sign(&rotated, &good)), Err(Error::UnknownKey));
        for bad in ["", "a", "a.b", "a.b.c", "..", &"x".repeat(BYTES_MAX + 1)] {
            assert!(matches!(check(bad), Err(Error::Form(_))), "{bad}");
        }
        let token = issuer.sign(&header, &good);
        let unsigned = &token[..=token.rfind('.').unwrap()];
        assert_eq!(check(unsigned), Err(Error::Signature));
    }
}
