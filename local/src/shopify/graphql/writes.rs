//! The fields at the root of a mutation.

use apollo_compiler::resolvers::FieldError;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Ask,
    object::{Answer, Arguments, told, unknown},
    segments,
};
use crate::shopify::{
    books::{
        Channel,
        records::{Consent, ConsentState, OptInLevel},
    },
    ids::{Kind, id, of_gid},
    shop::Segment,
};

pub(super) fn field<'a>(ask: &'a Ask<'_>, field: &str, arguments: &Arguments<'a>) -> Answer<'a> {
    Ok(match field {
        "tagsAdd" => {
            ask.needs("write_customers", field)?;
            told(ask, "TagsAddPayload", tags(ask, arguments))
        }
        "customerEmailMarketingConsentUpdate" => {
            ask.needs("write_customers", field)?;
            let payload = consent(ask, Channel::Email, "emailMarketingConsent", arguments);
            told(ask, "CustomerEmailMarketingConsentUpdatePayload", payload)
        }
        "customerSmsMarketingConsentUpdate" => {
            ask.needs("write_customers", field)?;
            let payload = consent(ask, Channel::Sms, "smsMarketingConsent", arguments);
            told(ask, "CustomerSmsMarketingConsentUpdatePayload", payload)
        }
        "segmentCreate" => {
            ask.needs("write_customers", field)?;
            told(ask, "SegmentCreatePayload", segment(ask, arguments))
        }
        "webhookSubscriptionCreate" => {
            told(ask, "WebhookSubscriptionCreatePayload", subscribe(ask, arguments))
        }
        "webhookSubscriptionDelete" => {
            let gone = arguments.text("id").unwrap_or_default();
            let mut state = ask.state.borrow_mut();
            let is_gone = of_gid(Kind::WebhookSubscription, gone).is_some_and(|id| state.unsubscribe(id));
            let payload = if is_gone {
                json!({"deletedWebhookSubscriptionId": gone, "userErrors": []})
            } else {
                let errors = errors(&["id"], "Webhook subscription does not exist", None);
                json!({"deletedWebhookSubscriptionId": null, "userErrors": errors})
            };
            told(ask, "WebhookSubscriptionDeletePayload", payload)
        }
        "bulkOperationRunQuery" => {
            let mut state = ask.state.borrow_mut();
            let query = arguments.text("query").unwrap_or_default();
            let is_grouped = arguments.flag("groupObjects");
            let payload = match state.bulk.begin(query, is_grouped, ask.scopes, ask.now) {
                Ok(operation) => json!({"bulkOperation": operation, "userErrors": []}),
                Err((code, sentence)) => {
                    json!({"bulkOperation": null, "userErrors": errors(&["query"], &sentence, Some(code))})
                }
            };
            told(ask, "BulkOperationRunQueryPayload", payload)
        }
        "bulkOperationCancel" => {
            let gid = arguments.text("id").unwrap_or_default();
            let mut state = ask.state.borrow_mut();
            let payload = match state.cancel_bulk(gid, ask.front, ask.dice, ask.now) {
                Ok(operation) => json!({"bulkOperation": operation, "userErrors": []}),
                Err(sentence) => {
                    json!({"bulkOperation": null, "userErrors": errors(&["id"], sentence, None)})
                }
            };
            told(ask, "BulkOperationCancelPayload", payload)
        }
        _ => return Err(unknown()),
    })
}

fn errors(field: &[&str], sentence: &str, code: Option<&str>) -> Value {
    json!([{"field": field, "message": sentence, "code": code}])
}

fn tags(ask: &Ask<'_>, arguments: &Arguments<'_>) -> Value {
    let gid = arguments.text("id").unwrap_or_default();
    let Some(customer) = of_gid(Kind::Customer, gid) else {
        return json!({"node": null, "userErrors": errors(&["id"], "invalid id", None)});
    };
    let tags = arguments.texts("tags");
    match ask.act(|books, now| books.tag(customer, &tags, now)) {
        Ok(()) => json!({"node": {"@": gid}, "userErrors": []}),
        Err(_) => json!({"node": null, "userErrors": errors(&["id"], "Customer does not exist", None)}),
    }
}

