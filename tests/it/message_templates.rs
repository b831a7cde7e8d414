//! Words for many: made, tried on a customer, changed, deleted; all that is wrong is told (CMP-08).

use crate::{
    cast::{Person, sign_up},
    customers::{made, shop, told},
    orders::ordered,
};
use local::World;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/templates";

async fn kept(world: &World, owner: &Person, body: &Value) -> String {
    let answer = owner.post(world, PATH, body).await;
    assert_eq!(answer.status, 201, "{body}: {}", answer.text);
    assert_eq!(answer.header("location"), format!("{PATH}/{}", answer.text_at("/id")));
    answer.text_at("/id")
}

/// Each with its place and its sentence.
async fn wrong(world: &World, owner: &Person, body: &Value) -> Vec<(String, String)> {
    let answer = owner.post(world, PATH, body).await;
    assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    let faults = answer.at("/errors").as_array().cloned().unwrap_or_default();
    let text = |fault: &Value, member: &str| fault[member].as_str().unwrap_or_default().to_owned();
    faults.iter().map(|fault| (text(fault, "pointer"), text(fault, "detail"))).collect()
}

#[tokio::test]
async fn a_template_is_made_tried_changed_and_deleted() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let ada = json!({"first_name": "Ada", "last_name": "<L>", "email": "ada@example.com", "tags": ["vip"]});
    let ada = made(&world, &owner, &ada).await;
    let order =
        json!({"customer_id": ada, "total": "60", "placed_at": "2026-09-20T10:00:00Z", "status": "paid"});
    ordered(&world, &owner, &order).await;

    let words = json!({"name": "Spring", "subject": "Hi {{ name }}", "preheader": "For you",
        "mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>{{ name }}: {{ total_spend }} in {{ total_orders }}\
            {% if customer.tags contains \"vip\" %}, thanks{% endif %}</mj-text></mj-column></mj-section></mj-body></mjml>"});
    let id = kept(&world, &owner, &words).await;
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await.json();
    assert_eq!(
        (&shown["mjml"], &shown["html"], &shown["version"]),
        (&words["mjml"], &Value::Null, &json!(1))
    );
    assert_eq!(
        shown["names"],
        json!(["customer.name", "customer.total_spent", "customer.orders_count", "customer.tags"])
    );

    let preview = owner.post(&world, &format!("{PATH}/{id}/preview"), &json!({"customer": ada})).await.json();
    assert_eq!((&preview["subject"], &preview["is_sample"]), (&json!("Hi Ada <L>"), &json!(false)));
    let html = preview["html"].as_str().expect("HTML");
    assert!(html.contains("Ada &lt;L&gt;: $60.00 in 1, thanks"), "{html}");
    assert_eq!(preview["text"], "Ada <L>: $60.00 in 1, thanks");
    let sample = owner.post(&world, &format!("{PATH}/{id}/preview"), &json!({})).await.json();
    assert_eq!((&sample["subject"], &sample["is_sample"]), (&json!("Hi Ada Lovelace"), &json!(true)));

    let sms = json!({"name": "Summer", "channel": "sms", "text": "Hi {name}, ê", "version": 1});
    let changed = owner.call(&world, "PUT", &format!("{PATH}/{id}"), &sms).await;
    assert_eq!((changed.status.as_u16(), changed.at("/version")), (200, json!(2)), "{}", changed.text);
    let late = owner.call(&world, "PUT", &format!("{PATH}/{id}"), &sms).await;
    assert_eq!((late.status.as_u16(), late.text_at("/code").as_str()), (409, "changed_meanwhile"));
    let preview = owner.post(&world, &format!("{PATH}/{id}/preview"), &json!({})).await.json();
    assert_eq!((&preview["text"], &preview["parts"]), (&json!("Hi Ada Lovelace, ê"), &json!(1)));

    let list = owner.get(&world, PATH).await.json();
    assert_eq!((&list["total"], &list["items"][0]["name"]), (&json!(1), &json!("Summer")));
    let gone = owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &Value::Null).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert_eq!(owner.get(&world, &format!("{PATH}/{id}")).await.status, 404);
    assert_eq!(owner.get(&world, PATH).await.json()["total"], json!(0));
}

