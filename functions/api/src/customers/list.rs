//! Lists of customers: searched, filtered and sorted by the columns alone.

use axum::{Json, extract::State};
use columns::{Code, List as Words, Number, Place, Rank, Row, Slot, Text};
use domain::{ConsentState, Currency, Permission, SegmentId, Timestamp, customer::Reach};
use flows::{FlowError, identify::Caller};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    filter::CustomersAsked,
    told::Scene,
    view::{amount, whole_name},
};
use crate::{
    App, Deps,
    cursor::{List, Within, limited},
    error::{Problem, ProblemDocument},
    input::Asked,
    who::Acting,
};

/// How deep pages are counted; a cursor goes to the end.
pub(crate) const COUNTED_MAX: usize = 10_000;

/// A customer in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerBrief {
    id: String,
    /// `person`, or `guest`: known only from an order's address.
    kind: &'static str,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    language: Option<String>,
    #[schema(value_type = String)]
    email_consent: ConsentState,
    #[schema(value_type = String)]
    sms_consent: ConsentState,
    orders_count: i64,
    total_spent: String,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_order_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_order_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// Only if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    countries: Option<Vec<String>>,
}

/// Customers
///
/// What was stored before the call is in the list. Instants are to the second.
#[utoipa::path(get, operation_id = "list_customers", path = "/api/v1/customers", tag = "Customers", params(CustomersAsked),
    responses((status = 200, body = List<CustomerBrief>),
    (status = 404, description = "no such segment", body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<CustomersAsked>,
) -> Result<Json<List<CustomerBrief>>, Problem> {
    listed(&deps, &caller, &asked, None).await.map(Json)
}

/// Of all, or of those who are in a segment.
pub(crate) async fn listed(
    deps: &Deps,
    caller: &Caller,
    asked: &CustomersAsked,
    within_segment: Option<SegmentId>,
) -> Result<List<CustomerBrief>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let mut question = asked.understood(Scene::of(caller, deps.now()))?;
    question.people.segments.extend(within_segment);
    let secrets = deps.open_secrets().await?;
    let cursors_of = match within_segment {
        Some(id) => format!("{}/members of {id} by {}", caller.store.id(), question.order),
        None => format!("{}/customers by {}", caller.store.id(), question.order),
    };
    let within = Within { secrets: &secrets, list: cursors_of };
    let after = asked.cursor.as_deref().map(|cursor| place(&within.unsealed(cursor)?)).transpose()?;
    let skipped = match asked.offset {
        Some(offset) => left_out(offset, asked.page.is_some() || asked.cursor.is_some())?,
        None => counted(asked.page, asked.cursor.is_some(), limit)?,
    };

    let program = question.people.program(&caller.store).await?;
    let view = deps.audience(&caller.store, &question.families()).await?;
    let people = &question.people;
    let selected = view.select(&program).map_err(FlowError::broken)?;
    // One more than is shown tells whether there are more.
    let places = selected.sorted(people.by.clone(), people.backward, skipped + limit + 1, after);
    let is_more = places.len() > skipped + limit;
    let shown: Vec<_> = places.into_iter().skip(skipped).take(limit).collect();
    let next = match shown.last().filter(|_| is_more) {
        Some(last) => Some(within.sealed(&text_of(last), &*deps.dice)?),
        None => None,
    };
    let rows = shown.iter().filter_map(|place| view.row(place.slot));
    let briefs = rows.map(|row| CustomerBrief::of(&row, caller.tenant.currency, question.with_tags));
    Ok(List::new(briefs.collect(), selected.total(), next))
}

/// How many rows stand before that page.
pub(crate) fn counted(page: Option<usize>, has_cursor: bool, limit: usize) -> Result<usize, FlowError> {
    let Some(page) = page else { return Ok(0) };
    if has_cursor {
        return Err(FlowError::invalid("?page", "invalid", "goes not together with a cursor"));
    }
    let skipped = page.checked_sub(1).and_then(|before| before.checked_mul(limit));
    skipped.filter(|skipped| *skipped <= COUNTED_MAX).ok_or_else(|| {
        let sentence =
            format!("must be from 1 on, and lead no deeper than {COUNTED_MAX} rows: follow `next`");
        FlowError::invalid("?page", "out_of_range", sentence)
    })
}

