//! Which addresses of somebody are not written to, and why; and which are again, since when.

use flows::{FlowError, privacy::Person, record::Record};
use serde_json::{Value, json};
use store::Way;

use super::Desk;

/// Each of their addresses of which the list knows anything.
pub(super) async fn not_written_to(desk: &Desk<'_>, person: &Person) -> Result<Vec<Value>, FlowError> {
    let (record, mut all) = (desk.record().await?, Vec::new());
    for email in &person.emails {
        all.extend(of(&record, Way::Email, email.as_str()).await?);
    }
    for phone in &person.phones {
        all.extend(of(&record, Way::Phone, phone.as_str()).await?);
    }
    Ok(all)
}

async fn of(record: &Record<'_>, way: Way, address: &str) -> Result<Option<Value>, FlowError> {
    let Some(standing) = record.store.suppression(&record.known_by(way, address).await?).await? else {
        return Ok(None);
    };
    let (held, lifted) = (standing.held.as_ref(), standing.lifted.as_ref());
    Ok(Some(json!({
        "address": address, "is_written_to": held.is_none(),
        "reason": held.map(|held| held.cause), "since": held.map(|held| held.since),
        "message": held.and_then(|held| held.message).map(|message| message.to_string()),
        "by": held.map(|held| held.by),
        "taken_off_at": lifted.map(|lifted| lifted.at), "taken_off_by": lifted.map(|lifted| lifted.by),
        "taken_off_why": lifted.and_then(|lifted| lifted.why.as_deref()),
    })))
}
