//! Throws broken rules at the language until something breaks: `cargo run -p rules --example fuzz -- CASES [SEED]`.
//!
//! Texts and JSON of the corpus are cut, joined and bent at random, and what is new (another problem, another leaf) joins the
//! corpus. The same seed throws the same. It ends with the first panic, the first place that is none, and the first rule
//! that is not read as it was printed.

use std::collections::BTreeSet;

use domain::Currency;
use rules::{Kind, Place, Problem, Rule, Shop};
use serde_json::Value as Json;

/// What a merchant could have written.
const TEXTS: &[&str] = &[
    "amount_spent > 500 AND (last_order_date >= -90d OR customer_tags NOT CONTAINS 'vip')",
    "orders_placed MATCHES (amount > 50, date BETWEEN -12m AND today, count >= 2, sum_amount >= 100.50)",
    "NOT (rfm_group IN ('LOYAL', 'AT_RISK') OR email STARTS WITH 'a\\'b')",
    "products_purchased(id: (1, 2), date: >= 90_days_ago) = true",
    "customer_within_distance(coordinates: (45.4215, -75.6972), distance_mi: 6.2) = true",
    "anniversary(date: 'metafields.facts.birth-date') BETWEEN today AND +30d",
    "bucket('spring') BETWEEN 0 AND 49 AND customer_tags LENGTH >= 2 AND EVERYONE",
    "funnel MATCHES (steps IN ('storefront.product_viewed', 'orders_placed'), within <= +7d, date >= -30d)",
    "shopify_email.opened(activity_id: 5240029206, count: > 1) = false",
    "attributes.shoe_size > 42.5 AND customer_tags CONTAINS ANY ('a', 'b') AND segment MATCHES (id = 'x')",
    "customer_added_date > 2026-01-31T16:00:00 AND customer_countries CONTAINS 'US' AND companies IS NOT NULL",
    "consent MATCHES (channel = 'SMS', NOT date > -30d) AND can_receive_email = TRUE",
    "email == \"a\" && number_of_orders <> 1,000 || last_order IS 5",
];

const JSONS: &[&str] = &[
    r#"{"all":[{"field":"amount_spent","op":"gt","value":{"money":"500.00"}},{"not":{"field":"customer_tags","op":"contains","value":"vip"}}]}"#,
    r#"{"event":"orders_placed","where":[{"param":"date","op":"gte","value":{"offset":"-365d"}}],"count":{"not":{"op":"eq","value":2}}}"#,
    r#"{"any":[{"bucket":"a","op":"between","value":[0,49]},{"field":"customer_tags","length":{"op":"gte","value":2}},{"everyone":true}]}"#,
    r#"{"logic":"OR","conditions":[{"field":"totalSpent","operator":">","value":5},{"field":"lastVisit","operator":"before","value":90}],"connectors":["AND"]}"#,
    r#"[{"id":"1","operator":"AND","rules":[{"field":"name","operator":"contains","value":"a"},{"field":"rfmSegment","operator":"in","value":["LOST"]}]}]"#,
    r#"{"condition_groups":[{"conditions":[{"type":"profile-metric","metric_id":"Placed Order","measurement":"count","measurement_filter":{"type":"numeric","operator":"equals","value":0}}]}]}"#,
];

/// Letters where lexers err.
const ODD: &[char] = &[
    '\'', '"', '\\', '(', ')', ',', ':', '-', '+', '.', '0', '9', '_', '=', '<', ' ', '\n', 'é', '\u{2028}',
    '{', ']',
];

/// The corpus grows no further.
const CORPUS_MAX: usize = 4_096;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let cases = arguments.next().and_then(Result::ok).unwrap_or(100_000);
    let seed = arguments.next().and_then(Result::ok).unwrap_or(1);
    let mut fuzz = Fuzz {
        shop: Shop::new(Currency::USD)
            .with("attributes.shoe_size", Kind::Number)
            .with("metafields.facts.birth-date", Kind::Date),
        dice: seed,
        corpus: [TEXTS.iter().chain(JSONS).map(|text| (*text).to_owned()).collect(), vec![]],
        seen: BTreeSet::new(),
        rules: 0,
    };
    for case in 0..cases {
        let text = fuzz.next();
        let rules = fuzz.rules;
        let is_new = fuzz.look(&text);
        let corpus = &mut fuzz.corpus[usize::from(fuzz.rules == rules)];
        if is_new && corpus.len() < CORPUS_MAX {
            corpus.push(text);
        }
        if (case + 1) % 100_000 == 0 {
            let [whole, broken] = fuzz.corpus.each_ref().map(Vec::len);
            println!(
                "{} cases, {} rules, a corpus of {whole} whole and {broken} broken",
                case + 1,
                fuzz.rules
            );
        }
    }
    println!("{cases} cases of seed {seed}: {} were rules, nothing broke", fuzz.rules);
}

