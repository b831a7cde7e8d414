//! One message: filled for its customer, and given to its provider once.

use content::{Stopped, sms::Parts};
use domain::{
    Customer, Reason,
    campaign::{Kind, MessageId, Outcome, Why},
    sender::Voice,
    template::Channel,
};
use flows::{
    Answer, Letter, Refusal, Short,
    carrying::{Unsubscribe, Urgency},
    error::chain,
    filling::{Links, Recipient},
    links::{Tracks, links},
};
use std::time::Duration;

use crate::{
    lane::Job,
    standing::{Address, address_of, may_be_written_to},
};

/// How long is waited where a provider asks for time and does not say for how much.
const THROTTLED: Duration = Duration::from_secs(5);

pub(crate) enum Ready {
    Letter(Box<Letter>),
    Short(Box<Short>),
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub outcome: Outcome,
    /// The provider wants nothing for so long.
    pub pause: Option<Duration>,
    /// It wants nothing until somebody has put that right.
    pub fault: Option<Reason>,
}

/// Why the provider takes nothing of the shop, if that is what it said of each of several. One alone may have a fault of its own.
pub(crate) fn fault(asked: &[Asked]) -> Option<&Reason> {
    let faults: Option<Vec<_>> = asked.iter().map(|asked| asked.fault.as_ref()).collect();
    faults?.into_iter().next()
}

/// As it goes out, or what becomes of it instead.
pub(crate) fn ready(
    job: &Job<'_>,
    message: MessageId,
    customer: Option<&Customer>,
) -> Result<Ready, Outcome> {
    let address = address_of(&job.campaign, customer).map_err(Outcome::Skipped)?;
    let customer = customer.ok_or(Outcome::Skipped(Why::Gone))?;
    may_be_written_to(&job.campaign, &job.tenant, customer, job.deps.clock.now())?;
    let links = links(&job.secrets, &job.deps.origin, &message);
    let ready = written(job, message, customer, (address, &job.voice), links).map_err(Outcome::Skipped)?;
    if is_too_dear(job, message, &ready) { Err(Outcome::Skipped(Why::OverBudget)) } else { Ok(ready) }
}

/// Nothing goes out that costs more than was planned, where there is a budget: since then somebody may have got a longer name, or
/// a number in another country.
fn is_too_dear(job: &Job<'_>, message: MessageId, ready: &Ready) -> bool {
    let (Some(prices), Ready::Short(short)) = (&job.prices, ready) else { return false };
    let planned = job.planned.plan.stretch(message.chunk).and_then(|stretch| stretch.part.micros);
    let costs = prices.of_text(short.to.as_str(), Parts::of(&short.text).parts);
    costs.is_none_or(|costs| planned.is_none_or(|planned| costs > planned))
}

fn written(
    job: &Job<'_>,
    message: MessageId,
    customer: &Customer,
    (address, voice): (Address, &Voice),
    links: Links,
) -> Result<Ready, Why> {
    let way_out = links.unsubscribe.clone();
    let recipient = Recipient::new(customer, &job.tenant, links);
    // The links of a text stay as short as they are.
    let tracks = Tracks { secrets: &job.secrets, origin: &job.deps.origin, message };
    let tracks =
        Some(tracks).filter(|_| job.campaign.channel == Channel::Email && !job.campaign.rules.is_untracked);
    let recipient = match tracks {
        Some(tracks) => recipient.tracked(tracks),
        None => recipient,
    };
    let wording = job.wording(message.chunk).ok_or(Why::Unfillable)?;
    let mut filled = wording.filled(&recipient).map_err(|why| match why {
        Stopped::Skipped(_) => Why::LeftOut,
        Stopped::TooLong(_) | Stopped::TooMuch => Why::Unfillable,
    })?;
    if let Some(tracks) = tracks {
        tracks.with_picture(&mut filled.html);
    }
    let (tenant, kind) = (job.tenant.id, job.campaign.kind);
    let message = message.to_string().parse().expect("a message's id is a tag: campaign/message.rs");
    Ok(match (address, voice) {
        (Address::Mail(to), Voice::Letters(from)) => Ready::Letter(Box::new(Letter {
            tenant,
            message,
            from: from.clone(),
            to,
            reply_to: None,
            subject: filled.subject,
            html: Some(filled.html),
            text: filled.text,
            unsubscribe: kind.needs_consent().then_some(Unsubscribe { url: way_out, mail: None }),
        })),
        // An empty text is nothing to send, and is paid for all the same.
        (Address::Phone(_), _) if filled.text.trim().is_empty() => return Err(Why::Unfillable),
        (Address::Phone(to), Voice::Texts(from)) => Ready::Short(Box::new(Short {
            tenant,
            message,
            from: from.clone(),
            to,
            text: filled.text,
            urgency: match kind {
                Kind::Transactional => Urgency::Transactional,
                Kind::Promotional | Kind::Reminder | Kind::Newsletter => Urgency::Promotional,
            },
            price_max_usd_mills: None,
        })),
        // A voice is of the campaign's channel: flows::bylines.
        (Address::Mail(_), Voice::Texts(_)) | (Address::Phone(_), Voice::Letters(_)) => {
            return Err(Why::Setup);
        }
    })
}

