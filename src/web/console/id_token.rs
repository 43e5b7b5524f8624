//! The token by which an identity provider says who somebody is: a JWT (RFC 7519) signed by one of the provider's keys
//! (RFC 7517), checked as OpenID Connect Core 1.0 §3.1.3.7 asks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

use crate::model::time::Timestamp;

/// By how much the clocks of provider and console may differ, seconds.
const LEEWAY_S: i64 = 60;
/// Longest token, bytes.
const BYTES_MAX: usize = 16 << 10;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The provider.
    pub(super) issuer: &'a str,
    /// For whom: our own name at the provider.
    pub(super) client: &'a str,
    /// What was sent with this visit.
    pub(super) nonce: &'a str,
    /// Now.
    pub(super) now: Timestamp,
}

/// The claims of a token that is signed and says what is expected; else what is wrong, without its content.
pub(super) fn claims(token: &str, keys: &Value, expected: Expected<'_>) -> Result<Value, &'static str> {
    if token.len() > BYTES_MAX {
        return Err("the token is too long");
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, body, signature] = parts[..] else { return Err("the token does not have three parts") };
    let head = json(header).ok_or("the token's header is no JSON")?;
    let signature = bytes(signature).ok_or("the token's signature is not readable")?;
    let message = &token[..header.len() + 1 + body.len()];
    if !is_signed(message.as_bytes(), &signature, &head, keys) {
        return Err("no key of the provider has signed the token");
    }
    let claims = json(body).ok_or("the token's claims are no JSON")?;
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Value, expected: Expected<'_>) -> Result<(), &'static str> {
    let now = expected.now.ms() / 1000;
    let is_audience = match &claims["aud"] {
        Value::String(one) => one == expected.client,
        Value::Array(several) => several.iter().any(|one| one == expected.client) && claims["azp"] == expected.client,
        _ => false,
    };
    if claims["iss"] != expected.issuer {
        return Err("the token is of another provider");
    }
    if !is_audience {
        return Err("the token is for somebody else");
    }
    if claims["exp"].as_i64().is_none_or(|end| end + LEEWAY_S <= now) {
        return Err("the token's time is over");
    }
    if claims["iat"].as_i64().is_some_and(|begin| begin - LEEWAY_S > now) {
        return Err("the token is from the future: see the clocks");
    }
    if claims["nonce"] != expected.nonce {
        return Err("the token belongs to another visit");
    }
    Ok(())
}

/// Whether one of the keys has signed: the one that the header names, or any where it names none.
fn is_signed(message: &[u8], signature: &[u8], head: &Value, keys: &Value) -> bool {
    let named = |key: &&Value| head["kid"].is_null() || key["kid"] == head["kid"];
    let is_for_signing = |key: &&Value| key["use"].is_null() || key["use"] == "sig";
    let keys = keys["keys"].as_array().into_iter().flatten();
    keys.filter(named).filter(is_for_signing).any(|key| match head["alg"].as_str() {
        Some("RS256") => key["kty"] == "RSA" && is_signed_by_rsa(message, signature, key).is_some(),
        Some("ES256") => key["kty"] == "EC" && is_signed_by_curve(message, signature, key).is_some(),
        _ => false,
    })
}

fn is_signed_by_rsa(message: &[u8], signature: &[u8], key: &Value) -> Option<()> {
    let key = RsaPublicKeyComponents { n: bytes(key["n"].as_str()?)?, e: bytes(key["e"].as_str()?)? };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
}

fn is_signed_by_curve(message: &[u8], signature: &[u8], key: &Value) -> Option<()> {
    let (x, y) = (bytes(key["x"].as_str()?)?, bytes(key["y"].as_str()?)?);
    // An uncompressed point (SEC 1, 2.3.3).
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&bytes(part)?).ok()
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::{Engine, Expected, Timestamp, URL_SAFE_NO_PAD, Value, claims};

    const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);
    const EXPECTED: Expected<'_> = Expected { issuer: "https://id.example", client: "console", nonce: "n", now: NOW };

    /// The example of RFC 7515, appendix A.2 (RS256), with its key.
    const RFC_TOKEN: &str = concat!(
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb",
        "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES",
        "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );

    struct Signer(EcdsaKeyPair, SystemRandom);

    impl Signer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap(), random)
        }

        fn keys(&self) -> Value {
            let point = self.0.public_key().as_ref();
            let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": part(&point[1..33]), "y": part(&point[33..])}]})
        }

        fn token(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let message = format!("{}.{}", part(header), part(claims));
            let signature = self.0.sign(&self.1, message.as_bytes()).unwrap();
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        }
    }

    fn good() -> Value {
        let now = NOW.ms() / 1000;
        json!({"iss": "https://id.example", "aud": "console", "exp": now + 60, "iat": now, "nonce": "n", "sub": "lin"})
    }

    #[test]
    fn a_token_is_taken_when_it_is_signed_and_meant_for_this_visit() {
        let signer = Signer::new();
        let token = signer.token(&json!({"alg": "ES256", "kid": "1"}), &good());
        assert_eq!(claims(&token, &signer.keys(), EXPECTED).unwrap()["sub"], "lin");
    }

    #[test]
    fn a_token_that_says_anything_else_is_refused() {
        let signer = Signer::new();
        let now = NOW.ms() / 1000;
        for (claim, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["console", "other"])),
            ("aud", json!(null)),
            ("exp", json!(now - 61)),
            ("exp", json!(null)),
            ("iat", json!(now + 120)),
            ("nonce", json!("other")),
            ("nonce", json!(null)),
        ] {
            let mut wrong = good();
            wrong[claim] = value;
            let token = signer.token(&json!({"alg": "ES256", "kid": "1"}), &wrong);
            assert!(claims(&token, &signer.keys(), EXPECTED).is_err(), "{claim}");
        }
    }

    #[test]
    fn a_token_without_a_signature_of_the_provider_is_refused() {
        let (signer, stranger) = (Signer::new(), Signer::new());
        let header = json!({"alg": "ES256", "kid": "1"});
        let right = signer.token(&header, &good());
        let (unsigned, _) = right.rsplit_once('.').unwrap();
        for token in [
            stranger.token(&header, &good()),
            signer.token(&json!({"alg": "none"}), &good()),
            signer.token(&json!({"alg": "HS256", "kid": "1"}), &good()),
            signer.token(&json!({"alg": "ES256", "kid": "2"}), &good()),
            format!("{unsigned}."),
            format!("{unsigned}.AA"),
            unsigned.to_owned(),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert!(claims(&token, &signer.keys(), EXPECTED).is_err(), "{token}");
        }
    }

    #[test]
    fn the_example_of_the_standard_is_signed_and_too_old() {
        let keys = json!({"keys": [{"kty": "RSA", "e": "AQAB", "n": concat!(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs",
            "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV",
            "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        )}]});
        let expected = Expected { issuer: "joe", ..EXPECTED };
        assert_eq!(claims(RFC_TOKEN, &keys, expected), Err("the token is for somebody else"), "so it was signed");
        let changed = RFC_TOKEN.replace("eyJpc3MiOiJqb2UiLA0K", "eyJpc3MiOiJqb3UiLA0K");
        assert_eq!(claims(&changed, &keys, expected), Err("no key of the provider has signed the token"));
    }
}
