//! Passwords: argon2id, 19 MiB, two passes, one lane (OWASP's first choice), a new salt each time.
//!
//! Hashing takes a thread of its own: it must not hold up the requests beside it.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::{Dice, FlowError};

/// Memory in KiB and passes of one hash.
pub const MEMORY_KIB: u32 = 19_456;
pub const PASSES: u32 = 2;

/// What is compared against when there is no user: the answer must not come sooner for an unknown address, nor
/// later for the first one. It is the hash of "no password at all" with a salt of zeros.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$g9cgmF1hQ65I7gZ7ted8UUw+AZuQ5Ju8hYbcg1D92ck";

/// The hash to keep, in PHC form.
pub async fn hash(password: &str, dice: &dyn Dice) -> Result<String, FlowError> {
    let mut salt = [0; 16];
    dice.fill(&mut salt);
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password, salt)).await.map_err(FlowError::broken)?
}

/// Whether it is the password behind the hash. Without a hash it takes as long, and it is not.
pub async fn is_right(password: &str, hash: Option<&str>) -> Result<bool, FlowError> {
    let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
    let checked = tokio::task::spawn_blocking(move || {
        let parsed = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(FlowError::broken)?;
        Ok(argon2().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some())
    });
    checked.await.map_err(FlowError::broken)?
}

fn hash_now(password: &str, salt: [u8; 16]) -> Result<String, FlowError> {
    let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt).map_err(FlowError::broken)?;
    Ok(hash.to_string())
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, None).expect("the figures are argon2's own minimum or more");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemDice;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_with_a_salt_of_its_own() {
        let one = hash("Str0ng!pass", &SystemDice).await.unwrap();
        let other = hash("Str0ng!pass", &SystemDice).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(is_right("Str0ng!pass", Some(&one)).await.unwrap());
        assert!(!is_right("str0ng!pass", Some(&one)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let (now, cost) = (hash_now("no password at all", [0; 16]).unwrap(), "as much as everybody's");
        assert_eq!(NOBODY, now, "comparing costs {cost}");
        assert!(!is_right("no password at all", None).await.unwrap());
    }
}