/// The same, told as rows.
fn left_out(offset: usize, has_other: bool) -> Result<usize, FlowError> {
    if has_other {
        return Err(FlowError::invalid("?offset", "invalid", "goes not together with a page or a cursor"));
    }
    if offset > COUNTED_MAX {
        let sentence = format!("must be at most {COUNTED_MAX}: follow `next`");
        return Err(FlowError::invalid("?offset", "out_of_range", sentence));
    }
    Ok(offset)
}

impl CustomerBrief {
    pub(crate) fn of(row: &Row, currency: Currency, with_tags: bool) -> Self {
        let text = |text: Text| row[text].as_deref().map(str::to_owned);
        let at = |number: Number| row[number].and_then(|second| Timestamp::from_second(second).ok());
        let words = |list: Words| with_tags.then(|| row.list(list).iter().map(ToString::to_string).collect());
        let state = |code: Code| {
            let known = ConsentState::ALL.into_iter().find(|state| *state as u8 == row[code]);
            known.unwrap_or(ConsentState::NotSubscribed)
        };
        Self {
            id: text(Text::Id).unwrap_or_default(),
            kind: if row[Code::Reach] & Reach::GUEST > 0 { "guest" } else { "person" },
            name: whole_name(row[Text::FirstName].as_deref(), row[Text::LastName].as_deref()),
            first_name: text(Text::FirstName),
            last_name: text(Text::LastName),
            email: text(Text::Email),
            phone: text(Text::Phone),
            language: row[columns::Word::Language].as_deref().map(str::to_owned),
            email_consent: state(Code::EmailState),
            sms_consent: state(Code::SmsState),
            orders_count: row[Number::Orders].unwrap_or_default(),
            total_spent: amount(row[Number::Spent].unwrap_or_default().into(), currency),
            currency,
            first_order_at: at(Number::FirstOrder),
            last_order_at: at(Number::LastOrder),
            created_at: at(Number::Added),
            tags: words(Words::Tags),
            countries: words(Words::Countries),
        }
    }
}

/// A place as a cursor holds it.
pub(crate) fn text_of(place: &Place) -> String {
    let slot = place.slot.0;
    match &place.rank {
        Rank::Number(number) => format!("n{slot} {number}"),
        Rank::Text(text) => format!("t{slot} {text}"),
        Rank::Absent => format!("a{slot} "),
    }
}

pub(crate) fn place(text: &str) -> Result<Place, FlowError> {
    let read = || {
        let (slot, rank) = text.get(1..)?.split_once(' ')?;
        let rank = match text.as_bytes().first()? {
            b'n' => Rank::Number(rank.parse().ok()?),
            b't' => Rank::Text(rank.into()),
            _ => Rank::Absent,
        };
        Some(Place { rank, slot: Slot(slot.parse().ok()?) })
    };
    read().ok_or_else(|| FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_its_place() {
        for rank in
            [Rank::Number(-3), Rank::Text("ada lovelace ".into()), Rank::Text("".into()), Rank::Absent]
        {
            let there = Place { rank, slot: Slot(70_000) };
            assert_eq!(place(&text_of(&there)).unwrap(), there);
        }
        for wrong in ["", "n", "n1", "nx 1", "n1 x", "\u{e9}1 2"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_are_counted_from_one() {
        assert_eq!(counted(None, true, 20).unwrap(), 0);
        assert_eq!(counted(Some(1), false, 20).unwrap(), 0);
        assert_eq!(counted(Some(3), false, 20).unwrap(), 40);
        for (page, has_cursor) in [(0, false), (502, false), (usize::MAX, false), (1, true)] {
            assert!(counted(Some(page), has_cursor, 20).is_err(), "{page}");
        }
    }
}
