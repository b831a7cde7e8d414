//! Which customers a list is of, and in which order: a query as a program over the audience.

use std::collections::BTreeSet;

use columns::{Among, By, Code, Family, List, Number, Span, Test, Text, Word, uncased};
use domain::{ConsentState, Minor, SegmentId, customer::Reach, fields};
use flows::{FlowError, taking::People};
use serde::Deserialize;
use utoipa::IntoParams;

use super::told::{Scene, word};
use crate::{error::Problem, input::Faults};

/// What a list may be asked. What is told empty is not told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomersAsked {
    /// How many at most: 1 to 100, 20 unless told.
    pub(super) limit: Option<usize>,
    /// The `next` of the page before.
    pub(super) cursor: Option<String>,
    /// For callers who count pages, from 1 on; `cursor` is better, and goes further.
    pub(super) page: Option<usize>,
    /// The same for callers who count rows: so many are left out.
    pub(super) offset: Option<usize>,
    /// Parts of names, addresses and numbers; case and accents do not matter.
    #[serde(alias = "q")]
    search: Option<String>,
    /// `created_at` unless told, `last_order_at`, `first_order_at`, `total_spent`, `orders_count`, `first_name`,
    /// `last_name` or `email`.
    #[serde(alias = "sortBy")]
    sort: Option<String>,
    /// `desc` unless told, or `asc`. Who has no value comes last either way.
    #[serde(alias = "sortOrder")]
    order: Option<String>,
    tag: Option<String>,
    /// Two letters.
    country: Option<String>,
    language: Option<String>,
    /// `person` or `guest`.
    kind: Option<String>,
    /// `not_subscribed`, `subscribed`, `pending`, `unsubscribed`, `invalid` or `redacted`.
    email_consent: Option<String>,
    sms_consent: Option<String>,
    has_email: Option<bool>,
    has_phone: Option<bool>,
    has_orders: Option<bool>,
    /// Has left a basket behind, and bought nothing since.
    has_abandoned_cart: Option<bool>,
    /// In the tenant's currency: `12.30`.
    min_spent: Option<String>,
    max_spent: Option<String>,
    min_orders: Option<i64>,
    max_orders: Option<i64>,
    /// An instant, or a day of the shop's.
    added_since: Option<String>,
    /// Not itself.
    added_before: Option<String>,
    last_order_since: Option<String>,
    last_order_before: Option<String>,
    /// The id of a segment: those alone who are in it, as it is kept.
    segment: Option<String>,
    /// `tags`: each with its tags and countries.
    include: Option<String>,
}

/// A list's question, understood.
pub(super) struct Question {
    pub(super) people: People,
    /// By what a cursor knows that it is of this order.
    pub(super) order: String,
    pub(super) with_tags: bool,
}

/// Every name by which a list is sorted, with those of other systems.
const SORTS: [(&str, &[&str], Sort); 8] = [
    ("created_at", &["createdAt", "added_at"], Sort::Number(Number::Added)),
    ("last_order_at", &["lastOrderDate", "last_order_date"], Sort::Number(Number::LastOrder)),
    ("first_order_at", &[], Sort::Number(Number::FirstOrder)),
    ("total_spent", &["totalSpent", "totalSpending", "total_spend"], Sort::Number(Number::Spent)),
    ("orders_count", &["ordersCount", "visitCount", "total_visits"], Sort::Number(Number::Orders)),
    ("first_name", &["name", "firstName"], Sort::Text(Text::FirstName)),
    ("last_name", &["lastName"], Sort::Text(Text::LastName)),
    ("email", &[], Sort::Text(Text::Email)),
];

#[derive(Clone, Copy)]
enum Sort {
    Number(Number),
    Text(Text),
}

const SEARCH_WORDS_MAX: usize = 10;
const SEARCH_CHARS_MAX: usize = 200;

const STATES: [&str; 6] = ["not_subscribed", "subscribed", "pending", "unsubscribed", "invalid", "redacted"];