struct Fuzz {
    shop: Shop,
    dice: u64,
    /// What is a rule, and what is broken in a way of its own.
    corpus: [Vec<String>; 2],
    /// What was said of the texts so far.
    seen: BTreeSet<String>,
    rules: u64,
}

impl Fuzz {
    /// By the generator `SplitMix64`.
    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.dice;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((number ^ (number >> 31)) % (sides.max(1) as u64)).unwrap_or(0)
    }

    fn pick(&mut self) -> String {
        let of = usize::from(self.roll(4) == 0 && !self.corpus[1].is_empty());
        let place = self.roll(self.corpus[of].len());
        self.corpus[of][place].clone()
    }

    fn next(&mut self) -> String {
        let mut letters: Vec<char> = self.pick().chars().collect();
        for _ in 0..=self.roll(3) {
            let at = self.roll(letters.len() + 1);
            let to = at + self.roll((letters.len() - at).min(12) + 1);
            match self.roll(5) {
                0 => drop(letters.drain(at..to)),
                1 => {
                    let again: Vec<_> = letters[at..to].to_vec();
                    letters.splice(at..at, again);
                }
                2 => {
                    let odd = ODD[self.roll(ODD.len())];
                    letters.insert(at, odd);
                }
                // A piece of another, word for word.
                3 => {
                    let other = self.pick();
                    let words: Vec<_> = other.split_inclusive([' ', ',', '(', '"']).collect();
                    let from = self.roll(words.len());
                    let until = from + 1 + self.roll((words.len() - from).min(6));
                    let piece = words[from..until.min(words.len())].concat();
                    letters.splice(at..to, piece.chars());
                }
                _ => {
                    let other = self.pick();
                    letters.extend([" AND ", " OR ", ", "][self.roll(3)].chars());
                    letters.extend(other.chars());
                }
            }
            letters.truncate(1_000);
        }
        letters.into_iter().collect()
    }

    /// Whether it says something new.
    fn look(&mut self, text: &str) -> bool {
        let mut said = self.told(text, Rule::parse(text, &self.shop), None);
        if let Ok(json) = serde_json::from_str::<Json>(text) {
            said.push_str(&self.told(text, Rule::from_json(&json, &self.shop), Some(&json)));
            let imported = Rule::import(&json, &self.shop).map(|imported| imported.rule);
            said.push_str(&self.told(text, imported, Some(&json)));
        }
        self.seen.insert(said)
    }

    fn told(&mut self, text: &str, read: Result<Rule, Vec<Problem>>, json: Option<&Json>) -> String {
        match read {
            Ok(rule) => {
                self.rules += 1;
                let printed = rule.to_string();
                assert_eq!(Rule::parse(&printed, &self.shop).as_ref(), Ok(&rule), "{text:?}");
                assert_eq!(Rule::from_json(&rule.to_json(), &self.shop).as_ref(), Ok(&rule), "{text:?}");
                assert!(!rule.in_words(&self.shop).is_empty());
                if let Ok(exported) = rule.to_shopify() {
                    assert!(Rule::parse(&exported.text, &self.shop).is_ok(), "{text:?}: {}", exported.text);
                }
                // The form of the rule without its values.
                printed.chars().filter(|letter| !letter.is_ascii_digit()).take(200).collect()
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                for problem in &problems {
                    match &problem.place {
                        Place::Bytes(bytes) => {
                            assert!(text.get(bytes.clone()).is_some(), "{problem:?} in {text:?}");
                        }
                        Place::Pointer(at) => {
                            assert!(
                                json.and_then(|json| json.pointer(at)).is_some(),
                                "{problem:?} in {text:?}"
                            );
                        }
                    }
                }
                let codes = problems
                    .iter()
                    .map(|problem| format!("{}{} ", problem.wrong.code(), problem.expected.len()));
                codes.take(4).collect()
            }
        }
    }
}
