//! What a merchant says in plain English, as a rule of the segment language.
//!
//! A small grammar, no guesses: words, then conditions, then how they are joined. What it makes is text of the language,
//! read by `rules` like anybody's, so it can only make what type-checks. What is not understood is told with its place;
//! it never lets in whom the words keep out, and where nothing is understood there is no rule: never everybody. Each
//! condition is looked for once where it could begin, so the work grows with the length of the prompt.

mod consent;
mod days;
mod doubts;
mod gap;
mod join;
mod last;
mod leaf;
mod mail;
mod measure;
mod number;
mod orders;
mod period;
mod person;
mod places;
mod products;
mod quantity;
mod reader;
mod sets;
mod speech;
mod states;
mod tags;
mod token;
mod tree;
mod unit;
mod when;

use std::fmt;

use jiff::civil::Date;
use rules::{Rule, Shop};

pub use gap::Gap;
pub use products::Products;
pub use sets::Sets;

use crate::{join::Unsafe, reader::Reader};

/// A prompt is no letter.
pub const PROMPT_BYTES_MAX: usize = 2_000;

/// For whom and when something is said.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub shop: &'a Shop,
    /// The shop's.
    pub today: Date,
    /// `None`: not looked up. Then no product is known, and `Understood::asks_products` says whether one was named.
    pub products: Option<&'a Products>,
    /// The shop's own segments and lists. `None`: not looked up.
    pub sets: Option<&'a Sets>,
}

/// What a prompt comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    pub rule: Result<Rule, NoRule>,
    /// In the order in which it was said.
    pub not_understood: Vec<Gap>,
    /// How words were taken that could be taken otherwise.
    pub assumptions: Vec<String>,
    /// What is likely not meant: rules that exclude themselves, other currencies.
    pub warnings: Vec<String>,
    pub asks_products: bool,
}

/// Why there is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRule {
    NothingSaid,
    NotUnderstood,
    /// What is to be left out was not understood, and without it more would be meant than was said.
    Exclusion,
    /// The language does not allow what was said, in its own words.
    Refused(String),
}

impl fmt::Display for NoRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSaid => f.write_str("No condition was said, so there is no rule; everybody is EVERYONE in the language."),
            Self::NotUnderstood => f.write_str("Nothing was understood, so there is no rule: nobody is meant."),
            Self::Exclusion => f.write_str(
                "Who is to be left out was not understood, so there is no rule: without that, more people would be meant than \
                 was said.",
            ),
            Self::Refused(why) => write!(f, "What was said makes no rule: {why}."),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    pub bytes: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has {} bytes, and at most {PROMPT_BYTES_MAX} may be: say it in fewer words", self.bytes)
    }
}

/// The rule that the words say, and all that was noted on the way.
pub fn understand(prompt: &str, setting: Setting<'_>) -> Result<Understood, TooLong> {
    if prompt.len() > PROMPT_BYTES_MAX {
        return Err(TooLong { bytes: prompt.len() });
    }
    if let Some(rule) = in_the_language(prompt, setting.shop) {
        let warnings = doubts::doubts(&rule);
        let (not_understood, assumptions) = (Vec::new(), Vec::new());
        return Ok(Understood {
            rule: Ok(rule),
            not_understood,
            assumptions,
            warnings,
            asks_products: false,
        });
    }
    let mut reader = Reader::new(prompt, setting);
    let read = reader.sentence();
    let mut warnings = reader.warnings;
    let rule = match read {
        Err(Unsafe) => Err(NoRule::Exclusion),
        Ok(None) if reader.gaps.is_empty() => Err(NoRule::NothingSaid),
        Ok(None) => Err(NoRule::NotUnderstood),
        Ok(Some(rule)) => allowed(rule.canonical(), setting.shop),
    };
    if let Ok(rule) = &rule {
        warnings.extend(doubts::doubts(rule));
    } else {
        reader.assumptions.clear();
    }
    Ok(Understood {
        rule,
        not_understood: reader.gaps,
        assumptions: reader.assumptions,
        warnings,
        asks_products: reader.wants_products,
    })
}

/// Who writes the language itself is understood. Everybody is no answer to a prompt, even so.
fn in_the_language(prompt: &str, shop: &Shop) -> Option<Rule> {
    let rule = Rule::parse(prompt, shop).ok()?;
    (!names_everyone(&rule)).then_some(rule)
}

fn names_everyone(rule: &Rule) -> bool {
    match rule {
        Rule::Everyone => true,
        Rule::Leaf(_) => false,
        Rule::Not(inner) => names_everyone(inner),
        Rule::All(rules) | Rule::Any(rules) => rules.iter().any(names_everyone),
    }
}

