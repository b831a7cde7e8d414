//! What of a letter goes into its head.

use domain::Mailbox;

use super::{contract::letter, shown};

#[test]
fn whoever_may_unsubscribe_can_do_so_with_one_click() {
    let told = letter().list_headers();
    let expected = [
        ("List-Unsubscribe", "<https://t.shop.test/u/abc?x=1&y=2>, <mailto:unsubscribe@shop.test>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ];
    assert_eq!(told, expected.map(|(name, value)| (name, value.to_owned())));
    let mut without = letter();
    without.unsubscribe = None;
    assert!(without.list_headers().is_empty());
}

#[test]
fn a_name_is_shown_in_whatever_letters_it_is_written() {
    let check = |name: Option<&str>, expected: &str| {
        let name = name.map(|name| name.parse().expect("a name"));
        let mailbox = Mailbox { name, address: "a@shop.test".parse().expect("an address") };
        assert_eq!(shown(&mailbox), expected);
    };
    check(None, "a@shop.test");
    check(Some("Demo, Inc. <x@y.test>"), "\"Demo, Inc. <x@y.test>\" <a@shop.test>");
    check(Some("a\"b\\c"), "\"a\\\"b\\\\c\" <a@shop.test>");
    check(Some("Kühne"), "=?UTF-8?B?S8O8aG5l?= <a@shop.test>");
    let long = "ü".repeat(30);
    // 22 letters of two bytes fit into 45.
    let words = "=?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?= =?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvA==?=";
    check(Some(&long), &format!("{words} <a@shop.test>"));
}
