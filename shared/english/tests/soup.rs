//! Any words at all: nothing breaks, nothing is guessed, and what is made is a rule of the language.

use domain::Currency;
use english::{NoRule, PROMPT_BYTES_MAX, Products, Setting, understand};
use jiff::civil::date;
use proptest::{collection::vec, prelude::*, sample::select};
use rules::{Rule, Shop};

const GOLDEN: &str = include_str!("golden.txt");

/// Words of the prompts that are known, and letters where readers err.
fn words() -> Vec<String> {
    let prompts = GOLDEN.lines().filter_map(|line| line.strip_prefix("> "));
    let mut words: Vec<_> = prompts.flat_map(str::split_whitespace).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    let odd = [
        "(",
        ")",
        ",",
        "'",
        "\"",
        "’",
        "₹",
        "é",
        "😀",
        "-",
        "...",
        "0",
        "99999999999999999999",
        "1.2.3",
        "Ⅻ",
        "İ",
    ];
    words.extend(odd.map(str::to_owned));
    words
}

fn soup() -> impl Strategy<Value = String> {
    vec((select(words()), select(&[" ", " ", " ", " ", "", ", "][..])), 0..30)
        .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap.to_owned()]).collect())
}

/// Whole prompts, joined: most of it is understood.
fn joined() -> impl Strategy<Value = String> {
    let prompts: Vec<_> = GOLDEN.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let joints = [" and ", " or ", ", ", " but not ", " who ", " except ", ", and ", " nor ", " "];
    vec((select(prompts), select(joints.to_vec())), 1..5)
        .prop_map(|parts| parts.into_iter().flat_map(|(prompt, joint)| [prompt, joint]).collect())
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let shop = Shop::new(Currency::USD);
    let products = Products::new([("Green Tea", "1".to_owned()), ("Mug", "it's".to_owned())]);
    for products in [None, Some(&products)] {
        let setting = Setting { shop: &shop, today: date(2024, 2, 29), products, sets: None };
        let Ok(found) = understand(text, setting) else {
            prop_assert!(text.len() > PROMPT_BYTES_MAX);
            return Ok(());
        };
        let mut end = 0;
        for gap in &found.not_understood {
            prop_assert_eq!(text.get(gap.from..gap.to), Some(&*gap.text));
            prop_assert!(end <= gap.from && gap.from < gap.to && !gap.hint.is_empty());
            end = gap.from;
        }
        match &found.rule {
            Ok(rule) => {
                prop_assert!(!rule.leaves().is_empty(), "{rule} asks nothing");
                prop_assert_eq!(
                    &Rule::parse(&rule.to_string(), &shop),
                    &found.rule.clone().map_err(|_| Vec::new())
                );
                prop_assert_eq!(
                    &Rule::from_json(&rule.to_json(), &shop),
                    &found.rule.clone().map_err(|_| Vec::new())
                );
                prop_assert!(rule.in_words(&shop).starts_with("customers "));
            }
            Err(NoRule::NothingSaid) => prop_assert!(found.not_understood.is_empty()),
            Err(NoRule::NotUnderstood | NoRule::Exclusion) => prop_assert!(!found.not_understood.is_empty()),
            Err(NoRule::Refused(why)) => prop_assert!(!why.is_empty()),
        }
        prop_assert_eq!(understand(text, setting), Ok(found));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_to_a_rule_of_the_language_or_to_none(text in ".{0,80}") {
        holds(&text)?;
    }

    #[test]
    fn so_do_words_in_no_order(text in soup()) {
        holds(&text)?;
    }

    #[test]
    fn so_do_prompts_that_are_joined(text in joined()) {
        holds(&text)?;
    }
}