/// As anybody would read its text: the limits hold for all of it.
fn allowed(rule: Rule, shop: &Shop) -> Result<Rule, NoRule> {
    match Rule::parse(&rule.to_string(), shop) {
        Ok(read) if read == rule => Ok(rule),
        Ok(_) => Err(NoRule::NotUnderstood),
        Err(problems) => Err(NoRule::Refused(problems.first().map(ToString::to_string).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use jiff::civil::date;

    #[test]
    fn work_grows_with_the_length_and_no_faster() {
        let shop = Shop::new(Currency::USD);
        let setting = Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: None };
        for part in [
            "either ",
            "neither nor ",
            "not ",
            "((",
            "except ",
            "tagged a b c, ",
            "spent ",
            "bought tea or ",
            "1 ",
            "from Mumbai or ",
            "who and ",
            "last last ",
            "a dozen more than ",
            "\"x\" ",
        ] {
            for times in [10, 100] {
                let text: String = part.repeat(times).chars().take(PROMPT_BYTES_MAX).collect();
                let mut reader = Reader::new(&text, setting);
                let _ = reader.sentence();
                let words = token::tokens(&text).len();
                assert!(reader.tried <= 8 * words, "{} times for {words} words: {text}", reader.tried);
            }
        }
    }

    #[test]
    fn a_letter_is_not_read() {
        let shop = Shop::new(Currency::USD);
        let setting = Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: None };
        let of = |bytes: usize| understand(&"x".repeat(bytes), setting);
        assert!(of(PROMPT_BYTES_MAX).is_ok());
        assert_eq!(of(PROMPT_BYTES_MAX + 1), Err(TooLong { bytes: PROMPT_BYTES_MAX + 1 }));
    }

    #[test]
    fn what_is_assumed_is_told() {
        let shop = Shop::new(Currency::USD);
        let setting = Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: None };
        let check = |prompt: &str, expected: &[&str]| {
            let found = understand(prompt, setting).unwrap();
            assert_eq!(found.assumptions, expected, "{prompt}");
        };
        check("more than 5 orders", &[]);
        check(
            "came 3 times",
            &[
                "3 without “exactly” or “more than” is taken for at least 3",
                "a visit is taken for an order: nothing else is kept of visits",
            ],
        );
        check(
            "ordered last month",
            &["“last month” is taken for 2026-08-01 to 2026-08-31, whenever the rule is asked"],
        );
        check(
            "haven't ordered since March",
            &[
                "“March” is taken for 2026-03-01 to 2026-03-31, whenever the rule is asked",
                "those who have never ordered are among those who have not ordered in these days",
            ],
        );
        check(
            "VIPs who lapsed",
            &[
                "“VIP” is taken for the tag vip",
                "whoever has lapsed is taken for a last order more than 180 days ago",
            ],
        );
        check("from New York", &["“new york” is taken for US-NY"]);
        check("spent over 10.000", &["“10.000” is taken for 10000"]);
        check(
            "spent between 10,50 and 10 000",
            &["“10,50” is taken for 10.5", "“10 000” is taken for 10000"],
        );
        check("spent over $1.234.567 or over 10.000,50 or over 10,000.50", &[]);
        // Of what comes to nothing nothing is assumed.
        check("VIPs except those who love cats", &[]);
    }

    #[test]
    fn thousands_are_read_as_europe_writes_them_unless_they_may_be_thousandths() {
        let check = |currency: Currency, prompt: &str, expected: Result<&str, &str>| {
            let shop = Shop::new(currency);
            let setting = Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: None };
            let found = understand(prompt, setting).unwrap();
            let rule = found.rule.map(|rule| rule.to_string());
            let hint = found.not_understood.first().map_or("", |gap| gap.hint.as_str());
            assert_eq!(rule.as_deref().map_err(|_| hint), expected, "{prompt}");
        };
        let euro = "EUR".parse().unwrap();
        check(euro, "spent more than 10.000 euros", Ok("amount_spent > 10000"));
        check(euro, "spent at least 10.000,50 €", Ok("amount_spent >= 10000.50"));
        check(euro, "spent at least 10,50 €", Ok("amount_spent >= 10.50"));
        check(euro, "more than 1.000 orders", Ok("number_of_orders > 1000"));
        check(euro, "spent more than 10,000 euros", Ok("amount_spent > 10000"));
        let dinar = "KWD".parse().unwrap();
        let hint = "“10.500” may be 10500 or 10.5: write the one that is meant so";
        check(dinar, "spent more than 10.500", Err(hint));
        check(dinar, "spent more than 10.5", Ok("amount_spent > 10.50"));
    }

    #[test]
    fn a_hint_says_what_could_be_said() {
        let shop = Shop::new(Currency::USD);
        let check = |prompt: &str, products: Option<&Products>, expected: &str| {
            let setting = Setting { shop: &shop, today: date(2026, 9, 21), products, sets: None };
            let found = understand(prompt, setting).unwrap();
            assert!(
                found.not_understood[0].hint.starts_with(expected),
                "{prompt}: {:?}",
                found.not_understood
            );
            let Gap { text, from, to, .. } = &found.not_understood[0];
            assert_eq!(&prompt[*from..*to], text);
        };
        check("spnet over 500", None, "did you mean “spent” by “spnet”?");
        check("subscibed to email", None, "did you mean “subscribed” by “subscibed”?");
        check("ordered recently", None, "say how many days");
        check("ordered on 05/03/2026", None, "write the day as");
        check("from Georgia", None, "“georgia” is more than one place: say which, as in GE or US-GA");
        check("spent over 10.5051", None, "10.5051 is finer than `amount_spent` in USD is counted");
        check("bought tea", None, "products are not looked up here");
        let products = Products::new([("Green Tea", "1".to_owned())]);
        check(
            "bought green tee",
            Some(&products),
            "no product of the shop is called “green tee”; did you mean “green tea”?",
        );
    }

    #[test]
    fn a_named_product_is_asked_for() {
        let shop = Shop::new(Currency::USD);
        let setting = Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: None };
        assert!(understand("bought green tea", setting).unwrap().asks_products);
        assert!(!understand("bought something in the last 30 days", setting).unwrap().asks_products);
    }
}
