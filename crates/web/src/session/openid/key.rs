//! Public keys of a provider (RFC 7517) and signatures made with them (RFC 7518 §3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;

/// Most keys read of a provider.
const KEYS_MAX: usize = 100;

/// A set of keys, as the provider tells it.
#[derive(Debug, Deserialize)]
pub struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// One public key.
#[derive(Debug, Clone)]
pub struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// Uncompressed point of the curve.
    Curve {
        name: CurveName,
        point: Vec<u8>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CurveName {
    P256,
    P384,
    Ed25519,
}

/// As written (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize)]
struct Written {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The keys that can sign in a way that we know; others are left out, as RFC 7517 §5 asks.
    #[must_use]
    pub fn usable(self) -> Vec<Key> {
        self.keys
            .into_iter()
            .take(KEYS_MAX)
            .filter_map(read)
            .collect()
    }
}

fn read(value: serde_json::Value) -> Option<Key> {
    let written: Written = serde_json::from_value(value).ok()?;
    if written
        .purpose
        .as_deref()
        .is_some_and(|purpose| purpose != "sig")
    {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let material = match (written.kty.as_str(), written.crv.as_deref()) {
        ("RSA", _) => Material::Rsa {
            modulus: bytes(&written.n)?,
            exponent: bytes(&written.e)?,
        },
        ("EC", Some(curve)) => Material::Curve {
            name: match curve {
                "P-256" => CurveName::P256,
                "P-384" => CurveName::P384,
                _ => return None,
            },
            point: [vec![4], bytes(&written.x)?, bytes(&written.y)?].concat(),
        },
        ("OKP", Some("Ed25519")) => Material::Curve {
            name: CurveName::Ed25519,
            point: bytes(&written.x)?,
        },
        _ => return None,
    };
    Some(Key {
        id: written.kid,
        algorithm: written.alg,
        material,
    })
}

impl Key {
    /// Whether the key may have made a signature of this algorithm under this key id.
    #[must_use]
    pub fn fits(&self, algorithm: &str, id: Option<&str>) -> bool {
        let same_id = match (id, self.id.as_deref()) {
            (Some(asked), Some(own)) => asked == own,
            _ => true,
        };
        let same_algorithm = self.algorithm.as_deref().is_none_or(|own| own == algorithm);
        same_id && same_algorithm
    }

    /// Whether this key made this signature by this algorithm. `none` and every algorithm with a
    /// shared secret are not among those that are known.
    #[must_use]
    pub fn verify(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { modulus, exponent } => {
                let Some(parameters) = rsa(algorithm) else {
                    return false;
                };
                let components = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                components.verify(parameters, message, signature).is_ok()
            }
            Material::Curve { name, point } => {
                let Some(rule) = curve(algorithm, *name) else {
                    return false;
                };
                UnparsedPublicKey::new(rule, point)
                    .verify(message, signature)
                    .is_ok()
            }
        }
    }
}

fn rsa(algorithm: &str) -> Option<&'static RsaParameters> {
    match algorithm {
        "RS256" => Some(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => Some(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => Some(&RSA_PSS_2048_8192_SHA256),
        _ => None,
    }
}

fn curve(algorithm: &str, name: CurveName) -> Option<&'static dyn VerificationAlgorithm> {
    match (algorithm, name) {
        ("ES256", CurveName::P256) => Some(&ECDSA_P256_SHA256_FIXED),
        ("ES384", CurveName::P384) => Some(&ECDSA_P384_SHA384_FIXED),
        ("EdDSA" | "Ed25519", CurveName::Ed25519) => Some(&ED25519),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(value: serde_json::Value) -> Vec<Key> {
        serde_json::from_value::<KeySet>(json!({ "keys": value }))
            .unwrap()
            .usable()
    }

    /// RFC 8037, appendix A.2 and A.4.
    #[test]
    fn a_signature_of_rfc_8037_holds() {
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = &keys(json!([key]))[0];
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(key.verify("EdDSA", message, &signature));
        assert!(!key.verify("EdDSA", b"another", &signature));
        for wrong in ["none", "HS256", "ES256", "RS256", ""] {
            assert!(!key.verify(wrong, message, &signature), "{wrong}");
        }
    }

    /// RFC 7515, appendix A.3.
    #[test]
    fn a_signature_of_rfc_7515_holds() {
        let key = json!({"kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        let key = &keys(json!([key]))[0];
        let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(key.verify("ES256", message, &signature));
        assert!(!key.verify("ES256", message, &signature[1..]));
    }

    #[test]
    fn other_keys_are_left_out() {
        let found = keys(json!([
            {"kty": "oct", "k": "c2VjcmV0"},
            {"kty": "RSA", "n": "!", "e": "AQAB"},
            {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
            {"kty": "OKP", "crv": "Ed25519", "x": "AA", "use": "enc"},
            "nonsense",
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "a", "alg": "RS256"},
        ]));
        assert_eq!(found.len(), 1);
        assert!(found[0].fits("RS256", Some("a")) && found[0].fits("RS256", None));
        assert!(!found[0].fits("RS256", Some("b")) && !found[0].fits("PS256", Some("a")));
    }
}
