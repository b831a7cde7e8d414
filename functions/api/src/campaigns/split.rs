//! Several words for one campaign, tried on some of those whom it is for, as a caller tells them (CMP-13).
//!
//! The first of them are the campaign's own. What one leaves out is as the campaign has it: so two subjects are two subjects, and the
//! rest is told once.

use domain::{
    TemplateId,
    campaign::{
        Trial,
        trial::{ARMS_MAX, Metric},
    },
    template::{Body, Channel, Words},
};
use flows::{identify::Caller, wording::Wording};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{error::Problem, input::Faults, templates::told::WordsTold};

const HOURS: i64 = 4;
const HOURS_MAX: i64 = 168;
const ALL: i64 = 100;
/// What all of them say together: so much is shown, and kept with an answer.
const BYTES_MAX: usize = 256 * 1024;

/// Several words, to see which do better.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitTold {
    /// 2 to 4, called A to D in their order.
    variants: Vec<WordingTold>,
    /// How many of a hundred get each of them. Whoever is left waits, and gets the best.
    shares: Option<Vec<i64>>,
    /// Instead: how many of a hundred try them, each as many. All, unless told.
    #[serde(alias = "testPercent")]
    test_percent: Option<i64>,
    /// What doing better is: `clicked` unless told, `opened`, or `delivered`, which is what is known of texts.
    metric: Option<String>,
    /// For how many hours they are tried: 1 to 168, 4 unless told.
    hours: Option<i64>,
}

/// What it leaves out is as the campaign has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordingTold {
    /// Whose words it takes over, instead of having any of its own.
    #[serde(alias = "templateId")]
    template_id: Option<String>,
    subject: Option<String>,
    preheader: Option<String>,
    html: Option<String>,
    mjml: Option<String>,
    #[schema(value_type = Option<Object>)]
    blocks: Option<Value>,
    #[serde(alias = "message", alias = "content")]
    text: Option<String>,
}

impl SplitTold {
    /// `None`: what is wrong is among the faults.
    pub(super) fn trial(&self, it: &mut Faults, channel: Option<Channel>, is_tracked: bool) -> Option<Trial> {
        let count = self.variants.len();
        if !(2..=ARMS_MAX).contains(&count) {
            it.add("/trial/variants", "out_of_range", format!("must be from 2 to {ARMS_MAX}"));
            return None;
        }
        let shares = self.shares(it);
        let hours = it.whole("/trial/hours", Some(self.hours.unwrap_or(HOURS)), 1, HOURS_MAX);
        let can_be_seen = channel == Some(Channel::Email) && is_tracked;
        let unless_told = if can_be_seen { Metric::Clicked } else { Metric::Delivered };
        let metric = match self.metric.as_deref() {
            Some(told) => it.take("/trial/metric", told.parse()),
            None => Some(unless_told),
        };
        if channel.is_some() && !can_be_seen && metric.is_some_and(|metric| metric != Metric::Delivered) {
            let sentence = "nobody sees who opens a text, nor a mail that is not `tracked`: take `delivered`";
            it.add("/trial/metric", "not_measured", sentence);
        }
        Some(Trial { shares: shares?, metric: metric?, hours: hours? })
    }

    fn shares(&self, it: &mut Faults) -> Option<Vec<u8>> {
        let count = self.variants.len();
        let Some(told) = &self.shares else {
            let least = i64::try_from(count).unwrap_or(ALL);
            let percent = Some(self.test_percent.unwrap_or(ALL));
            let percent: usize = it.whole("/trial/test_percent", percent, least, ALL)?;
            // What cannot be parted evenly falls to the first.
            let share = |arm: usize| percent / count + usize::from(arm < percent % count);
            return Some((0..count).filter_map(|arm| u8::try_from(share(arm)).ok()).collect());
        };
        if self.test_percent.is_some() {
            it.add("/trial/test_percent", "one_source", "tell `shares` or this, and not both");
        }
        if told.len() != count {
            it.add("/trial/shares", "out_of_range", format!("must be {count}: one for each variant"));
        }
        let shares: Vec<Option<u8>> = told
            .iter()
            .enumerate()
            .map(|(place, share)| it.whole(&format!("/trial/shares/{place}"), Some(*share), 1, ALL))
            .collect();
        let shares: Vec<u8> = shares.into_iter().collect::<Option<_>>()?;
        if shares.iter().map(|share| i64::from(*share)).sum::<i64>() > ALL {
            it.add("/trial/shares", "out_of_range", "must be a hundred together at most");
        }
        (shares.len() == count).then_some(shares)
    }

    /// Each made of what it says and of what the campaign says. `None`: what is wrong is among the faults.
    pub(super) async fn words(
        self,
        it: &mut Faults,
        base: &WordsTold,
        caller: &Caller,
    ) -> Result<Option<(Vec<Words>, Vec<Wording>)>, Problem> {
        let (mut all, mut ready) = (Vec::new(), Vec::new());
        let count = self.variants.len();
        for (place, variant) in self.variants.into_iter().take(ARMS_MAX).enumerate() {
            let at = format!("/trial/variants/{place}");
            let Some(told) = variant.told(it, &at, base, caller).await? else { continue };
            let mut faults = Faults::default();
            let understood = told.understood(&mut faults);
            it.within(&at, faults);
            let Some((words, wording)) = understood else { continue };
            if all.contains(&words) {
                it.add(&at, "same_words", "says the same as one before it");
            }
            all.push(words);
            ready.push(wording);
        }
        if all.iter().map(bytes).sum::<usize>() > BYTES_MAX {
            it.add("/trial/variants", "too_long", format!("must be {BYTES_MAX} bytes together at most"));
        }
        Ok((all.len() == count).then_some((all, ready)))
    }
}

impl WordingTold {
    async fn told(
        self,
        it: &mut Faults,
        at: &str,
        base: &WordsTold,
        caller: &Caller,
    ) -> Result<Option<WordsTold>, Problem> {
        let Self { template_id, subject, preheader, html, mjml, blocks, text } = self;
        let own = WordsTold { channel: None, subject, preheader, html, mjml, blocks, text };
        let Some(named) = template_id else { return Ok(Some(base.but(own))) };
        let place = format!("{at}/template_id");
        if !own.is_empty() {
            it.add(&place, "one_source", "tell a template or words, and not both");
            return Ok(None);
        }
        let Some((_, words)) = template(it, &place, &named, caller).await? else { return Ok(None) };
        if Some(words.channel()) != base.channel() {
            it.add(&place, "other_channel", "its words are for another channel than the campaign's");
            return Ok(None);
        }
        Ok(Some(WordsTold::of(words)))
    }
}

/// A template's words as they are now.
pub(super) async fn template(
    it: &mut Faults,
    at: &str,
    named: &str,
    caller: &Caller,
) -> Result<Option<(TemplateId, Words)>, Problem> {
    let held = match named.parse::<TemplateId>() {
        Ok(id) => caller.store.template(id).await?,
        Err(_) => None,
    };
    if held.is_none() {
        it.add(at, "unknown_template", "no such template");
    }
    Ok(held.map(|(template, words)| (template.id, words)))
}

fn bytes(words: &Words) -> usize {
    match words {
        Words::Sms { text } => text.len(),
        Words::Email { subject, preheader, body, text } => {
            let (Body::Html(body) | Body::Mjml(body) | Body::Blocks(body)) = body;
            subject.len() + preheader.len() + body.len() + text.as_ref().map_or(0, String::len)
        }
    }
}
