//! A sender as a caller tells it.

use domain::{
    EmailAddress, Name, Phone, SenderName,
    sender::{Identity, MailDomain},
    template::Channel,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{error::Problem, input::Faults};

const KINDS: &str = "is not one of address, domain, number, name";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SenderTold {
    /// `address` and `domain` write letters, `number` and `name` texts. A domain is all of its addresses.
    kind: String,
    /// `news@shop.example.com`, `shop.example.com`, `+14155552671`, or 1 to 11 letters and digits that are shown in place of a number.
    identity: String,
    /// Of those that write letters: the name that is shown beside the address; the shop's unless told.
    name: Option<String>,
}

impl SenderTold {
    pub(super) fn understood(self) -> Result<(Identity, Option<Name>), Problem> {
        let mut it = Faults::default();
        let (at, told) = ("/identity", self.identity.trim());
        let identity = match self.kind.as_str() {
            "address" => it.take(at, told.parse::<EmailAddress>()).map(Identity::Address),
            "domain" => it.take(at, told.parse::<MailDomain>()).map(Identity::Domain),
            "number" => it.take(at, told.parse::<Phone>()).map(Identity::Number),
            "name" => it.take(at, told.parse::<SenderName>()).map(Identity::Name),
            _ => {
                it.add("/kind", "invalid", KINDS);
                None
            }
        };
        let name = it.maybe("/name", self.name, |name| name.parse::<Name>());
        if name.is_some() && identity.as_ref().is_some_and(|identity| identity.channel() == Channel::Sms) {
            it.add("/name", "not_shown", "texts show no name beside what they are from");
        }
        Ok((it.none(identity)?, name))
    }
}
