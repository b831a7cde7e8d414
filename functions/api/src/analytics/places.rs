//! Where customers live, and what each place brings.
//!
//! Read from the lists of places in the audience, which hold every address of a customer: whoever has addresses in two
//! countries lives in both. Cities stand there without their country.

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::State};
use columns::{Buyer, Family, List, View, fold};
use domain::{Currency, Permission, Zone};
use flows::FlowError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    kept::Weighs,
    range::{Range, RangeTold, today},
    sold::{Calendar, Sums, counts},
    told::{Figured, RangeView},
    top::First,
};
use crate::{
    App,
    cursor::limited,
    customers::{filter::told, view::amount},
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

const FAMILIES: [Family; 2] = [Family::Orders, Family::Tags];

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlacesAsked {
    /// `country` unless told, or `city`.
    by: Option<String>,
    /// How many places at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// Orders of so many days until today, up to `3660d`, or `1y`. All time unless told.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum By {
    Country,
    City,
}

/// What is known of one place.
#[derive(Debug, Clone, Default)]
struct Place {
    name: String,
    customers: u64,
    buyers: u64,
    sums: Sums,
}

#[derive(Debug, Default)]
struct Places {
    top: Vec<Place>,
    count: usize,
    unknown: Place,
}

impl Weighs for Place {
    fn bytes_beyond(&self) -> usize {
        self.name.capacity()
    }
}

impl Weighs for Places {
    fn bytes_beyond(&self) -> usize {
        self.top.bytes_beyond() + self.unknown.bytes_beyond()
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Geography {
    by: &'static str,
    /// `null`: all time.
    range: Option<RangeView>,
    /// Those that brought most first.
    items: Vec<PlaceView>,
    /// All places that there are.
    places: usize,
    /// Of customers without such an address, of walk-ins, and of those who are gone.
    unknown: UnknownPlace,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// A country's two letters, or a city as most customers write it.
    place: String,
    /// All who live there, whether or not they ordered.
    customers: u64,
    /// Those who ordered, each once.
    buyers: u64,
    orders: u64,
    /// Of orders that count, less what was refunded.
    revenue: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnknownPlace {
    customers: u64,
    buyers: u64,
    orders: u64,
    revenue: String,
}

/// Where customers live
///
/// Who has addresses in two places is counted in both, with all that they bought. Cities are compared without case and accents.
#[utoipa::path(get, operation_id = "geography", path = "/api/v1/analytics/geography", tag = "Analytics",
    params(PlacesAsked), responses((status = 200, body = Figured<Geography>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<PlacesAsked>,
) -> Result<Json<Figured<Geography>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    caller.must(Permission::ReadOrders)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let limit = limited(asked.limit)?;
    let mut faults = Faults::default();
    let by = faults.take("?by", By::read(told(asked.by.as_ref()).unwrap_or("country")));
    let by = faults.none(by)?;
    let PlacesAsked { timeframe, since, until, .. } = &asked;
    let told = RangeTold { timeframe: timeframe.as_ref(), since: since.as_ref(), until: until.as_ref() };
    let range = told.is_told().then(|| told.understood(today(zone, now))).transpose()?;
    let question = format!("places {by:?} {range:?} {limit} {zone}");
    let folded = deps
        .folded(&caller.store, &FAMILIES, question, |view| Places::of(view, by, range, zone, limit))
        .await?;
    let found = &folded.figures;
    let (unknown, sums) = (&found.unknown, found.unknown.sums);
    let geography = Geography {
        by: by.name(),
        range: range.map(RangeView::of),
        items: found.top.iter().map(|place| PlaceView::of(place, currency)).collect(),
        places: found.count,
        unknown: UnknownPlace {
            customers: unknown.customers,
            buyers: unknown.buyers,
            orders: sums.orders,
            revenue: amount(sums.revenue, currency),
        },
    };
    Ok(Json(Figured::of(geography, &caller, now)))
}

impl By {
    fn read(told: &str) -> Result<Self, String> {
        match told {
            "country" => Ok(Self::Country),
            "city" => Ok(Self::City),
            _ => Err("is not one of country, city".to_owned()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::City => "city",
        }
    }

    fn list(self) -> List {
        match self {
            Self::Country => List::Countries,
            Self::City => List::Cities,
        }
    }
}

impl Places {
    fn of(view: &View, by: By, range: Option<Range>, zone: &Zone, limit: usize) -> Result<Self, FlowError> {
        let calendar =
            range.map(|range| Ok::<_, FlowError>((Calendar::of(range, zone)?, range))).transpose()?;
        let bought = |buyer: &Buyer<'_>| {
            let mut sums = Sums::default();
            for sale in buyer.sales().filter(counts) {
                let is_meant = calendar
                    .as_ref()
                    .is_none_or(|(calendar, range)| calendar.day(sale.at).is_some_and(|day| range.has(day)));
                if is_meant {
                    sums.add(sale.net);
                }
            }
            sums
        };
        // As it is written, beside how it is compared: few spellings, many customers.
        let mut spelled: HashMap<&str, Place> = HashMap::new();
        let (mut unknown, mut folded) = (Place::default(), HashMap::<&str, String>::new());
        for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)? {
            let (sums, mut lives) = (bought(&buyer), Vec::new());
            for word in buyer.words(by.list()) {
                // Two spellings of one city are one place.
                let is_new = lives.is_empty()
                    || !lives.iter().any(|other: &&str| {
                        *folded.entry(other).or_insert_with(|| fold(other)) == fold(word)
                    });
                if is_new {
                    lives.push(word);
                }
            }
            if lives.is_empty() {
                unknown.add(&buyer, sums);
            }
            for word in lives {
                spelled.entry(word).or_default().add(&buyer, sums);
            }
        }
        let mut places: BTreeMap<String, (u64, Place)> = BTreeMap::new();
        let mut spelled: Vec<_> = spelled.into_iter().collect();
        spelled.sort_unstable_by_key(|(word, _)| *word);
        for (word, place) in spelled {
            let (most, whole) = places.entry(fold(word)).or_default();
            if whole.name.is_empty() || place.customers > *most {
                (*most, whole.name) = (place.customers, word.to_owned());
            }
            whole.join(&place);
        }
        let count = places.len();
        let mut top = First::new(limit, |one: &Place, other: &Place| {
            let by = other.sums.revenue.cmp(&one.sums.revenue).then(other.customers.cmp(&one.customers));
            by.then_with(|| one.name.cmp(&other.name))
        });
        for (_, place) in places.into_values() {
            top.add(place);
        }
        Ok(Self { top: top.finish(), count, unknown })
    }
}

impl Place {
    fn add(&mut self, buyer: &Buyer<'_>, sums: Sums) {
        if buyer.is_somebody() {
            self.customers += 1;
            self.buyers += u64::from(sums.orders > 0);
        }
        self.sums.orders += sums.orders;
        self.sums.revenue += sums.revenue;
    }

    fn join(&mut self, other: &Self) {
        self.customers += other.customers;
        self.buyers += other.buyers;
        self.sums.orders += other.sums.orders;
        self.sums.revenue += other.sums.revenue;
    }
}

impl PlaceView {
    fn of(place: &Place, currency: Currency) -> Self {
        Self {
            place: place.name.clone(),
            customers: place.customers,
            buyers: place.buyers,
            orders: place.sums.orders,
            revenue: amount(place.sums.revenue, currency),
        }
    }
}