pub(crate) async fn ask(job: &Job<'_>, ready: &Ready) -> Asked {
    let answer = match ready {
        Ready::Letter(letter) => job.carrier.carry(letter).await,
        Ready::Short(short) => {
            let answer = job.texter.text(short).await;
            if let Answer::Accepted { vendor_id } = &answer
                && !job.texter.keeps_tags()
            {
                called(job, short, vendor_id).await;
            }
            answer
        }
    };
    asked(&answer)
}

/// At once, as what becomes of it may be told at any moment. If it cannot be kept the text was sent all the same, and nobody
/// hears more of it.
async fn called(job: &Job<'_>, short: &Short, vendor_id: &str) {
    let Ok(message) = short.message.as_str().parse::<MessageId>() else { return };
    let step = job.store.text_called(vendor_id, &message, job.deps.clock.now());
    if let Err(error) = job.store.commit(step.into_iter().collect()).await {
        tracing::warn!(tenant = %job.tenant.id, cause = chain(&error), "nobody will hear what becomes of a text");
    }
}

fn asked(answer: &Answer) -> Asked {
    let no_pause = |outcome| Asked { outcome, pause: None, fault: None };
    let (reason, kind) = match answer {
        Answer::Accepted { .. } => return no_pause(Outcome::Sent),
        Answer::Unknown { .. } => return no_pause(Outcome::Unknown(Why::NoAnswer)),
        Answer::Refused { reason, kind } => (reason, kind),
    };
    let said = reason.as_str().to_uppercase();
    match kind {
        Refusal::Throttled { after } => Asked {
            outcome: Outcome::Later(Why::Throttled),
            pause: Some(after.unwrap_or(THROTTLED)),
            fault: None,
        },
        Refusal::Temporary if said.contains("QUOTA") => no_pause(Outcome::Again(Why::QuotaExceeded)),
        Refusal::Temporary => no_pause(Outcome::Again(Why::Temporary)),
        Refusal::OurFault => {
            Asked { outcome: Outcome::Again(Why::Setup), pause: None, fault: Some(reason.clone()) }
        }
        Refusal::Permanent => no_pause(Outcome::Failed(why(&said))),
    }
}

/// By a provider's code or words, in capitals. What tells nothing of the address or the content is just refused.
fn why(reason: &str) -> Why {
    // Twilio's codes: they answered STOP; no text, or too long a one; no number that can be written to.
    const STOPPED: &str = "21610";
    const TEXTS: [&str; 4] = ["21602", "21605", "21617", "21619"];
    const NUMBERS: [&str; 8] = ["21211", "21214", "21217", "21401", "21407", "21421", "21614", "21635"];
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if reason == STOPPED || says(&["OPTED OUT", "OPTEDOUT"]) {
        Why::BlockedByProvider
    } else if says(&["SPAM"]) {
        Why::Spam
    } else if says(&["CONTENT", "TOO LARGE"]) || TEXTS.contains(&reason) {
        Why::BadContent
    } else if says(&["EMAIL", "ADDRESS", "RECIPIENT", "PHONE", "NUMBER"]) || NUMBERS.contains(&reason) {
        Why::BadAddress
    } else {
        Why::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_comes_to_one_outcome_and_only_a_throttled_one_makes_a_pause() {
        let check = |answer: Answer, outcome, pause: Option<u64>| {
            let pause = pause.map(Duration::from_secs);
            let told = asked(&answer);
            assert_eq!((told.outcome, told.pause), (outcome, pause), "{answer:?}");
            assert_eq!(told.fault.is_some(), outcome == Outcome::Again(Why::Setup), "{answer:?}");
        };
        let no = Answer::refused;
        let after = |seconds| Refusal::Throttled { after: Some(Duration::from_secs(seconds)) };
        check(Answer::Accepted { vendor_id: "v".to_owned() }, Outcome::Sent, None);
        check(Answer::unknown("timed out"), Outcome::Unknown(Why::NoAnswer), None);
        check(no("RATE_LIMITED", after(7)), Outcome::Later(Why::Throttled), Some(7));
        check(no("x", Refusal::Throttled { after: None }), Outcome::Later(Why::Throttled), Some(5));
        check(no("QUOTA_EXCEEDED", Refusal::Temporary), Outcome::Again(Why::QuotaExceeded), None);
        check(no("x", Refusal::Temporary), Outcome::Again(Why::Temporary), None);
        check(no("INVALID_CREDENTIALS", Refusal::OurFault), Outcome::Again(Why::Setup), None);
        for (reason, why) in [
            ("INVALID_EMAIL", Why::BadAddress),
            ("does not contain a valid address.", Why::BadAddress),
            ("21614", Why::BadAddress),
            ("21617", Why::BadContent),
            ("21610", Why::BlockedByProvider),
            ("Phone number is opted out", Why::BlockedByProvider),
            ("SPAM_DETECTED", Why::Spam),
            ("CONTENT_REJECTED", Why::BadContent),
            ("5.7.1", Why::Refused),
        ] {
            check(no(reason, Refusal::Permanent), Outcome::Failed(why), None);
        }
    }
}
