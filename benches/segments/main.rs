//! Segments of a million customers: previewed, settled, swept at midnight, and asked of one who has changed.
//!
//! `segments [--customers N] FOLDER` writes the shop as CSV into the folder, and the rules beside what they are in SQL, so
//! that another engine's answers can be held against these. Then it prints one JSON line for each figure: medians of the
//! wall clock and of this thread's CPU in seconds, and what was found.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

#[path = "../audience/clock.rs"]
mod clock;
mod rules_of_a_shop;
#[path = "../audience/shop.rs"]
mod shop;

use clock::{Spent, median, once};
use columns::{
    Batch, BlockNumber, By, Family, Few, Key, Members, Number, Program, Row, Slot, View, decode, encode,
};
use domain::{Currency, TenantId, Timestamp, Zone};
use rules::{Rule, Shop};
use rules_of_a_shop::Both;
use segments::{Given, Scene, compile, parts};
use shop::{DAY, NOW};
use std::{fs, path::Path};

const REPEATS: usize = 15;
/// What reads and decodes a shop a hundred times is not asked as often.
const FEW: usize = 3;
const RULES: u64 = 100;
const OF_ONE: u64 = 500;

/// What a preview answers.
#[derive(Debug)]
struct Preview {
    total: u64,
    spent: i128,
    leaves: Vec<u64>,
    top: Vec<Slot>,
}

fn main() {
    let (customers, folder) = asked(std::env::args().skip(1));
    let rows = shop::customers(customers);
    shop::write_csv(Path::new(&folder), &rows).expect("the shop can be written as CSV");
    let midnight = (NOW / DAY + 1) * DAY;
    let any: Vec<Both> = (0..RULES).map(|seed| Both::drawn(seed, NOW / DAY * DAY, false)).collect();
    let timely: Vec<Both> = (0..RULES).map(|seed| Both::drawn(seed, midnight, true)).collect();
    let preview = Both::of_a_preview(NOW / DAY * DAY);
    write_rules(
        Path::new(&folder),
        &[("preview", std::slice::from_ref(&preview)), ("any", &any), ("timely", &timely)],
    );

    let stored = Stored::of(&rows);
    let (today, tomorrow) = (At::of(NOW), At::of(midnight));
    let (spent, found) = median(FEW, || {
        let found = today.previewed(&preview, &stored.read(&[Family::Core]));
        stored.show(&found.top);
        found
    });
    say("preview, cold", spent, &found.told());
    let view = stored.read(&[Family::Core, Family::Name, Family::Orders]);
    let (spent, found) = median(REPEATS, || today.previewed(&preview, &view));
    say("preview, warm", spent, &found.told());

    let (spent, found) = median(FEW, || {
        let view = stored.read(&[Family::Core, Family::Orders]);
        any.iter().map(|rule| today.members(rule, &view).len()).collect::<Vec<_>>()
    });
    say("100 rules in one pass", spent, &format!("{found:?}"));
    let (spent, found) = once(|| {
        let one = |rule: &Both| {
            let program = today.program(&rule.text);
            let families: Vec<_> = program.families().collect();
            stored.read(&families).select(&program).expect("all is read").members().len()
        };
        any.iter().map(one).collect::<Vec<_>>()
    });
    say("100 rules in 100 passes", spent, &format!("{found:?}"));
    let (spent, found) =
        median(FEW, || timely.iter().map(|rule| tomorrow.members(rule, &view).len()).collect::<Vec<_>>());
    say("midnight sweep", spent, &format!("{found:?}"));
    one_changed(&rows, &today);
}

/// The row becomes columns once, and every rule of the shop is asked.
fn one_changed(rows: &[Option<Row>], today: &At) {
    let all = (0..OF_ONE).map(|seed| Both::drawn(seed, NOW / DAY * DAY, false));
    let programs: Vec<_> = all.map(|rule| today.program(&rule.text)).collect();
    let changed = [(Slot(7), rows[7].clone().expect("everyone is someone"))];
    // A thousand at a time: the CPU's clock is too coarse for one.
    let thousand = |run: &dyn Fn() -> usize| {
        let (spent, found) = median(REPEATS, || (0..1_000).map(|_| run()).sum::<usize>() / 1_000);
        (Spent { wall: spent.wall / 1_000.0, cpu: spent.cpu / 1_000.0 }, found.to_string())
    };
    let (spent, found) = thousand(&|| Batch::of(&changed).expect("a row has a form").len());
    say("one changed customer made columns", spent, &found);
    let (spent, found) = thousand(&|| {
        let batch = Batch::of(&changed).expect("a row has a form");
        let few = Few::of(&batch).expect("one is few");
        programs.iter().filter(|program| few.passing(program) == Ok(1)).count()
    });
    say("one changed customer, 500 rules", spent, &found);
}

