//! Membership that is kept — flipped when somebody changes, and when their time has come — is membership found anew.

use columns::{Batch, Members, Program, View};
use domain::Timestamp;
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};
use rules::Rule;
use segments::{changes_at, compile};

use crate::{
    agree::here,
    people::{Person, block, people, person},
    rules_any::{given, rule},
    scene,
    slow::Here,
};

/// Who is in, and when it is to be looked at each of them again.
struct Kept {
    members: Members,
    due: Vec<Option<Timestamp>>,
}

impl Kept {
    fn look(&mut self, rule: &Rule, scene: &segments::Scene<'_>, person: &Person) {
        let one = Batch::of(&[(person.slot(), person.row())]).expect("a row has a form");
        let program = Program::new(compile(rule, scene).expect("all of it can be asked"));
        if program.select(&one).expect("all is read") == [1] {
            self.members.insert(person.slot());
        } else {
            self.members.remove(person.slot());
        }
        self.due[person.customer.slot as usize] =
            changes_at(rule, scene, person.slot(), &person.row()).expect("all of it can be asked");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn kept_is_as_found_at_every_instant(
        ((zone, now), mut people, changed, rules, given, steps) in here().prop_flat_map(|(zone, now)| {
            let steps = vec((any::<prop::sample::Index>(), any::<bool>(), 1..200_i64), 1..15);
            (Just((zone.clone(), now)), people(now, &zone, 8), vec(person(now, zone), 15), vec(rule(now), 3), given(now), steps)
        })
    ) {
        for rule in rules {
            let mut now = now;
            let mut kept = Kept { members: Members::default(), due: vec![None; people.len()] };
            for person in &people {
                kept.look(&rule, &scene(&zone, now, &given), person);
            }
            for ((whose, is_change, hours), new) in steps.iter().zip(&changed) {
                let until = now + SignedDuration::from_mins(hours * 37);
                while let Some((slot, at)) = (0..).zip(&kept.due).filter_map(|(slot, due)| Some((slot, (*due)?))).filter(|(_, at)| *at <= until).min_by_key(|(_, at)| *at) {
                    let person: &Person = &people[slot];
                    kept.look(&rule, &scene(&zone, at, &given), person);
                }
                now = until;
                if *is_change {
                    let slot = whose.index(people.len());
                    let mut person = new.clone();
                    person.customer.slot = people[slot].customer.slot;
                    person.customer.id = people[slot].customer.id;
                    let opening = person.customer.opening;
                    people[slot] = person.settled(opening);
                    kept.look(&rule, &scene(&zone, now, &given), &people[slot]);
                }
                let program = Program::new(compile(&rule, &scene(&zone, now, &given)).expect("all of it can be asked"));
                let found = View::of([block(&people)]).select(&program).expect("all is read").members();
                prop_assert_eq!(&kept.members, &found, "{} at {}", rule, now);
                let here = Here { zone: &zone, now, given: &given };
                let slowly: Members = people.iter().filter(|person| here.passes(&rule, person)).map(Person::slot).collect();
                prop_assert_eq!(&found, &slowly, "{} at {}", rule, now);
            }
        }
    }
}
