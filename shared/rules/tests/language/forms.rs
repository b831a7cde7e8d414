//! What is said of a text that has not the form of a rule, and that it is read on behind.

use crate::problems::check;

#[test]
fn a_broken_form_is_told_where_it_breaks_and_read_on() {
    check(
        "customer_tags CONTAIN 'vip'",
        &[("CONTAIN", "`CONTAIN` cannot stand here; did you mean `CONTAINS`?")],
    );
    check("amount_spent > 1,000,000", &[("1,000,000", "`,` cannot stand here; did you mean `1000000`?")]);
    check(
        "amount_spent > 1,000ou≠ /,000",
        &[
            ("1,000", "`,` cannot stand here; did you mean `1000`?"),
            ("ou", "`ou` cannot stand here; `AND`, `OR` or the end is expected"),
            ("≠", "`≠` cannot stand here; did you mean `!=`?"),
            ("/", "`/` cannot stand here"),
            (",", "`,` cannot stand here; `(` or a value is expected"),
        ],
    );
    check("amount_spent > 1,000", &[("1,000", "`,` cannot stand here; did you mean `1000`?")]);
    check("email == 'a'", &[("==", "`==` cannot stand here; did you mean `=`?")]);
    check(
        r#"email = "a" && rfm_r <> 1"#,
        &[
            (r#""a""#, r#"`"` cannot stand here; did you mean `'…'`?"#),
            ("&&", "`&&` cannot stand here; did you mean `AND`?"),
            ("<>", "`<>` cannot stand here; did you mean `!=`?"),
        ],
    );
    check("email = 'a", &[("'a", "this text has no end: a ' is missing")]);
    check("", &[("", "an empty rule would hold of everybody or of nobody: say EVERYONE if you mean it")]);
    check("  ", &[("  ", "an empty rule would hold of everybody or of nobody: say EVERYONE if you mean it")]);
    check("(rfm_r = 1", &[("", "the rule ends too soon; `)`, `AND` or `OR` is expected")]);
    check("rfm_r = 1)", &[(")", "`)` cannot stand here; `AND`, `OR` or the end is expected")]);
    check(
        "rfm_r = 1 rfm_f = 2 AND zz = 3",
        &[
            ("rfm_f", "`rfm_f` cannot stand here; `AND`, `OR` or the end is expected"),
            ("zz", "`zz` is no field or function that this shop knows"),
        ],
    );
    check(
        "AND rfm_r = 1",
        &[("AND", "`AND` cannot stand here; `(`, `EVERYONE`, `NOT` or a field or function is expected")],
    );
    check(
        "rfm_r = 1 AND",
        &[("", "the rule ends too soon; `(`, `EVERYONE`, `NOT` or a field or function is expected")],
    );
    check(
        "rfm_r = 1 AND (rfm_f = ) OR x = 2",
        &[
            (")", "`)` cannot stand here; `(` or a value is expected"),
            ("x", "`x` is no field or function that this shop knows"),
        ],
    );
    check("amount_spent >", &[("", "the rule ends too soon; `(` or a value is expected")]);
    check(
        "email NOT NULL",
        &[("NULL", "`NULL` cannot stand here; `CONTAINS`, `ENDS`, `IN`, `MATCHES` or `STARTS` is expected")],
    );
    check(
        "EVERYONE AND",
        &[("", "the rule ends too soon; `(`, `EVERYONE`, `NOT` or a field or function is expected")],
    );
    check(
        "NOT NOT rfm_r = 1",
        &[("NOT", "`NOT` cannot stand here; `(`, `EVERYONE` or a field or function is expected")],
    );
    check("email LIKE 'a%'", &[("LIKE", "`LIKE` cannot stand here; did you mean `CONTAINS`?")]);
    check("email IS 5", &[("5", "`5` cannot stand here; `NOT` or `NULL` is expected")]);
}
