//! Templates that are wrong, beside what is said of them.

use content::{Pattern, Shape, limits};

use crate::faults;

fn check(source: &str, expected: &[&str]) {
    assert_eq!(faults(source), expected, "{source}");
}

#[test]
fn a_name_that_is_not_known_is_told_with_its_place_and_what_lies_near() {
    check(
        "Hi {{ customer.fist_name }},\n  {{ zzz }}",
        &[
            "line 1, column 7: `customer.fist_name` is not known: did you mean `customer.first_name`?",
            "line 2, column 6: `zzz` is not known",
        ],
    );
    check("{nmae}", &["line 1, column 2: `nmae` is not known: did you mean `customer.name`?"]);
    check("ä {{ customer }}", &["line 1, column 6: `customer` is not known: did you mean `customer.name`?"]);
    check(
        "{% for i in cart.items %}{{ i.titel }}{% endfor %}",
        &["line 1, column 29: `i.titel` is not known: did you mean `i.title`?"],
    );
    check("{{ item.title }}", &["line 1, column 4: `item.title` is not known: did you mean `cart.items`?"]);
    check("{{ forloop.index }}", &["line 1, column 4: `forloop.index` is not known"]);
}

#[test]
fn filters_are_told_what_they_want() {
    check("{{ name | upcse }}", &["line 1, column 11: there is no filter `upcse`: did you mean `upcase`?"]);
    check("{{ name | }}", &["line 1, column 11: a filter is expected, as in `| default: \"there\"`"]);
    check(
        "{{ name | default }}",
        &["line 1, column 11: `default` wants what to write instead: `default: \"there\"`"],
    );
    check("{{ name | default: there }}", &["line 1, column 20: a text in quotes or a number is expected"]);
    check(
        "{{ name | truncate: \"a\" }}",
        &["line 1, column 11: `truncate` wants a whole number: `truncate: 20`"],
    );
    check("{{ name | upcase: 1 }}", &["line 1, column 11: `upcase` is told more than it wants"]);
    check("{{ name | date: \"%d\" }}", &["line 1, column 11: `date` wants a date, and this is a text"]);
    check(
        "{{ customer.last_order_date | date: \"%Q\" }}",
        &["line 1, column 31: `%Q` is no way to write a date: `%d %B %Y` is one"],
    );
    check("{{ customer.tags | upcase }}", &["line 1, column 20: `upcase` wants a text, and this is a list"]);
    check("{{ name | join }}", &["line 1, column 11: `join` wants a list of texts, and this is a text"]);
    check("{{ name | first }}", &["line 1, column 11: `first` wants a list of texts"]);
    check(
        "{{ name | replace: \"\", \"x\" }}",
        &["line 1, column 11: `replace` wants what to look for, and up to 256 bytes instead"],
    );
}

#[test]
fn what_is_opened_is_closed() {
    check("{% if name %}x", &["line 1, column 4: `if` is not closed by `{% endif %}`"]);
    check("x{% endif %}", &["line 1, column 5: `endif` closes nothing"]);
    check("{% for a in cart.items %}", &["line 1, column 4: `for` is not closed by `{% endfor %}`"]);
    check("{% if name %}{% endfor %}", &["line 1, column 17: `endfor` does not close `if`"]);
    check(
        "{% if name %}{% else %}{% else %}{% endif %}",
        &["line 1, column 27: `else` does not close `if`", "line 1, column 37: `endif` closes nothing"],
    );
    check(
        "{% include \"x\" %}",
        &["line 1, column 4: there is no `include`: `if`, `unless`, `for` and `skip` are what there is"],
    );
    check("{% %}", &["line 1, column 4: a word is expected: `if`, `unless`, `for` or `skip`"]);
    check("{% skip %}", &["line 1, column 8: a text in quotes is expected"]);
}

#[test]
fn what_has_no_meaning_is_no_condition() {
    check("{% if %}{% endif %}", &["line 1, column 6: a name is expected, as in `customer.first_name`"]);
    check("{% if name > 3 %}{% endif %}", &["line 1, column 7: a text `>` a number means nothing"]);
    check(
        "{% if orders_count > 3 %}{% endif %}",
        &["line 1, column 7: `orders_count` is not known: did you mean `customer.orders_count`?"],
    );
    check(
        "{% if customer.tags == \"a\" %}{% endif %}",
        &["line 1, column 7: a list `==` a text means nothing"],
    );
    check(
        "{% if name contains 3 %}{% endif %}",
        &["line 1, column 7: a text `contains` a number means nothing"],
    );
    check(
        "{% if name and email or phone %}{% endif %}",
        &[
            "line 1, column 22: `and` and `or` in one condition may be read in two ways: put one `if` into another",
        ],
    );
    check(
        "{% if name = \"Ada\" %}{% endif %}",
        &["line 1, column 12: nothing more is expected here, but there is `= \"Ada\"`"],
    );
    check(
        "{% for a in name %}{% endfor %}",
        &["line 1, column 13: this is a text, and `for` goes through a list"],
    );
    check(
        "{% for name in cart.items %}{% endfor %}",
        &["line 1, column 8: a name of your own is expected: `for item in cart.items`"],
    );
    check(
        "{% for a in cart.items limit: 1.5 %}{% endfor %}",
        &["line 1, column 31: a whole number is expected: `limit: 3`"],
    );
    check("{{ cart.items }}", &["line 1, column 4: this is a list: go through it with `for`, or `join` it"]);
    check("{{ name email }}", &["line 1, column 9: nothing more is expected here, but there is `email`"]);
}

#[test]
fn there_is_an_end_to_mistakes_and_sizes() {
    assert_eq!(faults(&"{{ zzz }}".repeat(limits::OPENINGS_MAX)).len(), limits::FAULTS_MAX);
    let long = "a".repeat(limits::SOURCE_BYTES_MAX);
    assert!(Pattern::read(&long, Shape::Html).is_ok());
    assert_eq!(
        faults(&format!("{long}a")),
        [
            "line 1, column 1: the template has 262145 bytes, and 262144 are the most: shorten it, or link to pictures"
        ]
    );
    let many = format!("{}{{% if name %}}{}", "{{ name }}".repeat(limits::OPENINGS_MAX - 1), "{% endif %}");
    assert_eq!(
        faults(&many),
        ["line 1, column 50004: more than 5000 of `{{ … }}` and `{% … %}`: shorten it"]
    );
    let deep = |depth| format!("{}{}", "{% if name %}".repeat(depth), "{% endif %}".repeat(depth));
    assert_eq!(faults(&deep(limits::DEPTH_MAX)), Vec::<String>::new());
    assert_eq!(faults(&deep(1_000)), ["line 1, column 108: more than 8 blocks within each other"]);
}
