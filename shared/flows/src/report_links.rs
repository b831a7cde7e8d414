//! Links to reports: whoever has one sees that report of those days, without signing in, until it ends.
//!
//! Nothing of a link is stored. It names in whose name it opens, and how often the report's links were ended when it was made: it
//! is worth nothing once they are no member any more, or once that number is another.

use domain::{
    Maker, ReportId, TenantId, Timestamp,
    report::{Format, mailing::LINK_SECONDS},
};
use jiff::{SignedDuration, civil::Date};

use crate::{Secrets, sign::Purpose};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLink {
    pub tenant: TenantId,
    pub report: ReportId,
    /// The report's own, as the link was made.
    pub links: u32,
    pub by: Maker,
    pub format: Format,
    /// Both included.
    pub days: (Date, Date),
    pub ends_at: Timestamp,
}

impl ReportLink {
    /// When a link ends that is made now, to the second.
    pub fn end(now: Timestamp) -> Timestamp {
        let end = now.saturating_add(SignedDuration::from_secs(LINK_SECONDS)).unwrap_or(Timestamp::MAX);
        Timestamp::from_second(end.as_second()).unwrap_or(end)
    }

    /// Under `origin`, which has no slash at the end. The token is in the query: of that no log says anything.
    pub fn url(&self, secrets: &Secrets, origin: &str) -> String {
        format!("{origin}/api/v1/shared/reports?token={}", secrets.report_token(self))
    }
}

impl Secrets {
    pub fn report_token(&self, link: &ReportLink) -> String {
        let ReportLink { tenant, report, links, by, format, days: (first, last), ends_at } = link;
        let (Maker { user, hand }, format, end) = (by, format.name(), ends_at.as_second());
        let content = format!("{tenant}.{report}.{links}.{user}.{hand}.{format}.{first}.{last}.{end}");
        self.token("rep", &content, Purpose::ReportLink)
    }

    /// What a link of ours says, also one that has ended.
    pub fn report_link(&self, token: &str) -> Option<ReportLink> {
        let mut parts = self.content("rep", token, Purpose::ReportLink)?.split('.');
        let mut next = || parts.next();
        Some(ReportLink {
            tenant: next()?.parse().ok()?,
            report: next()?.parse().ok()?,
            links: next()?.parse().ok()?,
            by: Maker { user: next()?.parse().ok()?, hand: next()?.parse().ok()? },
            format: next()?.parse().ok()?,
            days: (next()?.parse().ok()?, next()?.parse().ok()?),
            ends_at: Timestamp::from_second(next()?.parse().ok()?).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use domain::UserId;

    fn link() -> ReportLink {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        ReportLink {
            tenant: TenantId::new(at, [1; 10]),
            report: ReportId::new(at, [2; 10]),
            links: 3,
            by: Maker { user: UserId::new(at, [4; 10]), hand: 5 },
            format: Format::Pdf,
            days: ("2026-02-01".parse().unwrap(), "2026-02-28".parse().unwrap()),
            ends_at: ReportLink::end(at),
        }
    }

    #[test]
    fn a_link_is_read_back_and_no_letter_of_it_can_be_changed() {
        let secrets = secrets();
        let token = secrets.report_token(&link());
        assert_eq!(secrets.report_link(&token), Some(link()));
        assert_eq!(link().ends_at.as_second(), 1_790_000_000 + 7 * 24 * 3_600);
        for place in 0..token.len() {
            let letter = if &token[place..=place] == "2" { "3" } else { "2" };
            let bent = format!("{}{letter}{}", &token[..place], &token[place + 1..]);
            assert_eq!(secrets.report_link(&bent), None, "{bent}");
        }
        for wrong in
            ["", "rep", "rep..", &token[..token.len() - 1], &format!("{token}x"), &"x".repeat(10_000)]
        {
            assert_eq!(secrets.report_link(wrong), None, "{wrong}");
        }
        assert!(
            token.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it)),
            "fits into a query"
        );
    }

    #[test]
    fn what_is_signed_for_something_else_opens_no_report() {
        let secrets = secrets();
        let invitation =
            secrets.invitation_token(link().tenant, domain::InvitationId::new(link().ends_at, [2; 10]));
        assert_eq!(secrets.report_link(&invitation.replacen("inv", "rep", 1)), None);
        assert_eq!(secrets.invitation(&secrets.report_token(&link()).replacen("rep", "inv", 1)), None);
    }
}
