//! The list of a shop that has written to its customers elsewhere before: many addresses at once, in a body or a file.

use super::suppressed::{listed, reachable};
use crate::{cast::Person, customers::shop, files::brought};
use local::World;
use serde_json::{Value, json};

const BULK: &str = "/api/v1/suppressions/bulk";
const FILE: &str = "/api/v1/data/import/suppressions";

/// Three who may be written to.
async fn three(world: &World) -> Person {
    let owner = shop(world, "owner").await;
    super::sent(world, &owner, 3).await;
    assert_eq!(reachable(world, &owner).await, json!(3));
    owner
}

/// How many were added, stood there already, and failed; and the row and code of what failed.
fn told(body: &Value) -> (u64, u64, u64, Vec<(u64, String)>) {
    let count = |name: &str| body[name].as_u64().expect("a count");
    let failures = body["failures"].as_array().expect("a list").iter();
    let failures = failures.map(|failed| {
        (failed["row"].as_u64().expect("a row"), failed["code"].as_str().expect("a code").to_owned())
    });
    (count("added"), count("unchanged"), count("failed"), failures.collect())
}

async fn addresses(world: &World, owner: &Person) -> Vec<String> {
    let all = owner.get(world, "/api/v1/customers").await.at("/items");
    all.as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("one").to_owned()).collect()
}

#[tokio::test]
async fn many_are_put_on_the_list_each_by_itself_and_twice_is_once() {
    let world = World::new(21).await;
    let owner = three(&world).await;
    let known = addresses(&world, &owner).await;
    let rows = json!([{"email": known[0]}, {"email": "no address"}, {"email": known[1], "reason": "unsubscribe"},
        {"email": known[0].to_uppercase()}, {"phone": "+1 415 555 2671"}, {"email": "stranger@example.com", "reason": "complaint"},
        {"email": "a@example.com", "phone": "+14155552671"}, {"mail": "a@example.com"}, "a@example.com"]);
    let failures =
        [(2, "invalid"), (6, "not_yours"), (7, "one_address"), (8, "unknown_member"), (9, "wrong_type")];
    for (added, unchanged) in [(3, 1), (0, 4)] {
        let answer = owner.post(&world, BULK, &json!({"suppressions": rows})).await;
        assert_eq!(answer.status, 207, "{}", answer.text);
        let (now, before, failed, told) = told(&answer.json());
        assert_eq!((now, before, failed), (added, unchanged, 5), "{}", answer.text);
        assert_eq!(told.iter().map(|(row, code)| (*row, code.as_str())).collect::<Vec<_>>(), failures);
        assert_eq!(reachable(&world, &owner).await, json!(1), "whoever has them is not written to");
    }
    let list = listed(&world, &owner, "?reason=import").await;
    assert_eq!(list, [(known[0].clone(), "import".to_owned()), ("nobody".to_owned(), "import".to_owned())]);
    assert_eq!(listed(&world, &owner, "?reason=unsubscribe").await.len(), 1);
    for rows in [json!([]), json!(vec![json!({"email": "a@example.com"}); 5_001])] {
        let refused = owner.post(&world, BULK, &json!({"suppressions": rows})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/errors/0/code")),
            (400, "out_of_range".into())
        );
    }
}

#[tokio::test]
async fn a_file_is_read_with_a_header_or_as_a_list_of_addresses_alone() {
    let world = World::new(22).await;
    let owner = three(&world).await;
    let known = addresses(&world, &owner).await;
    let file = format!(
        "Email Address;Phone Number;Suppressed At\n{};+1 415 555 2671;2026-01-01\n;;2026-01-01\nnobody;(415) 555-2672;\n",
        known[0]
    );
    let answer = brought(&world, &owner, &format!("{FILE}?phone_country=US&reason=unsubscribe"), &file).await;
    assert_eq!(answer.status, 207, "{}", answer.text);
    let expected = (3, 0, 2, vec![(2, "no_address".to_owned()), (3, "invalid".to_owned())]);
    assert_eq!(told(&answer.json()), expected, "{}", answer.text);
    assert_eq!(listed(&world, &owner, "?reason=unsubscribe").await.len(), 3);
    assert_eq!(reachable(&world, &owner).await, json!(2));

    let list = format!("\u{feff}{}\r\n{}\r\n{}\r\n", known[0], known[1], "oops");
    let answer = brought(&world, &owner, FILE, &list).await;
    let expected = (1, 1, 1, vec![(3, "invalid".to_owned())]);
    assert_eq!(told(&answer.json()), expected, "a graver reason stays: {}", answer.text);
    assert_eq!(reachable(&world, &owner).await, json!(1));

    for (file, status, code) in [
        ("", 400, "bad_header"),
        ("name,city\nAda,London\n", 400, "bad_header"),
        ("email\n", 400, "invalid"),
        (&*format!("email\n{}", "a@example.com\n".repeat(5_001)), 400, "invalid"),
    ] {
        let refused = brought(&world, &owner, FILE, file).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/code").as_str()),
            (status, code),
            "{file:.20}"
        );
    }
    for query in ["reason=complaint", "reason=x", "phone_country=XX1", "x=1"] {
        assert_eq!(
            brought(&world, &owner, &format!("{FILE}?{query}"), "email\n").await.status,
            400,
            "{query}"
        );
    }
}
