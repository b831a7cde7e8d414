//! Templates that would take for ever or all there is of memory. What they cost is counted, so nothing here is timed.

use content::{Pattern, Shape, Stopped, limits};
use domain::Minor;
use proptest::prelude::*;

use crate::{Somebody, filled};

fn many(count: u32) -> Somebody {
    let line =
        content::Line { title: "x".repeat(100), quantity: 1, price: Minor::ZERO, url: None, image_url: None };
    Somebody { basket: (0..count).map(|_| line.clone()).collect(), ..Somebody::ada() }
}

fn nested(depth: usize, within: &str) -> String {
    let open: String = (0..depth).map(|at| format!("{{% for a{at} in cart.items %}}")).collect();
    format!("{open}{within}{}", "{% endfor %}".repeat(depth))
}

#[test]
fn loops_within_loops_end_also_with_nothing_in_them() {
    for within in ["", "x", "{{ name }}", "{% if name %}{% endif %}"] {
        let told = filled(&nested(5, within), Shape::Html, &many(250));
        assert_eq!(told, Err(Stopped::TooMuch), "{within:?}");
    }
    // And a list of the usual length goes through one.
    assert!(filled(&nested(1, "{{ a0.title }}"), Shape::Html, &many(250)).is_ok());
}

#[test]
fn what_grows_by_doubling_stops() {
    let doubling =
        format!("{{{{ name{} }}}}", " | replace: \"A\", \"AAAAAAAAAAAAAAAA\"".repeat(limits::FILTERS_MAX));
    let told = filled(&doubling, Shape::Html, &Somebody::ada());
    assert_eq!(told, Err(Stopped::TooLong(limits::VALUE_BYTES_MAX)));
    let more = format!("{{{{ name{} }}}}", " | upcase".repeat(limits::FILTERS_MAX + 1));
    assert!(Pattern::read(&more, Shape::Text).is_err());
}

#[test]
fn what_becomes_too_long_stops() {
    let told = filled(&nested(2, &"x".repeat(100)), Shape::Subject, &many(50));
    assert_eq!(told, Err(Stopped::TooLong(998)));
    let told = filled(&nested(2, &"x".repeat(1_000)), Shape::Text, &many(50));
    assert_eq!(told, Err(Stopped::TooLong(128 * 1_024)));
}

#[test]
fn nothing_is_left_of_what_was_stopped() {
    let template = Pattern::read("before {% skip \"why\" %}", Shape::Text).unwrap();
    let mut into = String::new();
    assert!(template.fill(&Somebody::ada(), &mut into).is_err());
    assert_eq!(into, "");
}

proptest! {
    /// Whatever is written: it is read or refused, and what was read ends.
    #[test]
    fn nothing_panics(parts in proptest::collection::vec(prop_oneof![
        Just("{{"), Just("}}"), Just("{%"), Just("%}"), Just(" if "), Just(" endif "), Just(" for a in cart.items "),
        Just("endfor"), Just("name"), Just("a.title"), Just(" | "), Just("default: "), Just("\""), Just("'"), Just("ä"),
        Just("-"), Just("\n"), Just(" == "), Just("3.5"), Just(" raw "), Just("endraw"), Just("else"), Just("{"), Just("."),
        Just("contains"), Just(" and "), Just("tags | join"), Just("comment"), Just("skip \"x\""),
    ], 0..30)) {
        let source = parts.concat();
        match Pattern::read(&source, Shape::Html) {
            Ok(template) => drop(template.fill(&many(3), &mut String::new())),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}
