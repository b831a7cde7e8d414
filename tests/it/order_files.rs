//! Files of orders, brought in one request, and files to begin with (ING-02, 03, 06, 07).

use crate::{
    cast::Person,
    customers::{made, shop},
    files::brought,
    orders::ordered,
};
use local::{World, faults::halt, world::Answer};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/data/import/orders";
const BEFORE: &str = "/api/data/import/orders";

fn counts(answer: &Answer) -> Value {
    let counts =
        ["created", "updated", "unchanged", "failed_count"].map(|count| answer.at(&format!("/{count}")));
    json!(counts)
}

async fn totals(world: &World, owner: &Person, email: &str) -> (Value, String) {
    let found = owner.get(world, &format!("/api/v1/customers?search={email}")).await;
    assert_eq!(found.at("/total"), json!(1), "{}", found.text);
    (found.at("/items/0/orders_count"), found.text_at("/items/0/total_spent"))
}

#[tokio::test]
async fn orders_find_their_customers_and_come_only_once() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"email": "ada@example.com", "phone": "+14155552671"})).await;
    brought(
        &world,
        &owner,
        "/api/v1/data/import/customers",
        "customer_external_id,email\nC1,jo@example.com\n",
    )
    .await;
    let file = format!(
        "order_external_id,customer_identifier,phone,items_description,total_amount,order_date,order_status\n\
         O1,ADA@example.com,,\"Tea, cup\",12.30,2026-01-31,\nO2,C1,,,5,2026-01-31,COMPLETED\n\
         O3,{ada},,,7.00,2026-02-01,PENDING\nO4,,+1 415 555 2671,,1.00,2026-02-01,\n\
         O5,nobody@example.com,,,1.00,2026-02-01,\nO6,C9,,,1.00,2026-02-01,\nO7,,,,1.00,2026-02-01,\n"
    );
    let first = brought(&world, &owner, PATH, &file).await;
    assert_eq!((first.status.as_u16(), counts(&first)), (207, json!([4, 0, 0, 3])), "{}", first.text);
    let failed: Vec<_> = (0..3).map(|n| first.at(&format!("/failures/{n}/row"))).collect();
    assert_eq!(failed, [json!(5), json!(6), json!(7)]);
    assert_eq!(totals(&world, &owner, "ada@example.com").await, (json!(2), "13.30".to_owned()));
    assert_eq!(totals(&world, &owner, "jo@example.com").await, (json!(1), "5.00".to_owned()));
    let list = owner.get(&world, "/api/v1/orders").await;
    world.clock.advance_seconds(60);
    let again = brought(&world, &owner, BEFORE, &file).await;
    assert_eq!(
        (again.status.as_u16(), again.at("/processedCount"), again.at("/failedCount")),
        (207, json!(4), json!(3))
    );
    assert_eq!(owner.get(&world, "/api/v1/orders").await.text, list.text, "nothing has changed");

    // What has become of them is told; a file of before says nothing new.
    let later = "order_external_id,email,total,date,status,refunded\nO1,ada@example.com,12.30,2026-01-31,,2.30\n\
                 O2,jo@example.com,5,2026-01-31,cancelled,\nO3,ada@example.com,7,2026-02-01,paid,\nO3,ada@example.com,7,2026-02-01,,9\n";
    let told = brought(&world, &owner, PATH, later).await;
    assert_eq!(counts(&told), json!([0, 3, 0, 1]), "{}", told.text);
    assert_eq!(totals(&world, &owner, "ada@example.com").await, (json!(3), "18.00".to_owned()));
    assert_eq!(totals(&world, &owner, "jo@example.com").await, (json!(0), "0.00".to_owned()));
    assert_eq!(counts(&brought(&world, &owner, PATH, &file).await), json!([0, 0, 4, 3]), "a file of before");
    assert_eq!(totals(&world, &owner, "ada@example.com").await, (json!(3), "18.00".to_owned()));

    let gone = owner.get(&world, "/api/v1/orders?minAmount=12.30").await.text_at("/items/0/id");
    owner.call(&world, "DELETE", &format!("/api/v1/orders/{gone}"), &json!({})).await;
    let after = brought(&world, &owner, PATH, &file).await;
    assert_eq!(counts(&after), json!([0, 0, 3, 4]));
    assert!(after.text_at("/failures/0/message").contains("was deleted"), "{}", after.text);
}

#[tokio::test]
async fn orders_without_a_name_are_known_by_what_is_said_of_them() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    let twice = "email,amount,date\nada@example.com,5.00,2026-01-31\nada@example.com,7.00,2026-01-31\nada@example.com,5.00,2026-01-31\n";
    for dry in ["?dry_run=true", ""] {
        let answer = brought(&world, &owner, &format!("{PATH}{dry}"), twice).await;
        assert_eq!((answer.status.as_u16(), counts(&answer)), (200, json!([3, 0, 0, 0])), "{}", answer.text);
    }
    let longer = format!("{twice}ada@example.com,5.00,2026-01-31\n");
    assert_eq!(counts(&brought(&world, &owner, PATH, &longer).await), json!([1, 0, 3, 0]));
    assert_eq!(totals(&world, &owner, "ada@example.com").await, (json!(4), "22.00".to_owned()));
    let named = "order,email,amount,date\n1,ada@example.com,5.00,2026-01-31\n2,ada@example.com,5.00,2026-01-31\n1,ada@example.com,5.00,2026-01-31\n";
    let dry = brought(&world, &owner, &format!("{PATH}?dry_run=true"), named).await;
    assert_eq!(counts(&dry), json!([2, 0, 1, 0]), "of one file, too");
    assert_eq!(counts(&brought(&world, &owner, PATH, named).await), json!([2, 0, 1, 0]));
}