#[tokio::test]
async fn words_are_tried_before_they_are_kept() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let bob = made(&world, &owner, &json!({"email": "bob@example.com"})).await;
    let tried = async |body: Value| owner.post(&world, &format!("{PATH}/preview"), &body).await;
    let blocks = json!({"blocks": [{"type": "text", "text": "Hi {{ first_name | default: \"there\" }}"},
        {"type": "footer", "text": "Hamburg"}]});
    let preview = tried(json!({"subject": "Hi", "blocks": blocks, "customer": bob})).await.json();
    assert!(preview["html"].as_str().is_some_and(|html| html.contains("Hi there")), "{preview}");
    assert!(preview["text"].as_str().is_some_and(|text| text.contains("[Unsubscribe][1]")), "{preview}");

    let skips = "{% unless first_name %}{% skip \"no name\" %}{% endunless %}Hi";
    let preview = tried(json!({"channel": "sms", "text": skips, "customer": bob})).await.json();
    assert_eq!(
        (&preview["skipped"], &preview["text"]),
        (&json!("the template leaves them out: no name"), &Value::Null)
    );
    let looped = "{% for a in customer.tags %}x{% endfor %}".repeat(3);
    assert_eq!(tried(json!({"channel": "sms", "text": looped})).await.json()["text"], "xxx");

    let text = "a".repeat(200) + "…";
    let preview = tried(json!({"channel": "sms", "text": text})).await.json();
    assert_eq!(preview["parts"], json!(3));
    assert!(
        preview["warnings"][0].as_str().is_some_and(|told| told.starts_with("`…` is not among")),
        "{preview}"
    );

    let nobody = tried(json!({"channel": "sms", "text": "Hi", "customer": "s1"})).await;
    assert_eq!(nobody.status, 404, "{}", nobody.text);
    let other = sign_up(&world, "bea").await;
    let theirs = json!({"channel": "sms", "text": "Hi", "customer": bob});
    let theirs = other.post(&world, &format!("{PATH}/preview"), &theirs).await;
    assert_eq!(theirs.status, 404, "another tenant's customer is nobody");
}

#[tokio::test]
async fn all_that_is_wrong_with_words_is_told() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let pair = |at: &str, sentence: &str| (at.to_owned(), sentence.to_owned());
    let body =
        json!({"name": "x", "subject": "{{ nmae }}", "html": "<p>{{ customer.zzz", "text": "{% if %}"});
    assert_eq!(
        wrong(&world, &owner, &body).await,
        [
            pair("/subject", "line 1, column 4: `nmae` is not known: did you mean `customer.name`?"),
            pair("/text", "line 1, column 4: `if` is not closed by `{% endif %}`"),
            pair("/text", "line 1, column 6: a name is expected, as in `customer.first_name`"),
            pair("/html", "line 1, column 4: `{{` is not closed by `}}`"),
        ]
    );
    let body = json!({"name": " ", "subject": "Hi", "html": "a", "mjml": "b"});
    let faults = wrong(&world, &owner, &body).await;
    assert_eq!(faults[0].0, "/name");
    assert_eq!(faults[1], pair("/html", "tell one of `html`, `mjml` and `blocks`"));
    let body = json!({"name": "x", "subject": "Hi", "blocks": {"blocks": [{"type": "video"}]}});
    assert_eq!(wrong(&world, &owner, &body).await[0].0, "/blocks/blocks/0/type");
    let body =
        json!({"name": "x", "subject": "Hi", "blocks": {"blocks": [{"type": "text", "text": "{{ zzz }}"}]}});
    assert_eq!(
        wrong(&world, &owner, &body).await,
        [pair("/blocks/blocks/0/text", "line 1, column 4: `zzz` is not known")]
    );
    let body = json!({"name": "x", "channel": "sms", "subject": "Hi"});
    assert_eq!(
        wrong(&world, &owner, &body).await,
        [pair("/subject", "an SMS has a `text` and nothing else"), pair("/text", "an SMS has a text")]
    );
    let body =
        json!({"name": "x", "channel": "sms", "text": "{% for a in cart.items %}{{ a.title }}{% endfor %}"});
    assert_eq!(
        wrong(&world, &owner, &body).await,
        [pair("", "`cart.items` is not known where a message goes to many")]
    );
    let long = "a".repeat(300 * 1024);
    let body = json!({"name": "x", "subject": "Hi", "html": long});
    assert!(wrong(&world, &owner, &body).await[0].1.contains("262144 are the most"));
    let body = json!({"name": "x", "subject": "Hi", "html": "a", "customer": "s1"});
    assert_eq!(wrong(&world, &owner, &body).await[0].0, "/customer");
    let unknown = owner.post(&world, PATH, &json!({"name": "x", "sms": "Hi"})).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    assert_eq!(told(&unknown).2, "/sms");
    assert_eq!(owner.get(&world, PATH).await.json()["total"], json!(0), "nothing was kept");
}
