//! Within which hours a campaign keeps, for whoever lives somewhere.

use domain::{
    Timestamp, Zone,
    campaign::{Kind, Quiet},
    template::Channel,
};
use jiff::civil::DateTime;

use crate::{
    hours::{Clock, next_allowed},
    laws::{countries_of, hours_of, lawful_clocks},
    places::clocks_of,
};

#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    pub channel: Channel,
    pub kind: Kind,
    pub quiet: Option<Quiet>,
    /// The shop's clock, for those of whom nobody knows where they are.
    pub zone: &'a Zone,
}

impl Bounds<'_> {
    /// Advertising by telephone has its hours everywhere; letters wait in a mailbox.
    pub fn has_law(&self) -> bool {
        self.channel == Channel::Sms && self.kind.needs_consent()
    }

    /// Whether there is anything to keep to.
    pub fn are_any(&self) -> bool {
        self.quiet.is_some() || self.has_law()
    }

    /// From when on whoever lives in these countries may be written to, and not before `local` where they are. `None`: never.
    pub fn next<'c>(
        &self,
        countries: impl Iterator<Item = &'c str>,
        local: Option<DateTime>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let has_law = self.has_law();
        let mut clocks: Vec<Clock> = if has_law {
            countries.flat_map(lawful_clocks).collect()
        } else {
            let zones = countries.filter_map(clocks_of).flatten();
            zones.map(|zone| Clock { zone: zone.clone(), hours: None }).collect()
        };
        if clocks.is_empty() {
            clocks.push(Clock { zone: self.zone.clone(), hours: has_law.then(|| hours_of(None)) });
        }
        next_allowed(&clocks, self.quiet, local, now)
    }

    /// Where somebody is: in the countries of their addresses, and in those that their telephone may be of. Of several that share
    /// a code, an address says which it is.
    pub fn countries<'c>(&self, of_addresses: &[&'c str], phone: Option<&str>) -> Vec<&'c str> {
        let of_phone = phone.filter(|_| self.has_law()).map_or(&[][..], countries_of);
        let is_told = of_phone.iter().any(|country| of_addresses.contains(country));
        let others = of_phone.iter().copied().filter(|_| !is_told);
        let mut all: Vec<&str> = of_addresses.iter().copied().chain(others).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_somewhere_as_well_as_its_owners_addresses() {
        let zone = Zone::UTC;
        let bounds = |channel, kind| Bounds { channel, kind, quiet: None, zone: &zone };
        let texts = bounds(Channel::Sms, Kind::Promotional);
        let check = |addresses: &[&'static str], phone: Option<&str>, expected: &[&str]| {
            assert_eq!(texts.countries(addresses, phone), expected, "{addresses:?} {phone:?}");
        };
        check(&["US"], Some("+14155552671"), &["US"]);
        check(&[], Some("+14155552671"), &["CA", "US"]);
        check(&["FR"], Some("+4915112345678"), &["DE", "FR"]);
        check(&["FR"], None, &["FR"]);
        let told = bounds(Channel::Sms, Kind::Transactional);
        assert!(!told.are_any() && texts.are_any());
        assert!(told.countries(&[], Some("+14155552671")).is_empty(), "what they did is told at any hour");
        assert!(!bounds(Channel::Email, Kind::Promotional).has_law());
    }

    #[test]
    fn of_whom_nobody_knows_where_they_are_the_strictest_holds_by_the_shops_clock() {
        let zone = "Europe/Berlin".parse().unwrap();
        let bounds = Bounds { channel: Channel::Sms, kind: Kind::Reminder, quiet: None, zone: &zone };
        let next = |now: &str| bounds.next([].into_iter(), None, now.parse().unwrap());
        // 2026-11-21 is a Saturday.
        assert_eq!(next("2026-11-21T17:00:00Z"), Some("2026-11-23T09:00:00Z".parse().unwrap()));
        assert_eq!(next("2026-11-20T18:59:00Z"), Some("2026-11-20T18:59:00Z".parse().unwrap()));
    }
}
