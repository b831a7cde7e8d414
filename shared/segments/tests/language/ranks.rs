//! Ranks and groups, asked of columns by cut points alone, beside the scores that these give one by one.

use columns::{Batch, Number, Program, Row, Slot, View};
use domain::{Zone, days::number_of};
use insight::rfm::{Buyer, Cuts, Group, Scores};
use proptest::{collection::vec, prelude::*};
use segments::{Given, buyers, compile};

use crate::{parse, scene};

const NOW: i64 = 1_773_000_000;

/// When they last ordered (nobody knows, of some), how often, and what they spent.
fn row() -> impl Strategy<Value = Row> {
    let last = prop_oneof![1 => Just(None), 9 => (0..20_000_000_i64).prop_map(|ago| Some(NOW - ago))];
    (last, 0..5_i64, -2..9_i64).prop_map(|(last, orders, spent)| {
        let mut row = Row::default();
        row[Number::Added] = Some(0);
        row[Number::LastOrder] = last.filter(|_| orders > 0);
        row[Number::Orders] = Some(orders);
        row[Number::Spent] = Some(spent * 1_000);
        row
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ranks_are_what_cut_points_score(
        of_the_night in vec(row(), 0..260),
        now in vec(row(), 1..60),
        zone in prop::sample::select(&["UTC", "America/New_York", "Pacific/Auckland"][..]),
    ) {
        let zone: Zone = zone.parse().expect("a zone");
        let view = |rows: Vec<Row>| {
            let rows: Vec<_> = (0..).map(Slot).zip(rows).collect();
            View::of([Batch::of(&rows).expect("a row has a form")])
        };
        let buyers = |view: &View| -> Vec<(Slot, Buyer)> { buyers(view, &zone).expect("all is read") };
        let night = view(of_the_night);
        let cuts = Cuts::of(buyers(&night).into_iter().map(|(_, buyer)| buyer), number_of(zone.day_of_second(NOW)));
        let given = Given { cuts: Some(cuts), ..Given::default() };
        let now = view(now);
        let people = buyers(&now);
        let at = domain::Timestamp::from_second(NOW).expect("an instant");
        let check = |text: &str, is_meant: &dyn Fn(Option<Scores>) -> bool| {
            let test = compile(&parse(text), &scene(&zone, at, &given)).expect("it can be asked");
            let found = now.select(&Program::new(test)).expect("all is read").members();
            for (slot, buyer) in &people {
                let scores = cuts.score(buyer);
                prop_assert_eq!(found.has(*slot), is_meant(scores), "{} {:?} {:?}", text, buyer, scores);
            }
            Ok(())
        };
        let group = |scores: Option<Scores>| scores.map_or(Group::Prospects, Scores::group);
        for one in Group::ALL {
            check(&format!("rfm_group = '{}'", one.name()), &|scores| group(scores) == one)?;
        }
        check("rfm_group NOT IN ('NEW', 'PROSPECTS', 'LOYAL')", &|scores| {
            ![Group::New, Group::Prospects, Group::Loyal].contains(&group(scores))
        })?;
        check("rfm_group IS NULL", &|_| false)?;
        for score in 1..=5 {
            check(&format!("rfm_r = {score}"), &|scores| scores.is_some_and(|it| it.recency() == score))?;
            check(&format!("rfm_f >= {score}"), &|scores| scores.is_some_and(|it| it.frequency() >= score))?;
            check(&format!("rfm_m < {score}"), &|scores| scores.is_some_and(|it| it.monetary() < score))?;
        }
        check("rfm_f BETWEEN 2 AND 4", &|scores| scores.is_some_and(|it| (2..=4).contains(&it.frequency())))?;
        check("rfm_m != 3", &|scores| scores.is_none_or(|it| it.monetary() != 3))?;
        check("rfm_r IS NULL", &|scores| scores.is_none())?;
    }
}