fn consent(ask: &Ask<'_>, channel: Channel, told: &str, arguments: &Arguments<'_>) -> Value {
    let refused = |field: &[&str], sentence: &str| json!({"customer": null, "userErrors": errors(field, sentence, Some("INVALID"))});
    let none = apollo_compiler::response::JsonMap::new();
    let input = arguments.object("input").unwrap_or(Arguments(&none));
    let consent = input.object(told).unwrap_or(Arguments(&none));
    let gid = input.text("customerId").unwrap_or_default();
    let Some(customer) =
        of_gid(Kind::Customer, gid).filter(|id| ask.state.borrow().books.customer(*id).is_some())
    else {
        return refused(&["input", "customerId"], "Customer not found");
    };
    let state = match consent.text("marketingState") {
        Some("SUBSCRIBED") => ConsentState::Subscribed,
        Some("UNSUBSCRIBED") => ConsentState::Unsubscribed,
        Some("PENDING") => ConsentState::Pending,
        other => {
            let sentence =
                format!("Cannot specify {} as a marketing state input", other.unwrap_or("nothing"));
            return refused(&["input", told, "marketingState"], &sentence);
        }
    };
    let level = consent.text("marketingOptInLevel").map(|level| match level {
        "SINGLE_OPT_IN" => OptInLevel::SingleOptIn,
        "CONFIRMED_OPT_IN" => OptInLevel::ConfirmedOptIn,
        _ => OptInLevel::Unknown,
    });
    let at: Option<Timestamp> = consent.text("consentUpdatedAt").and_then(|at| at.parse().ok());
    if at.is_some_and(|at| at > ask.now) {
        return refused(&["input", told, "consentUpdatedAt"], "Consent updated at must not be in the future");
    }
    let level =
        if state == ConsentState::Subscribed { level.or(Some(OptInLevel::SingleOptIn)) } else { level };
    let consent = Consent { state, level, at: Some(at.unwrap_or(ask.now)) };
    match ask.act(|books, now| books.consent(customer, channel, consent, now)) {
        Ok(()) => json!({"customer": {"@": gid}, "userErrors": []}),
        Err(refusal) => refused(&["input", told], refusal.0),
    }
}

fn segment(ask: &Ask<'_>, arguments: &Arguments<'_>) -> Value {
    let (name, query) =
        (arguments.text("name").unwrap_or_default(), arguments.text("query").unwrap_or_default());
    let refused = |field: &str, sentence: &str| json!({"segment": null, "userErrors": errors(&[field], sentence, None)});
    if name.trim().is_empty() {
        return refused("name", "Name can't be blank");
    }
    if let Err(FieldError { message }) = segments::clauses(query) {
        return refused("query", &message);
    }
    let mut state = ask.state.borrow_mut();
    let id = id(Kind::Segment, state.segments.len() as u64);
    let segment = Segment { id, name: name.to_owned(), query: query.to_owned(), created_at: ask.now };
    let told = segments::segment_told(&segment);
    state.keep_segment(segment);
    json!({"segment": told, "userErrors": []})
}

fn subscribe(ask: &Ask<'_>, arguments: &Arguments<'_>) -> Value {
    let none = apollo_compiler::response::JsonMap::new();
    let wanted = arguments.object("webhookSubscription").unwrap_or(Arguments(&none));
    let uri = wanted.text("uri").or(wanted.text("callbackUrl")).unwrap_or_default();
    let topic = arguments.text("topic").unwrap_or_default();
    let mut state = ask.state.borrow_mut();
    let subscribed = state.subscribe(
        (topic, uri),
        (wanted.text("filter"), wanted.texts("includeFields"), wanted.text("name"), wanted.text("format")),
        ask.now,
    );
    match subscribed {
        Ok(held) => {
            json!({"webhookSubscription": held.told(), "userErrors": []})
        }
        Err(sentence) => json!({
            "webhookSubscription": null,
            "userErrors": errors(&["webhookSubscription", "uri"], &sentence, None),
        }),
    }
}
