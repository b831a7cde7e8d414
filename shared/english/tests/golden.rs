//! Prompts beside what each comes to: the rule, what is not understood, and what is warned of, exactly.

use domain::Currency;
use english::{NoRule, Products, Setting, understand};
use jiff::civil::date;
use rules::Shop;

const FILE: &str = include_str!("golden.txt");

/// What the shop sells.
fn products() -> Products {
    let products = [
        ("Green Tea", "101"),
        ("Coffee Beans", "102"),
        ("Yoga Mat", "103"),
        ("Green Tea, loose", "104"),
        ("Mug", "01HMUG"),
    ];
    Products::new(products.map(|(title, id)| (title, id.to_owned())))
}

/// A prompt, its shop, and the lines that say what it comes to.
struct Case {
    shop: Shop,
    prompt: &'static str,
    expected: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut shop = Shop::new(Currency::USD);
    for line in FILE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match (mark, cases.last_mut()) {
            ("@", _) => shop = Shop::new(rest.parse().expect("a currency")),
            (">", _) => cases.push(Case { shop: shop.clone(), prompt: rest, expected: Vec::new() }),
            (_, Some(case)) => case.expected.push(line.to_owned()),
            _ => panic!("{line} belongs to no prompt"),
        }
    }
    cases
}

fn found(case: &Case, products: &Products) -> Vec<String> {
    let setting =
        Setting { shop: &case.shop, today: date(2026, 9, 21), products: Some(products), sets: None };
    let understood = understand(case.prompt, setting).expect("is short");
    let mut lines = vec![match &understood.rule {
        Ok(rule) => format!("= {rule}"),
        Err(_) => "= -".to_owned(),
    }];
    lines.extend(understood.not_understood.iter().map(|gap| format!("? {}", gap.text)));
    lines.extend(understood.warnings.iter().map(|warning| format!("! {warning}")));
    lines
}

#[test]
fn every_prompt_comes_to_what_is_written_beside_it() {
    let products = products();
    let cases = cases();
    assert!(cases.len() >= 150, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let found = found(case, &products);
        if found != case.expected {
            wrong.push(format!(
                "> {}\n  {}\nand not\n  {}",
                case.prompt,
                found.join("\n  "),
                case.expected.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} prompts:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn whom_the_words_keep_out_in_words_that_are_not_understood_is_never_let_in() {
    let products = products();
    let mut looked_at = 0;
    for case in cases() {
        let setting =
            Setting { shop: &case.shop, today: date(2026, 9, 21), products: Some(&products), sets: None };
        if understand(case.prompt, setting).expect("is short").rule.is_err() {
            continue;
        }
        for exclusion in
            ["but not those who flurb blurbs", "without flurbs", "except people who flurb blurbs"]
        {
            let prompt = format!("{} {exclusion}", case.prompt);
            let rule = understand(&prompt, setting).expect("is short").rule;
            assert_eq!(rule, Err(NoRule::Exclusion), "{prompt}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 600, "{looked_at}");
}
