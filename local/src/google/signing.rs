//! The stub's RSA key: made when it is first needed, and never stored.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub struct Signer {
    kid: String,
    key: Option<KeyPair>,
}

impl Signer {
    pub fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), key: None }
    }

    /// A token with these claims, in the RS256 form.
    ///
    /// # Panics
    /// If the machine cannot make or use an RSA key.
    pub fn sign(&mut self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.kid});
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let key = self.key();
        let mut signature = vec![0; key.public_modulus_len()];
        let random = SystemRandom::new();
        key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).expect("an RSA key signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub fn jwk(&mut self) -> Value {
        let kid = self.kid.clone();
        let public = self.key().public_key();
        let modulus = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": modulus, "e": exponent})
    }

    fn key(&mut self) -> &KeyPair {
        self.key
            .get_or_insert_with(|| KeyPair::generate(KeySize::Rsa2048).expect("the machine can make a key"))
    }
}
