//! One-time codes of an app (RFC 6238 as every app knows it: SHA-1, six digits, 30 seconds), and recovery codes.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Secret};

use crate::model::time::Timestamp;
use crate::seal::random_bytes;

/// Recovery codes that somebody gets.
const RECOVERY_CODES: usize = 8;
/// Light modules around a QR code, as its standard (ISO/IEC 18004) asks.
const QUIET_ZONE: i32 = 4;

/// A new secret of 160 bits (RFC 4226 §4), in base 32.
pub(super) fn new_secret() -> String {
    Secret::from(random_bytes::<20>().to_vec()).to_base32()
}

/// The time step whose code this is, if it is that of now, of the one before or of the next (RFC 6238 §5.2).
pub(super) fn step_of(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let secret = Secret::try_from_base32(secret).ok()?;
    let codes = Builder::new().with_secret(secret).build().ok()?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now.ms() / 1000).ok()?;
    i64::try_from(codes.check(&code, seconds)?).ok()
}

/// What an app reads from a QR code.
pub(super) fn address(secret: &str, login: &str) -> String {
    let login = utf8_percent_encode(login, NON_ALPHANUMERIC);
    format!("otpauth://totp/Wanglou:{login}?secret={secret}&issuer=Wanglou")
}

/// A QR code as an SVG path of unit squares, and how many units it is wide.
pub(super) fn qr_code(text: &str) -> (String, i32) {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return (String::new(), 0) };
    let places = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let dark = places.filter(|(x, y)| code.get_module(*x, *y));
    let path = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE)).collect();
    (path, code.size() + 2 * QUIET_ZONE)
}

/// New codes for when the app is lost, of 79 random bits each: whoever has a copy of the database finds none by trying.
pub(super) fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| recovery_code(&random_bytes::<16>())).collect()
}

/// Letters and digits that are not taken for one another.
fn recovery_code(bytes: &[u8; 16]) -> String {
    const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 31)]);
    let words = bytes.chunks(4).map(|bytes| bytes.iter().map(letter).collect::<String>());
    words.collect::<Vec<_>>().join("-")
}

/// A recovery code as it was given out, however it was typed.
pub(super) fn typed_recovery_code(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let letters: Vec<char> = plain.chars().collect();
    letters.chunks(4).map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{address, new_recovery_codes, new_secret, qr_code, step_of, typed_recovery_code};
    use crate::model::time::Timestamp;

    /// The secret of RFC 6238, appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        let at = |seconds: i64| Timestamp::from_ms(seconds * 1000);
        assert_eq!(step_of(SECRET, "287082", at(59)), Some(1));
        assert_eq!(step_of(SECRET, "081 804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(step_of(SECRET, "287082", at(89)), Some(1), "one step late");
        assert_eq!(step_of(SECRET, "287082", at(120)), None);
        assert_eq!(step_of(SECRET, "28708", at(59)), None);
        assert_eq!(step_of("not base 32!", "287082", at(59)), None);
    }

    #[test]
    fn a_new_secret_makes_codes_and_a_picture() {
        let secret = new_secret();
        assert_eq!(secret.len(), 32);
        let (path, size) = qr_code(&address(&secret, "lin@xinghe"));
        assert!(path.starts_with("M4,4h1v1h-1z") && size > 29, "the finder pattern begins in its corner");
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = new_recovery_codes();
        assert_eq!((codes.len(), codes[0].len()), (8, 19));
        assert!(codes[1..].iter().all(|code| *code != codes[0]));
        assert_eq!(typed_recovery_code(&codes[0].to_uppercase().replace('-', " ")), codes[0]);
        assert_eq!(typed_recovery_code("12"), "12");
    }
}