impl CustomersAsked {
    pub(super) fn understood(&self, scene: Scene<'_>) -> Result<Question, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let mut tests = Vec::new();
        let bits = |all: u8, none: u8| Test::Bits(Code::Reach, all, none);
        // Each word is somewhere in what names a customer: a name and a surname are two texts.
        let search = it.maybe("?search", told(self.search.as_ref()), searched);
        tests.extend(search.into_iter().flatten());
        if let Some(tag) = it.maybe("?tag", told(self.tag.as_ref()), fields::tag) {
            tests.push(Test::List(List::Tags.into(), Among::Uncased(BTreeSet::from([uncased(&tag).into()]))));
        }
        if let Some(country) = it.maybe("?country", told(self.country.as_ref()), fields::country) {
            tests.push(Test::List(List::Countries.into(), Among::Exactly(BTreeSet::from([country.into()]))));
        }
        if let Some(language) = it.maybe("?language", told(self.language.as_ref()), fields::language) {
            tests.push(Test::Word(Word::Language, Among::Exactly(BTreeSet::from([language.into()]))));
        }
        match it.maybe("?kind", told(self.kind.as_ref()), |kind| one_of(kind, &["person", "guest"])) {
            Some("guest") => tests.push(bits(Reach::GUEST, 0)),
            Some(_) => tests.push(bits(0, Reach::GUEST)),
            None => {}
        }
        for (at, asked, code) in [
            ("?email_consent", &self.email_consent, Code::EmailState),
            ("?sms_consent", &self.sms_consent, Code::SmsState),
        ] {
            let state = it.maybe(at, told(asked.as_ref()), |state| word::<ConsentState>(state, &STATES));
            tests.extend(state.map(|state| Test::Code(code, 1 << state as u8)));
        }
        for (asked, bit) in [
            (self.has_email, Reach::HAS_EMAIL),
            (self.has_phone, Reach::HAS_PHONE),
            (self.has_abandoned_cart, Reach::LEFT_CART),
        ] {
            tests.extend(asked.map(|has| if has { bits(bit, 0) } else { bits(0, bit) }));
        }
        tests.extend(self.has_orders.map(|has| {
            Test::Number(Number::Orders.into(), if has { Span::AT_LEAST_ONE } else { Span::to(0) })
        }));
        self.spans(scene, it, &mut tests);
        let sorted = it.take("?sort", sorted(told(self.sort.as_ref())));
        let order = told(self.order.as_ref()).unwrap_or("desc").to_ascii_lowercase();
        let backward = it.take("?order", one_of(&order, &["asc", "desc"])).map(|order| order == "desc");
        let segment = it.maybe("?segment", told(self.segment.as_ref()), |id| {
            id.parse::<SegmentId>().map_err(|_| "is not the id of a segment")
        });
        let include = it.maybe("?include", told(self.include.as_ref()), |told| one_of(told, &["tags"]));
        let ((name, sort), backward) = faults.none(sorted.zip(backward))?;
        let by = match sort {
            Sort::Number(number) => By::Number(number.into()),
            Sort::Text(text) => By::Text(text.into()),
        };
        let order = format!("{name} {backward}");
        Ok(Question {
            people: People { which: Test::All(tests), by, backward, segments: segment.into_iter().collect() },
            order,
            with_tags: include.is_some(),
        })
    }

    /// As a file holds them: all.
    pub(crate) fn taken(&self, scene: Scene<'_>) -> Result<People, Problem> {
        whole(self.limit.is_some() || self.cursor.is_some() || self.page.is_some())?;
        Ok(self.understood(scene)?.people)
    }

    fn spans(&self, scene: Scene<'_>, faults: &mut Faults, tests: &mut Vec<Test>) {
        let mut amount = |at: &str, asked: &Option<String>| {
            let parse = |amount| Minor::parse(amount, scene.currency).map(Minor::get);
            faults.maybe(at, told(asked.as_ref()), parse)
        };
        let spent = (amount("?min_spent", &self.min_spent), amount("?max_spent", &self.max_spent));
        let mut second = |at: &str, asked: &Option<String>, before: i64| {
            let parse =
                |instant: &str| fields::instant(instant, scene.zone).map(|at| at.as_second() - before);
            faults.maybe(at, told(asked.as_ref()), parse)
        };
        let added =
            (second("?added_since", &self.added_since, 0), second("?added_before", &self.added_before, 1));
        let last = (
            second("?last_order_since", &self.last_order_since, 0),
            second("?last_order_before", &self.last_order_before, 1),
        );
        let orders = (self.min_orders, self.max_orders);
        let all = [
            (Number::Spent, spent),
            (Number::Orders, orders),
            (Number::Added, added),
            (Number::LastOrder, last),
        ];
        for (number, (least, most)) in all {
            if least.is_some() || most.is_some() {
                let span = Span::new(least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
                tests.push(Test::Number(number.into(), span));
            }
        }
    }
}

impl Question {
    pub(super) fn families(&self) -> Vec<Family> {
        let tags = self.with_tags.then_some(Family::Tags);
        self.people.families().into_iter().chain(tags).collect()
    }
}

/// A file has no pages.
pub(crate) fn whole(is_paged: bool) -> Result<(), FlowError> {
    let sentence = "goes not together with a file: it holds all that is asked for";
    if is_paged { Err(FlowError::invalid("?limit", "invalid", sentence)) } else { Ok(()) }
}

pub(crate) fn told(asked: Option<&String>) -> Option<&str> {
    asked.map(|asked| asked.trim()).filter(|asked| !asked.is_empty())
}

/// Each word is looked for among all names: so many of so many letters.
pub(crate) fn searched(search: &str) -> Result<Vec<Test>, String> {
    let words: Vec<&str> = search.split_whitespace().collect();
    if words.len() > SEARCH_WORDS_MAX || search.chars().count() > SEARCH_CHARS_MAX {
        return Err(format!("may have at most {SEARCH_WORDS_MAX} words and {SEARCH_CHARS_MAX} letters"));
    }
    let is_of_numbers = |letter: char| letter.is_ascii_digit() || "+()-./ ".contains(letter);
    let digits: String = search.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect();
    if search.chars().all(is_of_numbers) && digits.len() >= 4 {
        // A telephone number, as people space it.
        return Ok(vec![Test::Any(vec![Test::Search(digits), Test::Search(search.to_owned())])]);
    }
    Ok(words.into_iter().map(|word| Test::Search(word.to_owned())).collect())
}

pub(crate) fn one_of<'a>(told: &'a str, known: &[&str]) -> Result<&'a str, String> {
    if known.contains(&told) { Ok(told) } else { Err(format!("is not one of {}", known.join(", "))) }
}

fn sorted(told: Option<&str>) -> Result<(&'static str, Sort), String> {
    let told = told.unwrap_or("created_at");
    let found = SORTS.iter().find(|(name, others, _)| *name == told || others.contains(&told));
    let names = || SORTS.map(|(name, ..)| name).join(", ");
    found.map(|(name, _, sort)| (*name, *sort)).ok_or_else(|| format!("is not one of {}", names()))
}
