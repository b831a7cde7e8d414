//! Whom a campaign is for: read as it is told, and looked at once more before it begins.

use asking::{Asking, rule_of, shop_of};
use domain::{SegmentId, Timestamp, campaign::Who, segment::RuleText};
use flows::{Fault, identify::Caller, sign::sha256_hex};
use rules::Rule;
use serde_json::Value;

use crate::{
    error::Problem,
    input::Faults,
    segments::{
        told::{RuleTold, faults},
        view::readable_rule,
    },
};

/// `None`: what is wrong is among the faults.
pub(super) async fn told(
    it: &mut Faults,
    segment: Option<&str>,
    rule: Option<Value>,
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<Who>, Problem> {
    let shop = shop_of(caller).await?;
    match (segment, rule) {
        (Some(named), None) => {
            let held = match named.parse::<SegmentId>() {
                Ok(id) => caller.store.segment(id).await?,
                Err(_) => None,
            };
            let Some(held) = held else {
                it.add("/segment_id", "unknown_segment", "no such segment");
                return Ok(None);
            };
            if rule_of(&held, &shop).is_err() {
                it.add(
                    "/segment_id",
                    "unreadable_rule",
                    "its rule cannot be read any more, and must be changed",
                );
            }
            Ok(Some(Who::Segment(held.id)))
        }
        (None, Some(rule)) => {
            let rule = match RuleTold::of(rule).read(&shop) {
                Ok(read) => read.rule,
                Err(wrong) => return Ok(refused(it, faults(wrong))),
            };
            let unsupported = Asking::reading(caller, now, &rule, &shop).await?.unsupported(&rule);
            if !unsupported.is_empty() {
                return Ok(refused(it, faults(unsupported)));
            }
            let text = rule.to_string();
            Ok(Some(Who::Rule(RuleText { hash: sha256_hex(text.as_bytes()), text })))
        }
        _ => {
            it.add("/segment_id", "one_audience", "tell one of `segment_id` and `rule`");
            Ok(None)
        }
    }
}

fn refused(it: &mut Faults, wrong: Vec<Fault>) -> Option<Who> {
    for fault in wrong {
        it.add(&fault.at, fault.code, fault.sentence);
    }
    None
}

/// Before it begins: since it was told a segment may have gone, and a shop may count in another currency.
pub(super) async fn must_be_there(who: &Who, caller: &Caller, now: Timestamp) -> Result<(), Problem> {
    let shop = shop_of(caller).await?;
    match who {
        Who::Segment(id) => {
            let held = caller.store.segment(*id).await?.ok_or_else(|| {
                Problem::conflict("audience_gone", "its segment is not there any more: tell another audience")
            })?;
            readable_rule(&held, &shop).map(drop)
        }
        Who::Rule(told) => {
            let unreadable = |wrong: Vec<String>| {
                let detail =
                    format!("its rule cannot be asked any more, and must be changed: {}", wrong.join("; "));
                Problem::conflict("unreadable_rule", detail)
            };
            let said = |wrong: &dyn ToString| wrong.to_string();
            let rule = Rule::parse(&told.text, &shop)
                .map_err(|wrong| unreadable(wrong.iter().map(|it| said(it)).collect()))?;
            let wrong = Asking::reading(caller, now, &rule, &shop).await?.unsupported(&rule);
            if wrong.is_empty() { Ok(()) } else { Err(unreadable(wrong.iter().map(|it| said(it)).collect())) }
        }
    }
}
