//! Templates beside what they become.

use content::{Name, Pattern, Shape, Stopped};
use std::collections::BTreeSet;

use crate::{Somebody, filled};

fn check(source: &str, expected: &str) {
    assert_eq!(filled(source, Shape::Text, &Somebody::ada()).as_deref(), Ok(expected), "{source}");
}

fn check_nobody(source: &str, expected: &str) {
    assert_eq!(filled(source, Shape::Text, &Somebody::default()).as_deref(), Ok(expected), "{source}");
}

#[test]
fn names_become_what_is_known() {
    check("Hi {{ customer.first_name }}!", "Hi Ada!");
    check("Hi {{customer.first_name | default: \"there\"}}!", "Hi Ada!");
    check_nobody("Hi {{customer.first_name | default: \"there\"}}!", "Hi there!");
    check_nobody("Hi {{ customer.first_name }}!", "Hi !");
    check("{{ customer.total_spent }} in {{ customer.orders_count }} orders", "€120.50 in 3 orders");
    check("Since {{ customer.first_order_date }}", "Since 2025-12-24");
    check("{{ \"as it is\" }} {{ 12.50 }} {{ true }}", "as it is 12.50 true");
}

#[test]
fn what_other_systems_write_is_understood() {
    check("{name}, {spending}, {discount}", "Ada, €120.50, TEA10");
    check(
        "{{name}}, {{ total_spend }}, {{total_orders}}, {{total_visits}}, {{customer.firstName}}",
        "Ada, €120.50, 3, 3, Ada",
    );
    check("{{campaign.discount}} {customer_name}", "TEA10 Ada");
}

#[test]
fn filters_follow_each_other() {
    check("{{ customer.first_name | upcase | append: \"!\" }}", "ADA!");
    check("{{ customer.first_name | downcase | capitalize | prepend: \"<\" }}", "<Ada");
    check("{{ \"  a b \" | strip | url_encode }}", "a%20b");
    check("{{ shop.name | url_encode }}", "Tea%20%26%20Co");
    check("{{ shop.name | replace: \"Co\", \"Söhne\" | truncate: 8 }}", "Tea &...");
    check("{{ shop.name | truncate: 5, \"…\" }} {{ shop.name | truncate: 8 }}", "Tea … Tea & Co");
    check("{{ shop.name | truncatewords: 1 }} {{ shop.name | truncatewords: 3 }}", "Tea... Tea & Co");
    check("{{ customer.last_order_date | date: \"%-d %B\" }}", "5 September");
    check("{{ customer.last_order_date | date }}", "05 September 2026");
    check("{{ customer.tags | join }}; {{ customer.tags | join: \"/\" | upcase }}", "vip, tea; VIP/TEA");
    check("{{ customer.tags | first }} {{ customer.tags | last }} {{ customer.tags | size }}", "vip tea 2");
    check("{{ cart.items | size }} {{ customer.first_name | size }}", "2 3");
    check("{{ customer.total_spent | append: \" in all\" }}", "€120.50 in all");
    check_nobody("{{ customer.first_name | upcase | default: \"you\" }}", "you");
    check_nobody(
        "{{ customer.orders_count | default: 0 }} {{ customer.orders_count | default: \"no\" }}",
        "0 no",
    );
    check("{{ customer.orders_count | default: 0 }}{{ customer.orders_count | default: \"no\" }}", "33");
}

#[test]
fn conditions_decide() {
    let is_so = |condition: &str, expected: bool| {
        let source = format!("{{% if {condition} %}}yes{{% else %}}no{{% endif %}}");
        check(&source, if expected { "yes" } else { "no" });
        let source = format!("{{% unless {condition} %}}no{{% else %}}yes{{% endunless %}}");
        check(&source, if expected { "yes" } else { "no" });
    };
    is_so("customer.first_name", true);
    is_so("customer.last_name", false);
    is_so("customer.first_name == \"Ada\"", true);
    is_so("customer.first_name != 'Ada'", false);
    is_so("customer.last_name == blank", true);
    is_so("customer.tags == empty", false);
    is_so("customer.last_name == \"\"", false);
    is_so("customer.last_name != \"Lovelace\"", true);
    is_so("customer.orders_count >= 3", true);
    is_so("customer.orders_count > 3", false);
    is_so("customer.orders_count < 3.5", true);
    is_so("customer.total_spent > 120.49", true);
    is_so("customer.total_spent == 120.5", true);
    is_so("customer.total_spent <= 120", false);
    is_so("customer.average_order > 0", false);
    is_so("customer.average_order <= 0", false);
    is_so("customer.first_order_date < customer.last_order_date", true);
    is_so("customer.first_order_date == customer.last_order_date", false);
    is_so("customer.tags contains \"vip\"", true);
    is_so("customer.tags contains \"vi\"", false);
    is_so("customer.first_name contains \"da\"", true);
    is_so("customer.first_name and customer.orders_count == 3", true);
    is_so("customer.last_name or customer.phone or customer.first_name", true);
    is_so("customer.first_name and customer.phone", false);
    is_so("customer.first_name | size > 2", true);
    check("{% if customer.phone %}a{% elsif customer.orders_count > 1 %}b{% else %}c{% endif %}", "b");
    check_nobody("{% if customer.phone %}a{% elsif customer.orders_count > 1 %}b{% else %}c{% endif %}", "c");
}

