//! Files of customers, brought in one request (ING-01, 04, 05, 07).

use crate::{
    cast::Person,
    customers::{made, shop},
};
use local::{World, faults::halt, world::Answer};
use serde_json::json;

const PATH: &str = "/api/v1/data/import/customers";
const BEFORE: &str = "/api/data/import/customers";

pub(crate) async fn brought(world: &World, owner: &Person, path: &str, file: &str) -> Answer {
    world.post(path).bearer(&owner.access).header("content-type", "text/csv").raw(file).send().await
}

#[tokio::test]
async fn a_file_twice_changes_nothing_and_keeps_what_was_bought() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let known = made(&world, &owner, &json!({"email": "known@example.com", "total_spent": "5.00"})).await;
    let file = "email,name,city,country,tags,total_spent,total_orders\n\
                ada@example.com,Ada Lovelace,London,GB,\"VIP, new\",12.30,2\nknown@example.com,Known One,,,,99.00,9\n\
                jo@example.com,Jo,,,,,\n";
    let first = brought(&world, &owner, PATH, file).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(
        first.json(),
        json!({"processed_count": 3, "created": 2, "updated": 1, "unchanged": 0, "failed_count": 0, "failures": [], "unknown_columns": []})
    );
    let path = format!("/api/v1/customers/{known}");
    let before = owner.get(&world, &path).await;
    assert_eq!(
        (before.text_at("/first_name").as_str(), before.text_at("/total_spent").as_str()),
        ("Known", "5.00"),
        "who is known keeps their totals"
    );
    let ada = owner.get(&world, "/api/v1/customers?search=ada").await;
    assert_eq!((ada.text_at("/items/0/total_spent").as_str(), ada.at("/total")), ("12.30", json!(1)));
    world.clock.advance_seconds(60);
    let again = brought(&world, &owner, PATH, file).await;
    assert_eq!(
        (again.at("/unchanged"), again.at("/processed_count")),
        (json!(3), json!(3)),
        "{}",
        again.text
    );
    assert_eq!(owner.get(&world, &path).await.text, before.text);
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(3));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_row_and_column_under_either_name() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let file = "name;email;birthday;total_spent\nAda;ada@example.com;;\nJo;nobody;31-12-2025;12.345\nMo;mo@example.com;;1\n";
    let mixed = brought(&world, &owner, BEFORE, file).await;
    assert_eq!(mixed.status, 207, "{}", mixed.text);
    assert_eq!((mixed.at("/processedCount"), mixed.at("/failedCount")), (json!(2), json!(1)));
    let failures = mixed.at("/failures");
    let columns: Vec<_> =
        failures.as_array().into_iter().flatten().map(|failure| &failure["column"]).collect();
    assert_eq!(columns, ["email", "birthday", "total_spent"]);
    assert_eq!(mixed.at("/failures/0/row"), json!(2));
    for (wrong, row) in [("", 0), ("name,email\n", 0), ("name\nAda\n", 0), ("email\nx\n", 1)] {
        let answer = brought(&world, &owner, BEFORE, wrong).await;
        assert_eq!((answer.status.as_u16(), answer.at("/failures/0/row")), (400, json!(row)), "{wrong:?}");
        assert_eq!(brought(&world, &owner, PATH, wrong).await.status, 400, "{wrong:?}");
    }
    let header = brought(&world, &owner, PATH, "name,emial\nAda,a@example.com\n").await;
    assert!(header.text_at("/detail").contains("did you mean email"), "{}", header.text);
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(2));
}

#[tokio::test]
async fn forms_bring_files_and_what_is_no_csv_or_too_large_is_refused() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let form = |name: &str, kind: &str| {
        let head = format!(
            "content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: {kind}"
        );
        let body = format!("--x\r\n{head}\r\n\r\nemail,name\nada@example.com,\"Ada, \n K\"\n\r\n--x--\r\n");
        world
            .post(BEFORE)
            .bearer(&owner.access)
            .header("content-type", "multipart/form-data; boundary=x")
            .raw(&body)
    };
    assert_eq!(form("a.png", "image/png").send().await.status, 415);
    let wrong = form("people.csv", "application/octet-stream").send().await;
    assert_eq!(wrong.at("/failures/0/column"), json!("name"), "a name is one line: {}", wrong.text);
    let json = owner.post(&world, PATH, &json!({})).await;
    assert_eq!((json.status.as_u16(), json.text_at("/code").as_str()), (415, "not_csv"));
    for path in [PATH, BEFORE, "/api/v1/data/import/orders", "/api/data/import/orders"] {
        let file = |bytes: usize| {
            format!("email,total,date,note\na@example.com,1,2026-01-31,{}\n", "x".repeat(bytes))
        };
        assert_eq!(brought(&world, &owner, path, &file(5 * 1024 * 1024)).await.status, 413, "{path}");
        let large = brought(&world, &owner, path, &file(4 * 1024 * 1024)).await;
        assert!(
            large.status == 400 && large.text.contains("is longer than 512 KB"),
            "{path}: {}",
            large.text
        );
    }
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(0));
}

