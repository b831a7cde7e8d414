//! A campaign as a caller tells it: what it says, to whom, and within which limits.

use domain::{
    Campaign, CampaignId, Name, TemplateId,
    campaign::{Byline, Kind, Rules, Who},
    template::{Channel, Words},
};
use flows::{identify::Caller, wording::Wording};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    audience,
    limits::{CapTold, LimitsTold, QuietTold},
};
use crate::{
    Deps,
    error::Problem,
    input::{Faults, Written},
    senders::byline,
    templates::told::WordsTold,
};

/// What a campaign says is told as a template's words are, or taken over from a template: then it stays as it is, whatever becomes of
/// the template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignTold {
    #[serde(alias = "title")]
    name: Option<String>,
    /// `promotional` unless told, `transactional`, `reminder` or `newsletter`. All but `transactional` go to those alone who agreed.
    #[serde(alias = "type", alias = "campaign_type", alias = "campaignType")]
    kind: Option<String>,
    /// Whom it is for: a segment's id. Who is in it is looked at as the campaign begins.
    #[serde(alias = "segmentId")]
    segment_id: Option<String>,
    /// Instead: a rule of the segment language, as text or as JSON.
    #[serde(alias = "rules", alias = "filters")]
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// Whose words it takes over, instead of having its own.
    #[serde(alias = "templateId")]
    template_id: Option<String>,
    /// `email` unless told, or `sms`.
    channel: Option<String>,
    subject: Option<String>,
    preheader: Option<String>,
    html: Option<String>,
    mjml: Option<String>,
    #[schema(value_type = Option<Object>)]
    blocks: Option<Value>,
    #[serde(alias = "message_template", alias = "message", alias = "content")]
    text: Option<String>,
    /// In whose name: one of the shop's senders. It must be verified before the campaign begins.
    #[serde(alias = "senderId")]
    sender_id: Option<String>,
    /// Which of its addresses, if the sender is a domain.
    #[serde(alias = "from")]
    from_address: Option<String>,
    /// If nobody knows whether a message went out: `never_twice` unless told, or `never_zero`, which sends it again.
    care: Option<String>,
    /// So many of a hundred get nothing, to compare with: 0 to 50.
    held_out_percent: Option<i64>,
    /// Nobody gets more campaigns than that.
    cap: Option<CapTold>,
    /// Nobody is written to between these hours of the place where they are.
    quiet_hours: Option<QuietTold>,
    /// What it may cost at most, in the shop's currency.
    #[schema(value_type = Option<String>)]
    budget: Option<Written>,
    /// Whether it is seen who opens its mails and which of their links are followed: yes, unless told otherwise.
    tracked: Option<bool>,
    /// In a `PUT`: the `version` that you have seen. If it is another by now, nothing changes.
    version: Option<u32>,
}

/// What was told, understood.
pub(super) struct Told {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) audience: Who,
    pub(super) byline: Option<Byline>,
    pub(super) template: Option<TemplateId>,
    pub(super) words: Words,
    pub(super) ready: Wording,
    pub(super) rules: Rules,
    pub(super) version: Option<u32>,
}

/// All but what it says.
struct Head {
    name: Name,
    kind: Kind,
    channel: Channel,
    audience: Who,
    byline: Option<Byline>,
    rules: Rules,
}

impl CampaignTold {
    /// Everything that is wrong, or what it says.
    pub(super) async fn understood(self, deps: &Deps, caller: &Caller) -> Result<Told, Problem> {
        let (mut it, version) = (Faults::default(), self.version);
        let (head, said) = self.read(&mut it, deps, caller, true).await?;
        let (head, (template, words, ready)) = it.none(head.zip(said))?;
        let Head { name, kind, audience, byline, rules, .. } = head;
        Ok(Told { name, kind, audience, byline, template, words, ready, rules, version })
    }

    /// To be tried: a campaign that nobody keeps, and its words if it has any yet.
    pub(super) async fn tried(
        mut self,
        deps: &Deps,
        caller: &Caller,
    ) -> Result<(Campaign, Option<Wording>), Problem> {
        let mut it = Faults::default();
        self.name.get_or_insert_with(|| "Untitled".to_owned());
        let written = [&self.template_id, &self.subject, &self.preheader, &self.html, &self.mjml, &self.text];
        let is_written = written.into_iter().any(Option::is_some) || self.blocks.is_some();
        let (head, said) = self.read(&mut it, deps, caller, is_written).await?;
        let head = it.none(head)?;
        let Head { name, kind, channel, audience, byline, rules } = head;
        let (id, by) = (CampaignId::new(deps.now(), deps.roll()), caller.maker().user);
        let draft = Campaign::draft(id, name, kind, channel, audience, by, deps.now());
        Ok((Campaign { byline, rules, ..draft }, said.map(|(_, _, ready)| ready)))
    }

    /// `None`: what is wrong is among the faults, or it says nothing and need not.
    async fn read(
        self,
        it: &mut Faults,
        deps: &Deps,
        caller: &Caller,
        needs_words: bool,
    ) -> Result<(Option<Head>, Option<Said>), Problem> {
        let name = it.take("/name", self.name.unwrap_or_default().parse::<Name>());
        let kind = it.maybe("/kind", self.kind, |told| kind(&told)).unwrap_or(Kind::Promotional);
        let audience = audience::told(it, self.segment_id.as_deref(), self.rule, caller, deps.now()).await?;
        let own = WordsTold {
            channel: self.channel,
            subject: self.subject,
            preheader: self.preheader,
            html: self.html,
            mjml: self.mjml,
            blocks: self.blocks,
            text: self.text,
        };
        let (said, channel) = if needs_words {
            let said = words(it, own, self.template_id.as_deref(), caller).await?;
            let channel = said.as_ref().map(|(_, words, _)| words.channel());
            (said, channel)
        } else {
            let channel = it.maybe("/channel", own.channel.as_deref(), str::parse);
            (None, Some(channel.unwrap_or(Channel::Email)))
        };
        let byline =
            byline::told(it, (self.sender_id.as_deref(), self.from_address), channel, caller).await?;
        let limits = LimitsTold {
            care: self.care,
            held_out_percent: self.held_out_percent,
            cap: self.cap,
            quiet_hours: self.quiet_hours,
            budget: self.budget,
            tracked: self.tracked,
        };
        let rules = limits.understood(it, caller.tenant.currency);
        let head = name.zip(audience).zip(channel);
        let head =
            head.map(|((name, audience), channel)| Head { name, kind, channel, audience, byline, rules });
        Ok((head, said))
    }
}

type Said = (Option<TemplateId>, Words, Wording);

/// Its own, or a template's as they are now.
async fn words(
    it: &mut Faults,
    own: WordsTold,
    template: Option<&str>,
    caller: &Caller,
) -> Result<Option<Said>, Problem> {
    let Some(named) = template else {
        return Ok(own.understood(it).map(|(words, ready)| (None, words, ready)));
    };
    if !own.is_empty() {
        it.add("/template_id", "one_source", "tell a template or words, and not both");
        return Ok(None);
    }
    let held = match named.parse::<TemplateId>() {
        Ok(id) => caller.store.template(id).await?,
        Err(_) => None,
    };
    let Some((template, words)) = held else {
        it.add("/template_id", "unknown_template", "no such template");
        return Ok(None);
    };
    let ready = Wording::of(&words)?;
    Ok(Some((Some(template.id), words, ready)))
}

/// Other systems write them in capitals.
pub(super) fn kind(told: &str) -> Result<Kind, String> {
    let known = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(told));
    known.ok_or_else(|| format!("is not one of {}", Kind::NAMES.join(", ")))
}