#[tokio::test]
async fn shopifys_file_brings_orders_with_their_lines() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    let file = "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,\
                Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id\n\
                #1001,ada@example.com,partially_refunded,USD,20.00,4.00,0.00,24.00,0.00,2026-03-01 09:30:00 -0500,1,Tea,10.00,T1,,4.00,5001\n\
                #1001,,,,,,,,,,2,\"Cup, red\",5.00,C1,,,\n#1002,,paid,USD,5.00,0,0,5.00,0,2026-03-02 09:30:00 -0500,1,Cup,5.00,C1,,0,5002\n";
    let first = brought(&world, &owner, PATH, file).await;
    assert_eq!((first.status.as_u16(), counts(&first)), (200, json!([2, 0, 0, 0])), "{}", first.text);
    let shown = owner.get(&world, "/api/v1/orders/s5001").await;
    assert_eq!(shown.at("/lines/1/title"), json!("Cup, red"));
    assert_eq!(
        (shown.text_at("/status"), shown.text_at("/refunded")),
        ("partially_refunded".to_owned(), "4.00".to_owned())
    );
    assert_eq!(owner.get(&world, "/api/v1/orders/s5002").await.text_at("/customer/kind"), "walk_in");
    assert_eq!(totals(&world, &owner, "ada@example.com").await, (json!(1), "20.00".to_owned()));
    assert_eq!(counts(&brought(&world, &owner, PATH, file).await), json!([0, 0, 2, 0]));
}

#[tokio::test]
async fn an_order_whose_rows_stand_apart_is_told_so() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    let row = |order: u32, title: &str, price: u32| {
        format!("#{order},ada@example.com,2026-01-31,{title},{price}\n")
    };
    let header = "name,email,placed_at,line_title,line_price\n";
    let file = format!("{header}{}{}{}", row(1, "Tea", 10), row(2, "Cup", 5), row(1, "Pot", 30));
    for dry in ["?dry_run=true", ""] {
        let answer = brought(&world, &owner, &format!("{PATH}{dry}"), &file).await;
        assert_eq!(counts(&answer), json!([2, 0, 0, 1]), "{}", answer.text);
        assert_eq!(answer.at("/failures/0/row"), json!(3));
        assert!(answer.text_at("/failures/0/message").contains("must follow each other"), "{}", answer.text);
    }
    let again = format!("{header}{}{}{}", row(1, "Tea", 10), row(2, "Cup", 5), row(1, "Tea", 10));
    assert_eq!(
        counts(&brought(&world, &owner, PATH, &again).await),
        json!([0, 0, 3, 0]),
        "the same is no fault"
    );
    let other = format!("{header}{}", row(1, "Pot", 30));
    assert_eq!(
        counts(&brought(&world, &owner, PATH, &other).await),
        json!([0, 0, 1, 0]),
        "of another file, which may be from before the order was changed here"
    );
}

#[tokio::test]
async fn whose_orders_are_is_looked_up_together() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let rows: Vec<Value> = (0..900).map(|n| json!({"email": format!("jo{n}@example.com")})).collect();
    owner.post(&world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
    let mut file = "order,email,amount,date\n".to_owned();
    file.extend((0..900).map(|n| format!("{n},jo{n}@example.com,5.00,2026-01-31\n")));
    let dry = format!("{PATH}?dry_run=true");
    assert!(
        halt::overtaken(brought(&world, &owner, &dry, &file), 12, async {}).await.is_none(),
        "asks together"
    );
    let real = brought(&world, &owner, PATH, &file).await;
    assert_eq!(counts(&real), json!([900, 0, 0, 0]), "{}", real.text);
    assert!(
        halt::overtaken(brought(&world, &owner, PATH, &file), 12, async {}).await.is_none(),
        "of what is there, too"
    );
}

#[tokio::test]
async fn files_to_begin_with_can_be_brought() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    for one in ["customer", "order"] {
        let paths = ["/api/v1/data/samples/", "/api/data/samples/"];
        let mut paths: Vec<_> =
            paths.iter().flat_map(|path| [format!("{path}{one}"), format!("{path}{one}s")]).collect();
        paths.push(format!("/api/data/sample/{one}"));
        let mut files = Vec::new();
        for path in paths {
            assert_eq!(world.get(&path).send().await.status, 401, "{path}");
            let sample = owner.get(&world, &path).await;
            assert_eq!(sample.status, 200, "{path}");
            assert!(sample.header("content-type").starts_with("text/csv"), "{path}");
            assert!(sample.header("content-disposition").starts_with("attachment; filename="), "{path}");
            files.push(sample.text);
        }
        files.dedup();
        assert_eq!(files.len(), 1);
        for again in [false, true] {
            let answer = brought(&world, &owner, &format!("/api/v1/data/import/{one}s"), &files[0]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.at("/processed_count")),
                (200, json!(3)),
                "{}",
                answer.text
            );
            assert_eq!(answer.at("/unknown_columns"), json!([]));
            assert_eq!(answer.at("/unchanged"), json!(if again { 3 } else { 0 }));
        }
    }
    assert_eq!(totals(&world, &owner, "jose@example.com").await, (json!(1), "25.00".to_owned()));
}

#[tokio::test]
async fn an_order_of_a_file_and_one_of_the_api_are_one_if_they_have_one_id() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let order = ordered(&world, &owner, &json!({"email": "ada@example.com", "total": 5})).await;
    let id = order.text_at("/id");
    let file = format!("id,email,total,date,status\n{id},ada@example.com,5,2026-01-31,refunded\n");
    assert_eq!(counts(&brought(&world, &owner, PATH, &file).await), json!([0, 1, 0, 0]));
    assert_eq!(owner.get(&world, &format!("/api/v1/orders/{id}")).await.text_at("/status"), "refunded");
}