#[tokio::test]
async fn a_rehearsal_says_what_would_become_of_each_row() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "known@example.com", "name": "Known"})).await;
    owner.post(&world, "/api/v1/orders", &json!({"email": "guest@example.com", "total": 1})).await;
    let file = "id,email,phone,name,Shoe Sise,emial\n1,a@example.com,,A,42,\n,a@example.com,,A,,\n,A@example.com,+14155552671,,,\n\
                ,,+14155552671,Ada,,\n1,,,Ada,,\n,known@example.com,,Known,,\n,known@example.com,+14155552672,,,\n\
                ,a@example.com,+14155552672,,,\n,guest@example.com,,G,,\n,guest@example.com,,,,\n";
    let counts = |answer: &Answer| {
        assert_eq!(answer.status, 207, "{}", answer.text);
        ["created", "updated", "unchanged", "failed_count"].map(|count| answer.at(&format!("/{count}")))
    };
    let dry = brought(&world, &owner, &format!("{PATH}?dry_run=true"), file).await;
    assert_eq!(counts(&dry), [json!(1), json!(4), json!(3), json!(2)], "{}", dry.text);
    assert_eq!(
        dry.at("/unknown_columns"),
        json!([{"column": "Shoe Sise", "meant": null}, {"column": "emial", "meant": "email"}])
    );
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(2), "nothing is stored");
    let real = brought(&world, &owner, PATH, file).await;
    assert_eq!(counts(&real), counts(&dry), "and it is so: {}", real.text);
    let rows = |answer: &Answer| {
        answer
            .at("/failures")
            .as_array()
            .map(|all| all.iter().map(|one| one["row"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(rows(&real), rows(&dry));
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(3));
}

#[tokio::test]
async fn whoever_has_a_name_in_another_system_is_known_by_it() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let known = made(&world, &owner, &json!({"email": "known@example.com"})).await;
    let file = "customer_external_id,email,name\nC1,known@example.com,Known\nC2,new@example.com,New\n";
    assert_eq!(brought(&world, &owner, PATH, file).await.status, 200);
    // They have other addresses by now.
    let later = "customer_external_id,email,name\nC1,other@example.com,\nC2,newer@example.com,\n";
    assert_eq!(brought(&world, &owner, PATH, later).await.at("/updated"), json!(2));
    let shown = owner.get(&world, &format!("/api/v1/customers/{known}")).await;
    assert_eq!(
        (shown.text_at("/email"), shown.text_at("/first_name")),
        ("other@example.com".to_owned(), "Known".to_owned())
    );
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(2));
    // Whoever is gone leaves the name to whoever comes.
    owner.call(&world, "DELETE", &format!("/api/v1/customers/{known}"), &json!({})).await;
    let again = brought(&world, &owner, PATH, later).await;
    assert_eq!((again.at("/created"), again.at("/unchanged")), (json!(1), json!(1)), "{}", again.text);
    assert_eq!(brought(&world, &owner, PATH, later).await.at("/unchanged"), json!(2));
    let by_id = format!("id,note\n{known},x\n");
    assert_eq!(
        brought(&world, &owner, PATH, &by_id).await.status,
        400,
        "a file says how somebody is reached"
    );
}

#[tokio::test]
async fn rows_that_come_again_are_read_together() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let mut file = "id,email,name\n".to_owned();
    file.extend((0..900).map(|n| format!("C{n},jo{n}@example.com,Jo {n}\n")));
    assert_eq!(brought(&world, &owner, PATH, &file).await.at("/created"), json!(900));
    for query in ["", "?dry_run=true"] {
        let path = format!("{PATH}{query}");
        let again =
            async { assert_eq!(brought(&world, &owner, &path, &file).await.at("/unchanged"), json!(900)) };
        let asked_often = halt::overtaken(again, 16, async {}).await.is_some();
        assert_eq!(asked_often, !query.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn rows_for_which_time_does_not_suffice_are_sent_again() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    let mut file = "email\n".to_owned();
    file.extend((0..2_500).map(|n| format!("jo{n}@example.com\n")));
    let late = async { world.clock.advance_seconds(25) };
    // Where it looks whose the first addresses are.
    let slow = halt::overtaken(brought(&world, &owner, PATH, &file), 6, late).await;
    let (answer, ()) = slow.expect("it asks the table that often");
    assert_eq!(
        (answer.status.as_u16(), answer.text_at("/errors/0/detail")),
        (400, "time was up before this row's turn: send it again".to_owned())
    );
    let tenant = owner.tenant.parse().expect("an id");
    let slots = world.store_of(tenant).slots().await.expect("they are counted");
    assert!(slots <= 1_000, "{slots}: those who are not reached take no slots");
    assert_eq!(brought(&world, &owner, PATH, &file).await.at("/created"), json!(2_500));
}
