//! Text and JSON say the same, whatever the rule; and nothing that is told can do harm.

use proptest::prelude::*;
use rules::{Place, Problem, Rule};
use serde_json::Value as Json;

use crate::{any, parse, shop, soup};

/// Every place that is told lies within what was told.
fn look_at_places(text: &str) {
    let Err(problems) = parse(text) else { return };
    assert!(!problems.is_empty());
    for problem in problems {
        let Place::Bytes(bytes) = &problem.place else { panic!("{problem:?}") };
        assert!(text.get(bytes.clone()).is_some(), "{problem:?} in {text:?}");
        assert!(!problem.to_string().is_empty());
    }
}

fn look_at_pointers(json: &Json, read: Result<(), Vec<Problem>>) {
    let Err(problems) = read else { return };
    assert!(!problems.is_empty());
    for problem in problems {
        let Place::Pointer(pointer) = &problem.place else { panic!("{problem:?}") };
        assert!(json.pointer(pointer).is_some(), "{problem:?} in {json}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_is_read_as_it_was_printed(rule in any::rule()) {
        let canonical = rule.clone().canonical();
        let text = canonical.to_string();
        prop_assert_eq!(parse(&text), Ok(canonical.clone()), "{}", text);
        prop_assert_eq!(parse(&text).unwrap().to_string(), text);
        prop_assert_eq!(parse(&rule.to_string()), Ok(canonical.clone()));
        prop_assert_eq!(canonical.clone().canonical(), canonical);
    }

    #[test]
    fn a_rule_is_read_as_it_was_written_in_json(rule in any::rule()) {
        let canonical = rule.clone().canonical();
        let json: Json = serde_json::from_str(&rule.to_json().to_string()).unwrap();
        prop_assert_eq!(Rule::from_json(&json, &shop()), Ok(canonical.clone()), "{}", json);
        prop_assert_eq!(Rule::from_json(&json, &shop()).unwrap().to_json(), canonical.to_json());
    }

    #[test]
    fn a_text_with_a_piece_cut_out_does_no_harm(rule in any::rule(), cut in any::<(prop::sample::Index, prop::sample::Index)>()) {
        let letters: Vec<char> = rule.to_string().chars().collect();
        let (from, to) = (cut.0.index(letters.len()), cut.1.index(letters.len()));
        let text: String = letters[..from.min(to)].iter().chain(&letters[from.max(to)..]).collect();
        look_at_places(&text);
    }

    #[test]
    fn any_text_is_a_rule_or_told_what_is_wrong(text in prop_oneof![soup::text(), ".*".boxed()]) {
        look_at_places(&text);
        if let Ok(rule) = parse(&text) {
            prop_assert_eq!(parse(&rule.to_string()), Ok(rule));
        }
    }

    #[test]
    fn any_rule_of_another_system_is_brought_or_told_what_is_wrong(json in soup::foreign()) {
        look_at_pointers(&json, Rule::import(&json, &shop()).map(drop));
        if let Ok(imported) = Rule::import(&json, &shop()) {
            prop_assert_ne!(&imported.rule, &Rule::Everyone);
            prop_assert_eq!(parse(&imported.rule.to_string()), Ok(imported.rule));
        }
    }

    #[test]
    fn any_json_is_a_rule_or_told_what_is_wrong(json in soup::json()) {
        look_at_pointers(&json, Rule::from_json(&json, &shop()).map(drop));
        if let Ok(rule) = Rule::from_json(&json, &shop()) {
            prop_assert_eq!(Rule::from_json(&rule.to_json(), &shop()), Ok(rule.clone()));
            prop_assert_eq!(parse(&rule.to_string()), Ok(rule));
        }
    }
}
