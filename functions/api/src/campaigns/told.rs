//! A campaign as a caller tells it: what it says, to whom, and within which limits.

use domain::{
    Campaign, CampaignId, Name, SegmentId, TemplateId,
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
    split::{self, SplitTold},
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
    /// A note for yourselves, at most 500 characters: nobody who gets it sees it.
    description: Option<String>,
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
    /// What it may cost at most, in the shop's currency: with `never_zero`, if each message is sent three times.
    #[schema(value_type = Option<String>)]
    budget: Option<Written>,
    /// Whether it is seen who opens its mails and which of their links are followed: yes, unless told otherwise.
    tracked: Option<bool>,
    /// `true`: what it says is told later, and until then it cannot be launched.
    words_later: Option<bool>,
    /// Several words, to see which do better before the others get any.
    trial: Option<SplitTold>,
    /// In a `PUT`: the `version` that you have seen. If it is another by now, nothing changes.
    version: Option<u32>,
}

/// What was told, understood.
pub(crate) struct Told {
    pub(super) head: Head,
    pub(super) template: Option<TemplateId>,
    /// Of each of its variants; none, if they are told later.
    pub(super) words: Vec<Words>,
    pub(super) ready: Vec<Wording>,
    pub(super) version: Option<u32>,
}

/// All but what it says.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) name: Name,
    pub(super) description: Option<String>,
    pub(super) kind: Kind,
    pub(super) channel: Channel,
    pub(super) audience: Who,
    pub(super) byline: Option<Byline>,
    pub(super) rules: Rules,
}

impl CampaignTold {
    /// Everything that is wrong, or what it says.
    pub(super) async fn understood(self, deps: &Deps, caller: &Caller) -> Result<Told, Problem> {
        let mut it = Faults::default();
        let told = self.told(&mut it, deps, caller, None).await?;
        it.none(told)
    }

    /// The same, for those of a segment that is made with it and whose name it takes. `None`: what is wrong is among the faults.
    pub(crate) async fn of_segment(
        mut self,
        it: &mut Faults,
        deps: &Deps,
        caller: &Caller,
        (id, name): (SegmentId, &Name),
    ) -> Result<Option<Told>, Problem> {
        self.name.get_or_insert_with(|| name.as_str().to_owned());
        if self.segment_id.take().is_some() || self.rule.take().is_some() {
            it.add("/segment_id", "not_here", "it is for those of the segment that is made");
        }
        self.told(it, deps, caller, Some(Who::Segment(id))).await
    }

    async fn told(
        self,
        it: &mut Faults,
        deps: &Deps,
        caller: &Caller,
        audience: Option<Who>,
    ) -> Result<Option<Told>, Problem> {
        let version = self.version;
        let needs_words = self.words_later != Some(true);
        if !needs_words && self.is_written() {
            it.add("/words_later", "one_source", "tell its words, or that they are told later, and not both");
        }
        let (head, said) = self.read(it, deps, caller, (audience, needs_words)).await?;
        let none = Said { template: None, words: Vec::new(), ready: Vec::new() };
        let said = if needs_words { said } else { Some(none) };
        let whole = |(head, Said { template, words, ready })| Told { head, template, words, ready, version };
        Ok(head.zip(said).map(whole))
    }

    /// To be tried: a campaign that nobody keeps, and its words if it has any yet.
    pub(super) async fn tried(
        mut self,
        deps: &Deps,
        caller: &Caller,
    ) -> Result<(Campaign, Vec<Wording>), Problem> {
        let mut it = Faults::default();
        self.name.get_or_insert_with(|| "Untitled".to_owned());
        let is_written = self.is_written();
        let (head, said) = self.read(&mut it, deps, caller, (None, is_written)).await?;
        let head = it.none(head)?;
        let ready = said.map(|said| said.ready).unwrap_or_default();
        let Head { name, kind, channel, audience, byline, rules, .. } = head;
        let (id, by) = (CampaignId::new(deps.now(), deps.roll()), caller.maker().user);
        let draft = Campaign::draft(id, name, kind, channel, audience, by, deps.now());
        Ok((Campaign { byline, rules, ..draft }, ready))
    }

    fn is_written(&self) -> bool {
        let written = [&self.template_id, &self.subject, &self.preheader, &self.html, &self.mjml, &self.text];
        written.into_iter().any(Option::is_some) || self.blocks.is_some() || self.trial.is_some()
    }