#[test]
fn loops_go_through_what_there_is() {
    check(
        "{% for item in cart.items %}{{ forloop.index }}. {{ item.quantity }} x {{ item.title }} {{ item.price }} \
         {{ item.url }}{{ item.image_url }}{% unless forloop.last %}; {% endunless %}{% endfor %}",
        "1. 1 x Kettle €49.00 https://nordlicht.test/kettle; 2. 2 x Cup €9.50 https://nordlicht.test/cup",
    );
    check("{% for tag in customer.tags limit: 1 %}{{ tag }}{% endfor %}", "vip");
    check("{% for tag in customer.tags limit: 0 %}{{ tag }}{% else %}none{% endfor %}", "none");
    check_nobody("{% for tag in customer.tags %}{{ tag }}{% else %}none{% endfor %}", "none");
    check(
        "{% for tag in customer.tags %}{% for item in cart.items %}{{ tag }}{{ forloop.first }}{{ item.title }} {% endfor \
         %}{% endfor %}",
        "viptrueKettle vipfalseCup teatrueKettle teafalseCup ",
    );
    // The inner one hides the outer.
    check(
        "{% for a in customer.tags limit: 1 %}{% for a in cart.items %}{{ a.title }} {% endfor %}{{ a }}{% endfor %}",
        "Kettle Cup vip",
    );
}

#[test]
fn a_value_stays_a_text_where_it_stands() {
    let ada = Somebody { first_name: "<b>Ada</b>", ..Somebody::ada() };
    let html = filled("<p title=\"{{ shop.name }}\">{{ name }}</p>", Shape::Html, &ada).unwrap();
    assert_eq!(html, "<p title=\"Tea &amp; Co\">&lt;b&gt;Ada&lt;/b&gt;</p>");
    let html = filled("{{ name | escape }}", Shape::Html, &ada).unwrap();
    assert_eq!(html, "&lt;b&gt;Ada&lt;/b&gt;", "once, not twice");
    assert_eq!(filled("{{ name }}", Shape::Text, &ada).unwrap(), "<b>Ada</b>");
    let ada = Somebody { first_name: "Ada\r\nBcc: all@example.com", ..Somebody::ada() };
    assert_eq!(filled("Hi {{ name }}", Shape::Subject, &ada).unwrap(), "Hi Ada  Bcc: all@example.com");
    // What a customer calls themselves is no template.
    let ada = Somebody { first_name: "{{ shop.name }}", ..Somebody::ada() };
    assert_eq!(filled("{{ name }}", Shape::Text, &ada).unwrap(), "{{ shop.name }}");
}

#[test]
fn a_template_may_leave_somebody_out() {
    let source = "{% unless cart.items %}{% skip \"nothing in the basket\" %}{% endunless %}Hi";
    assert_eq!(filled(source, Shape::Text, &Somebody::ada()).unwrap(), "Hi");
    let told = filled(source, Shape::Text, &Somebody::default());
    assert_eq!(told, Err(Stopped::Skipped("nothing in the basket".to_owned())));
}

#[test]
fn who_fills_it_knows_what_it_reads() {
    let template = Pattern::read(
        "{{ name }}{% if total_spend > 5 %}{% for item in cart.items %}{{ item.title }}{% endfor %}{% endif %}",
        Shape::Text,
    )
    .unwrap();
    assert_eq!(template.names(), &BTreeSet::from([Name::FullName, Name::TotalSpent, Name::Basket]));
}
