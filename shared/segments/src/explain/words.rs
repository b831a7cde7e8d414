//! Why a leaf holds, or does not, in a sentence for people.

use domain::{Currency, Minor, Timestamp, Zone, fields};
use rules::{Event, Field, Known, Leaf, Rule, Shop};

use super::Seen;
use crate::scene::Scene;

/// `rule`: the leaf, or its opposite; `(holds, only because nothing is known)`.
pub(super) fn why(
    scene: &Scene<'_>,
    rule: &Rule,
    leaf: &Leaf,
    seen: &Seen,
    (holds, is_because_empty): (bool, bool),
) -> String {
    let asked = rule.in_words(&Shop::new(scene.currency));
    let asked = asked.strip_prefix("customers ").unwrap_or(&asked);
    let is = observed(scene, leaf, seen);
    match (holds, is_because_empty, seen) {
        (_, true, _) => format!("{is}, and “{asked}” holds because of that alone"),
        (true, ..) => format!("{is}, which fits “{asked}”"),
        (false, _, Seen::Nothing) => {
            format!("{is}, and what is not known fits no comparison: “{asked}” does not hold")
        }
        (false, ..) => format!("{is}, which does not fit “{asked}”"),
    }
}

fn observed(scene: &Scene<'_>, leaf: &Leaf, seen: &Seen) -> String {
    match (leaf, seen) {
        (Leaf::Field { field, .. } | Leaf::Anniversary { field, .. }, seen) => of_field(scene, field, seen),
        (Leaf::Bucket { seed, .. }, seen) => format!("the number by “{seed}” is {}", shown(scene, seen)),
        (Leaf::Event { event, .. }, Seen::Fitting { count, amount, quantity }) => {
            let (one, many) = noun(*event);
            if *count == 0 {
                return format!("no {one} fits");
            }
            let pieces = quantity.map(|quantity| format!(", {quantity} in all")).unwrap_or_default();
            let fit = if *count == 1 { format!("1 {one} fits") } else { format!("{count} {many} fit") };
            format!("{fit}{pieces}, for {}", money(*amount, scene.currency))
        }
        (Leaf::Event { .. }, Seen::Whole(0)) => "no event of a message fits".to_owned(),
        (Leaf::Event { .. }, Seen::Whole(1)) => "1 event of a message fits".to_owned(),
        (Leaf::Event { .. }, Seen::Whole(count)) => format!("{count} events of messages fit"),
        (Leaf::Near { .. }, Seen::Within(true)) => "one of their addresses lies there".to_owned(),
        (Leaf::Near { .. }, Seen::Within(false)) => "none of their addresses lies there".to_owned(),
        (Leaf::Segment(id), Seen::Within(is)) => format!("they are {}in the segment {id}", not(*is)),
        (Leaf::List(id), Seen::Within(is)) => format!("they are {}on the list {id}", not(*is)),
        _ => "nothing is known".to_owned(),
    }
}

fn of_field(scene: &Scene<'_>, field: &Field, seen: &Seen) -> String {
    let label = match field {
        Field::Known(known) => known.label(),
        Field::Own(own) => &own.name,
    };
    match (field, seen) {
        (_, Seen::Nothing) => format!("nothing is known of their {label}"),
        (_, Seen::Texts(texts)) if texts.is_empty() => format!("there is nothing among their {label}"),
        (_, Seen::Texts(texts)) => {
            let texts: Vec<_> = texts.iter().map(|text| format!("“{text}”")).collect();
            format!("their {label} are {}", texts.join(", "))
        }
        (Field::Known(Known::CanEmail | Known::CanSms), Seen::Yes(yes)) => {
            let channel = if matches!(field, Field::Known(Known::CanSms)) { "SMS" } else { "email" };
            format!("they {} be reached by {channel}", if *yes { "can" } else { "cannot" })
        }
        (_, seen) => format!("their {label} is {}", shown(scene, seen)),
    }
}

fn shown(scene: &Scene<'_>, seen: &Seen) -> String {
    match seen {
        Seen::Nothing => "not known".to_owned(),
        Seen::Text(text) => format!("“{text}”"),
        Seen::Texts(texts) => texts.join(", "),
        Seen::Whole(number) => number.to_string(),
        Seen::Number(millionths) => fields::show_number(*millionths),
        Seen::Money(minor) => money(*minor, scene.currency),
        Seen::Average(spent, orders) => {
            let ending = if *orders == 1 { "" } else { "s" };
            format!("{} in {orders} order{ending}", money(*spent, scene.currency))
        }
        Seen::Yes(yes) | Seen::Within(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Seen::At(at) => local(*at, scene.zone),
        Seen::Day(day) => day.to_string(),
        Seen::Fitting { count, .. } => count.to_string(),
    }
}

/// By the shop's clocks.
fn local(at: Timestamp, zone: &Zone) -> String {
    let there = at.to_zoned(zone.time_zone().clone());
    format!("{} {:02}:{:02}:{:02}", there.date(), there.hour(), there.minute(), there.second())
}

fn money(minor: i64, currency: Currency) -> String {
    let amount = Minor::new(minor).map_or_else(|_| minor.to_string(), |minor| minor.show(currency));
    format!("{amount} {currency}")
}

fn noun(event: Event) -> (&'static str, &'static str) {
    match event {
        Event::ProductsPurchased => ("product bought", "products bought"),
        _ => ("order", "orders"),
    }
}

fn not(is: bool) -> &'static str {
    if is { "" } else { "not " }
}
