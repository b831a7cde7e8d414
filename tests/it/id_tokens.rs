//! Which ID tokens are believed, and what is known of the issuer's keys.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::cell::Cell;

const GRETA: &str = "greta@example.com";

async fn post(world: &World, token: &str) -> Answer {
    // From an address of its own: a stranger has only so many tries.
    let from = crate::cast::address_of(token);
    world.post("/api/auth/google").from(from).json(&json!({"token": token})).send().await
}

/// A token with that head, signed by whoever holds `sign`.
fn forged(head: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{head}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The same, but for one bit of that part (0 head, 1 claims, 2 signature).
fn bent(token: &str, part: usize) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let mut bytes = URL_SAFE_NO_PAD.decode(&parts[part]).expect("a token's part");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    parts[part] = URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

#[tokio::test]
async fn an_id_token_is_believed_only_if_everything_about_it_is_right() {
    let world = World::new(1).await;
    let good = || world.google.claims(GRETA, true, "any");
    let with = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        world.google.sign(&claims)
    };
    let token = world.google.sign(&good());
    let signed_in = post(&world, &token).await;
    assert_eq!((signed_in.status.as_u16(), signed_in.text_at("/user/email").as_str()), (200, GRETA));

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    let now = good()["iat"].as_i64().unwrap();
    for (what, token) in [
        ("another's audience", with("aud", json!("somebody-else"))),
        ("more audiences than us", with("aud", json!(["regulars-local", "somebody-else"]))),
        ("another issuer", with("iss", json!("https://evil.test"))),
        ("expired", with("exp", json!(now - 61))),
        ("not yet", with("iat", json!(now + 61))),
        ("for ever, from the end of time", with("iat", json!(i64::MAX))),
        ("nobody", with("sub", json!(""))),
        ("no signature", format!("{signed}.")),
        ("a bent head", bent(&token, 0)),
        ("bent claims", bent(&token, 1)),
        ("a bent signature", bent(&token, 2)),
        ("alg none", format!("eyJhbGciOiJub25lIiwia2lkIjoic3R1Yi0xIn0.{claims}.")),
        ("unknown key", format!("eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.{claims}.{signature}")),
        ("nonsense", "nonsense".to_owned()),
        ("too long", "x".repeat(10_000)),
    ] {
        assert_eq!(post(&world, &token).await.status, 401, "{what}");
    }
}

#[tokio::test]
async fn what_is_public_signs_nothing() {
    let world = World::new(2).await;
    let (claims, jwk) = (world.google.claims(GRETA, true, "any"), world.google.jwk());
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let public = PublicKeyComponents { n: part("n"), e: part("e") };
    let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
    let lines: Vec<_> = STANDARD.encode(der.as_ref()).into_bytes();
    let lines: Vec<_> = lines.chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    let head = json!({"alg": "HS256", "typ": "JWT", "kid": jwk["kid"]});
    for (what, bytes) in [
        ("its modulus", part("n")),
        ("its DER", der.as_ref().to_vec()),
        ("its PEM", pem.into_bytes()),
        ("its JWK", jwk.to_string().into_bytes()),
    ] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let token = forged(&head, &claims, |signed| hmac::sign(&key, signed).as_ref().to_vec());
        assert_eq!(post(&world, &token).await.status, 401, "{what}");
    }
    assert_eq!(post(&world, &world.google.sign(&claims)).await.status, 200);
}

#[tokio::test]
async fn a_token_of_another_algorithm_is_refused_even_if_its_key_is_published() {
    let world = World::new(3).await;
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    // 4, and then both coordinates.
    let [x, y] = [1..33, 33..65].map(|place| URL_SAFE_NO_PAD.encode(&key.public_key().as_ref()[place]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "ec", "x": x, "y": y});
    world.google.publish(jwk);
    let claims = world.google.claims(GRETA, true, "any");
    for kid in ["ec", "stub-1"] {
        let head = json!({"alg": "ES256", "typ": "JWT", "kid": kid});
        let sign = |signed: &[u8]| key.sign(&random, signed).unwrap().as_ref().to_vec();
        assert_eq!(post(&world, &forged(&head, &claims, sign)).await.status, 401, "{kid}");
    }
    assert_eq!(post(&world, &world.google.sign(&claims)).await.status, 200);
}

#[tokio::test]
async fn an_address_is_verified_if_google_says_so() {
    let world = World::new(4).await;
    for (place, (told, status)) in [
        (json!(true), 200),
        (json!("true"), 200),
        (json!(false), 403),
        (json!("false"), 403),
        (json!("TRUE"), 403),
        (json!(1), 403),
        (json!(null), 403),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = world.google.claims(&format!("somebody{place}@example.com"), true, "");
        claims["email_verified"] = told.clone();
        assert_eq!(post(&world, &world.google.sign(&claims)).await.status, status, "{told}");
    }
    let mut claims = world.google.claims(GRETA, true, "");
    claims.as_object_mut().unwrap().remove("email_verified");
    assert_eq!(post(&world, &world.google.sign(&claims)).await.status, 403, "nothing told");
}

#[tokio::test]
async fn the_issuers_keys_may_change_and_be_out_of_reach() {
    let world = World::new(5).await;
    // Each token is good for one sign-in: a number makes them differ.
    let number = Cell::new(0);
    let attempt = async || {
        number.set(number.get() + 1);
        let token = world.google.sign(&world.google.claims(GRETA, true, &number.get().to_string()));
        post(&world, &token).await.status.as_u16()
    };
    assert_eq!((attempt().await, attempt().await, world.google.key_requests()), (200, 200, 1));
    world.google.rotate("stub-2");
    assert_eq!(attempt().await, 401, "asked a moment ago: forged tokens must not make us ask all the time");
    world.clock.advance_seconds(60);
    assert_eq!((attempt().await, world.google.key_requests()), (200, 2), "the new key is found");
    world.clock.advance_seconds(3_599);
    assert_eq!((attempt().await, world.google.key_requests()), (200, 2), "kept as long as was told");
    world.clock.advance_seconds(1);
    assert_eq!((attempt().await, world.google.key_requests()), (200, 3), "and no longer");

    world.google.go_away(true);
    world.clock.advance_seconds(3 * 3_600);
    assert_eq!((attempt().await, attempt().await), (200, 200), "a known key goes on verifying");
    assert_eq!(world.google.key_requests(), 4);
    world.google.rotate("stub-3");
    world.clock.advance_seconds(60);
    for _ in 0..5 {
        assert_eq!(attempt().await, 503, "an unknown one cannot be judged now");
    }
    assert_eq!(world.google.key_requests(), 5, "who is down is not asked more often");
    world.google.go_away(false);
    world.clock.advance_seconds(59);
    assert_eq!((attempt().await, world.google.key_requests()), (503, 5));
    world.clock.advance_seconds(1);
    assert_eq!((attempt().await, world.google.key_requests()), (200, 6));
}

#[tokio::test]
async fn an_issuer_that_is_down_from_the_start_is_asked_once_a_minute() {
    let world = World::new(6).await;
    world.google.go_away(true);
    let token = world.google.sign(&world.google.claims(GRETA, true, ""));
    for minute in 1..=3 {
        for _ in 0..3 {
            assert_eq!(post(&world, &token).await.status, 503);
        }
        assert_eq!(world.google.key_requests(), minute);
        world.clock.advance_seconds(60);
    }
}
