//! HMAC-SHA-256 as Shopify signs with it. What it made is compared in constant time.

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{App, Secret};

fn mac(secret: &Secret, message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()), message)
}

/// As it stands in a webhook's header.
pub(crate) fn base64(secret: &Secret, message: &[u8]) -> String {
    STANDARD.encode(mac(secret, message))
}

/// As it stands in a query: small letters.
pub(crate) fn hex(secret: &Secret, message: &[u8]) -> String {
    mac(secret, message).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether one of the app's secrets makes this text.
pub(crate) fn is_by(app: &App, told: &str, make: impl Fn(&Secret) -> String) -> bool {
    app.secrets().any(|secret| same(make(secret).as_bytes(), told.as_bytes()))
}

pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_well_known_one() {
        // RFC 4231, test case 2.
        let secret = Secret::new("Jefe");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&secret, b"what do ya want for nothing?"), expected);
        assert_eq!(base64(&secret, b"what do ya want for nothing?").len(), 44);
    }
}
