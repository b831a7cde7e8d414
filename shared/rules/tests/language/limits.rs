//! How large a rule may be.

use rules::limits;

use crate::parse;

#[test]
fn a_rule_is_no_larger_than_it_may_be() {
    let codes = |text: &str| match parse(text) {
        Ok(_) => vec![],
        Err(problems) => problems.iter().map(|problem| problem.wrong.code()).collect(),
    };
    let leaves = |number| vec!["rfm_r = 1"; number].join(" OR ");
    assert_eq!(codes(&leaves(limits::LEAVES_MAX)), [""; 0]);
    assert_eq!(codes(&leaves(limits::LEAVES_MAX + 1)), ["too_many"]);
    let nested = |depth| {
        (0..depth).fold("rfm_r = 1".to_owned(), |rule, level| {
            format!("rfm_f = 2 {} ({rule})", if level % 2 == 0 { "AND" } else { "OR" })
        })
    };
    assert_eq!(codes(&nested(limits::DEPTH_MAX)), [""; 0]);
    assert_eq!(codes(&nested(limits::DEPTH_MAX + 1)), ["too_deep"]);
    let ids = |number| format!("created_by_app_id IN ({})", vec!["1"; number].join(", "));
    assert_eq!(codes(&ids(limits::VALUES_MAX)), [""; 0]);
    assert_eq!(codes(&ids(limits::VALUES_MAX + 1)), ["too_many"]);
    let long = |bytes: usize| format!("email = '{}'", "x".repeat(bytes - "email = ''".len()));
    assert_eq!(codes(&long(limits::TEXT_BYTES_MAX)), [""; 0]);
    assert_eq!(codes(&long(limits::TEXT_BYTES_MAX + 1)), ["too_long"]);
    // What is read must be so that what it prints can be read, too.
    let grows = format!("customer_tags CONTAINS ANY ({})", vec!["'abcdefghijklmn'"; 480].join(","));
    assert!(grows.len() <= limits::TEXT_BYTES_MAX);
    assert_eq!(codes(&grows), ["too_long"]);
    // Brackets that no rule needs, down to where no parser should follow.
    assert_eq!(codes(&format!("{}rfm_r = 1{}", "(".repeat(20), ")".repeat(20))), [""; 0]);
    assert_eq!(codes(&"(".repeat(limits::TEXT_BYTES_MAX)), ["too_deep"]);
    // A thousand things that could not follow are not read on behind a thousand times.
    let problems = parse(&"rfm_r = 1 ".repeat(800)).unwrap_err();
    assert!(problems.len() < 30, "{}", problems.len());
    assert_eq!(codes(&"NOT ".repeat(limits::TEXT_BYTES_MAX / 4)), ["unexpected"]);
}
