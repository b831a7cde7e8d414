//! Texts of ours to members: the code that proves a telephone, and who sends them.
//!
//! They go by whom the shop's own texts go, in its own sender's name, or in the one that the installation lends.

use domain::{Maker, Name, Phone, Standing, TenantId, TextFrom, sender::Voice, template::Channel};
use store::{TenantStore, Way};

use crate::{
    FlowError, Secrets,
    bylines::{self, Mute},
    record::known_by,
    seal::Seals,
    sending::Installed,
    sign::{Purpose, same},
};

/// What the tags of such texts begin with: no campaign's message is called so.
pub const TAG: &str = "notice-";

/// In whose name. Within: why they cannot go out.
pub async fn voice(
    store: &TenantStore,
    shop: &Name,
    installed: &Installed,
) -> Result<Result<TextFrom, Mute>, FlowError> {
    let Some(is_the_shops) = bylines::way(store, Channel::Sms, installed).await? else {
        return Ok(Err(Mute::NoProvider));
    };
    let mut named = None;
    for sender in store.senders().await? {
        if sender.standing == Standing::Verified
            && let Some(Voice::Texts(from)) = sender.voice(None, shop)
        {
            if matches!(from, TextFrom::Number(_)) {
                // It can be answered: with STOP, for one.
                return Ok(Ok(from));
            }
            named.get_or_insert(from);
        }
    }
    if let Some(from) = named {
        return Ok(Ok(from));
    }
    let lent = installed.lent.as_ref().filter(|_| !is_the_shops);
    Ok(lent.map(|lent| lent.texts.clone()).ok_or(Mute::NoSender))
}

/// Whether the number is on the shop's list of those that are not written to.
pub async fn is_shunned(store: &TenantStore, seals: &Seals, number: &Phone) -> Result<bool, FlowError> {
    let digest = known_by(store, seals, Way::Phone, number.as_str()).await?;
    Ok(store.suppressions(&[digest]).await?.iter().any(Option::is_some))
}

impl Secrets {
    /// Six digits: of a telephone that was asked about so, and of no other.
    pub fn telephone_code(&self, tenant: TenantId, by: Maker, number: &str, nonce: u64) -> String {
        let told = format!("{tenant} {} {} {number} {nonce}", by.user, by.hand);
        let mac = self.mac(Purpose::TelephoneCode, told.as_bytes());
        let number = mac.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        // 2⁶⁴ is no multiple of a million: the first of the codes are likelier by one in 10¹³.
        format!("{:06}", number % 1_000_000)
    }
}

/// Compares in constant time; blanks that people put in between are nothing.
pub fn is_code(told: &str, code: &str) -> bool {
    let told: String = told.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    same(told.as_bytes(), code.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use domain::{Timestamp, UserId};

    #[test]
    fn a_code_is_six_digits_of_one_telephone_and_one_asking() {
        let at = Timestamp::from_second(1_790_000_000).expect("an instant");
        let (tenant, user) = (TenantId::new(at, [1; 10]), UserId::new(at, [2; 10]));
        let by = Maker { user, hand: 0 };
        let code = |by, number: &str, nonce| secrets().telephone_code(tenant, by, number, nonce);
        let one = code(by, "+14155552671", 7);
        assert!(one.len() == 6 && one.bytes().all(|byte| byte.is_ascii_digit()), "{one}");
        assert_eq!(one, code(by, "+14155552671", 7));
        assert_ne!(one, code(by, "+14155552671", 8));
        assert_ne!(one, code(by, "+14155552672", 7));
        assert_ne!(one, code(Maker { hand: 1, ..by }, "+14155552671", 7));
        let (first, rest) = one.split_at(3);
        assert!(is_code(&format!(" {first} {rest}"), &one) && !is_code(first, &one) && !is_code("", &one));
    }
}