    /// `None`: what is wrong is among the faults, or it says nothing and need not.
    async fn read(
        self,
        it: &mut Faults,
        deps: &Deps,
        caller: &Caller,
        (audience, needs_words): (Option<Who>, bool),
    ) -> Result<(Option<Head>, Option<Said>), Problem> {
        let name = it.take("/name", self.name.unwrap_or_default().parse::<Name>());
        let description =
            it.maybe("/description", self.description.as_deref(), described).filter(|it| !it.is_empty());
        let kind = it.maybe("/kind", self.kind, |told| kind(&told)).unwrap_or(Kind::Promotional);
        let audience = match audience {
            Some(audience) => Some(audience),
            None => audience::told(it, self.segment_id.as_deref(), self.rule, caller, deps.now()).await?,
        };
        let own = WordsTold {
            channel: self.channel,
            subject: self.subject,
            preheader: self.preheader,
            html: self.html,
            mjml: self.mjml,
            blocks: self.blocks,
            text: self.text,
        };
        let (mut trial, is_tracked) = (None, self.tracked != Some(false));
        let (said, channel) = if let Some(split) = self.trial {
            let template = self.template_id.as_deref();
            let base = base(it, own, template, caller).await?;
            let channel =
                base.as_ref().and_then(|(_, base)| it.take("/channel", base.channel().ok_or(NO_CHANNEL)));
            trial = split.trial(it, channel, is_tracked);
            let said = match base.filter(|_| channel.is_some()) {
                Some((template, base)) => {
                    let said = split.words(it, &base, caller).await?;
                    said.map(|(words, ready)| Said { template, words, ready })
                }
                None => None,
            };
            (said, channel)
        } else if needs_words {
            let said = words(it, own, self.template_id.as_deref(), caller).await?;
            let channel = said.as_ref().and_then(|said| said.words.first()).map(Words::channel);
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
        let rules = Rules { trial, ..limits.understood(it, caller.tenant.currency) };
        let head = name.zip(audience).zip(channel);
        let head = head.map(|((name, audience), channel)| Head {
            name,
            description,
            kind,
            channel,
            audience,
            byline,
            rules,
        });
        Ok((head, said))
    }
}

const DESCRIPTION_CHARS_MAX: usize = 500;

fn described(told: &str) -> Result<String, String> {
    let fits = told.chars().count() <= DESCRIPTION_CHARS_MAX;
    fits.then(|| told.trim().to_owned())
        .ok_or_else(|| format!("may have at most {DESCRIPTION_CHARS_MAX} letters"))
}

const NO_CHANNEL: &str = "is not one of email, sms";

/// What it says, in each of its variants.
struct Said {
    template: Option<TemplateId>,
    words: Vec<Words>,
    ready: Vec<Wording>,
}

/// Its own, or a template's as they are now.
async fn words(
    it: &mut Faults,
    own: WordsTold,
    template: Option<&str>,
    caller: &Caller,
) -> Result<Option<Said>, Problem> {
    if template.is_none() {
        let understood = own.understood(it);
        return Ok(understood.map(|(words, ready)| Said {
            template: None,
            words: vec![words],
            ready: vec![ready],
        }));
    }
    let Some((template, words)) = taken_over(it, &own, template, caller).await? else { return Ok(None) };
    let ready = vec![Wording::of(&words)?];
    Ok(Some(Said { template: Some(template), words: vec![words], ready }))
}

/// What its variants have in common: it need not be whole.
async fn base(
    it: &mut Faults,
    own: WordsTold,
    template: Option<&str>,
    caller: &Caller,
) -> Result<Option<(Option<TemplateId>, WordsTold)>, Problem> {
    if template.is_none() {
        return Ok(Some((None, own)));
    }
    let held = taken_over(it, &own, template, caller).await?;
    Ok(held.map(|(template, words)| (Some(template), WordsTold::of(words))))
}

async fn taken_over(
    it: &mut Faults,
    own: &WordsTold,
    template: Option<&str>,
    caller: &Caller,
) -> Result<Option<(TemplateId, Words)>, Problem> {
    if !own.is_empty() {
        it.add("/template_id", "one_source", "tell a template or words, and not both");
        return Ok(None);
    }
    split::template(it, "/template_id", template.unwrap_or_default(), caller).await
}

/// Other systems write them in capitals.
pub(super) fn kind(told: &str) -> Result<Kind, String> {
    let known = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(told));
    known.ok_or_else(|| format!("is not one of {}", Kind::NAMES.join(", ")))
}