fn asked(mut arguments: impl Iterator<Item = String>) -> (u32, String) {
    let (mut customers, mut folder) = (1_000_000, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--customers" => {
                customers = arguments.next().and_then(|told| told.parse().ok()).expect("a number follows");
            }
            // What cargo says to every benchmark.
            "--bench" => {}
            _ => folder = Some(argument),
        }
    }
    (customers, folder.expect("a folder is told"))
}

fn say(asked: &str, spent: Spent, found: &str) {
    println!(r#"{{"asked":"{asked}",{spent},"found":{found}}}"#);
}

fn write_rules(folder: &Path, all: &[(&str, &[Both])]) {
    let of = |(name, rules): &(&str, &[Both])| {
        let rules: Vec<_> = rules.iter().map(Both::json).collect();
        format!("\"{name}\": [{}]", rules.join(",\n"))
    };
    let all: Vec<_> = all.iter().map(of).collect();
    fs::write(folder.join("rules.json"), format!("{{{}}}", all.join(",\n"))).expect("the folder is there");
}

/// The blocks as they are kept.
struct Stored {
    rows: usize,
    core: Vec<Vec<u8>>,
    name: Vec<Vec<u8>>,
    orders: Vec<Vec<u8>>,
}

impl Stored {
    fn of(rows: &[Option<Row>]) -> Self {
        let family = |family| -> Vec<Vec<u8>> {
            let blocks = rows.chunks(4_096);
            blocks.map(|rows| encode(family, rows).expect("rows have a form")).collect()
        };
        let (core, name) = (family(Family::Core), family(Family::Name));
        Self { rows: rows.len(), core, name, orders: family(Family::Orders) }
    }

    fn read(&self, families: &[Family]) -> View {
        self.read_some(families, |_| true)
    }

    /// The names of a few, for whose sake those of their shards are read.
    fn show(&self, few: &[Slot]) {
        let shards: Vec<_> = few.iter().map(|slot| slot.shard()).collect();
        let view = self.read_some(&[Family::Core, Family::Name], |block| shards.contains(&block.shard()));
        assert!(few.iter().all(|slot| view.row(*slot).is_some()), "whoever is shown has a row");
    }

    fn read_some(&self, families: &[Family], is_read: impl Fn(BlockNumber) -> bool) -> View {
        let starts = (0..self.rows).step_by(4_096).zip(0..);
        let blocks = starts.filter(|(_, block)| is_read(BlockNumber(*block))).map(|(first, block)| {
            let mut batch = Batch::new(BlockNumber(block), (self.rows - first).min(4_096));
            for family in families {
                let bytes = match family {
                    Family::Core => &self.core,
                    Family::Name => &self.name,
                    Family::Orders => &self.orders,
                    other => panic!("{other:?} is not asked here"),
                };
                decode(&mut batch, *family, &bytes[block as usize]).expect("what was written can be read");
            }
            batch
        });
        View::of(blocks)
    }
}

/// A shop in UTC at one instant.
struct At {
    now: Timestamp,
    zone: Zone,
    given: Given,
}

impl At {
    fn of(second: i64) -> Self {
        let now = Timestamp::from_second(second).expect("within the calendar");
        Self { now, zone: Zone::UTC, given: Given::default() }
    }

    fn scene(&self) -> Scene<'_> {
        let tenant = TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        Scene { tenant, currency: Currency::USD, zone: &self.zone, now: self.now, given: &self.given }
    }

    fn program(&self, text: &str) -> Program {
        Program::new(compile(&rule(text), &self.scene()).expect("all of it can be asked"))
    }

    fn members(&self, rule: &Both, view: &View) -> Members {
        view.select(&self.program(&rule.text)).expect("all is read").members()
    }

    /// All that the API does between the rule's text and its answer.
    fn previewed(&self, both: &Both, view: &View) -> Preview {
        let rule = rule(&both.text);
        let program = Program::new(compile(&rule, &self.scene()).expect("all of it can be asked"));
        let selected = view.select(&program).expect("all is read");
        let spent = selected.tally(&Key::Everyone, &[Number::Spent]).pop_first();
        let leaves = parts(&rule, &self.scene()).expect("all of it can be asked").into_iter();
        let count = |test| view.select(&Program::new(test)).expect("all is read").total();
        let top = selected.sorted(By::Number(Number::Spent.into()), true, 5, None);
        Preview {
            total: selected.total(),
            spent: spent.and_then(|(_, tally)| Some(tally.sums.first()?.sum)).unwrap_or(0),
            leaves: leaves.map(|part| count(part.test)).collect(),
            top: top.iter().filter(|place| view.row(place.slot).is_some()).map(|place| place.slot).collect(),
        }
    }
}

impl Preview {
    fn told(&self) -> String {
        let top: Vec<_> = self.top.iter().map(|slot| slot.0).collect();
        format!("[{}, {}, {:?}, {top:?}]", self.total, self.spent, self.leaves)
    }
}

fn rule(text: &str) -> Rule {
    Rule::parse(text, &Shop::new(Currency::USD)).expect("it is a rule")
}
