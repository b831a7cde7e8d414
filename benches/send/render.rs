//! What filling a mail costs: a newsletter of 17 KB, understood once and filled for one after the other. Beside it the same
//! bytes copied, names replaced one by one, and another engine that fills the same.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

#[path = "../audience/clock.rs"]
#[expect(dead_code, reason = "other benches ask for more of it")]
mod clock;
mod newsletter;

use clock::{Spent, alternately};
use content::{Body, Email, Facts, Filled, Name, Pattern, Shape, Value, Written};
use domain::{Currency, Minor};
use minijinja::{AutoEscape, Environment, Value as Theirs, context};
use newsletter::html;
use std::hint::black_box;

const ROUNDS: usize = 31;
/// Filled in each round, for as many people.
const PEOPLE: usize = 3_000;

struct Person {
    first_name: String,
    email: String,
    city: String,
    spent: i64,
    orders: i64,
    /// Theirs alone, as each of these links is.
    way_out: String,
}

impl Person {
    fn new(number: usize) -> Self {
        // One in a hundred has a name that must be escaped.
        let first_name =
            if number.is_multiple_of(100) { format!("Ada & <{number}>") } else { format!("Ada{number}") };
        let token = "01JD0000000000000000000000-01JD0000000000000000000000-19999-7.c2lnbmF0dXJlLW9mLTMyLWJ5dGVzLWFzLXRleHQ";
        Self {
            first_name,
            email: format!("ada.{number}@example.com"),
            city: ["Berlin", "Paris", "Toronto", "Pune"][number % 4].to_owned(),
            spent: 1_000 + i64::try_from(number).unwrap_or(0) * 7,
            orders: i64::try_from(number % 9).unwrap_or(0),
            way_out: format!("https://crm.example.com/t/unsubscribe/{token}{number:05}"),
        }
    }
}

impl Facts for Person {
    fn of(&self, name: Name) -> Value<'_> {
        match name {
            Name::FirstName => Value::text(self.first_name.as_str()),
            Name::Email => Value::text(self.email.as_str()),
            Name::City => Value::text(self.city.as_str()),
            Name::TotalSpent => Minor::new(self.spent).map_or(Value::Nothing, Value::Money),
            Name::Orders => Value::Count(self.orders),
            Name::ShopName => Value::text("Kaffeehaus"),
            Name::ShopUrl => Value::text("https://kaffeehaus.example"),
            Name::UnsubscribeUrl | Name::PreferencesUrl | Name::ViewUrl => Value::text(self.way_out.as_str()),
            _ => Value::Nothing,
        }
    }

    fn currency(&self) -> Currency {
        Currency::USD
    }
}

fn main() {
    let people: Vec<Person> = (0..PEOPLE).map(Person::new).collect();
    let source = html();
    let pattern = Pattern::read(&source, Shape::Html).expect("the newsletter is a template");
    let written = Written {
        subject: "{{ customer.first_name | default: \"Friend\" }}, the new harvest is here",
        preheader: "Beans for {{ customer.city }}",
        body: Body::Html(&source),
        text: None,
    };
    let email = Email::read(&written).expect("the newsletter is a mail");
    let jinja = jinja(&source);
    let theirs = jinja.get_template("newsletter.html").expect("it was added");
    let (bytes, of_email) = (average(&people, &pattern), average_of_mail(&people, &email));
    same(&people, &pattern, &theirs);

    let (mut page, mut filled, mut copy, mut rendered) =
        (String::new(), Filled::default(), Vec::new(), Vec::new());
    let a_page = filled_page(&people[1], &pattern);
    let mut ours = || {
        for person in &people {
            pattern.fill(person, &mut page).expect("it can be filled");
            black_box(&page);
        }
    };
    let mut whole = || {
        for person in &people {
            email.fill(person, &mut filled).expect("it can be filled");
            black_box(&filled);
        }
    };
    let mut fresh = || {
        for person in &people {
            let mut filled = Filled::default();
            email.fill(person, &mut filled).expect("it can be filled");
            black_box(&filled);
        }
    };
    let mut copies = || {
        for _ in &people {
            copy.clear();
            copy.extend_from_slice(black_box(a_page.as_bytes()));
            black_box(&copy);
        }
    };
    let mut replaced = || {
        for person in &people {
            black_box(replaced(&source, person));
        }
    };
    let mut jinjas = || {
        for person in &people {
            rendered.clear();
            theirs.render_captured_to(context_of(person), &mut rendered).expect("it can be filled");
            black_box(&rendered);
        }
    };
    let spent =
        alternately(ROUNDS, [&mut ours, &mut whole, &mut fresh, &mut copies, &mut replaced, &mut jinjas]);
    let [ours, whole, fresh, copies, replaced, jinjas] = spent.map(|(spent, ())| spent);
    println!("{PEOPLE} people, {ROUNDS} rounds in turn, medians of this thread's CPU.\n");
    println!("| | bytes | µs each | a second and core | GB/s | beside ours |\n|---|---|---|---|---|---|");
    for (what, bytes, spent) in [
        ("the HTML, into memory that is used again", bytes, ours),
        ("subject, HTML and plain text, into memory that is used again", of_email, whole),
        ("subject, HTML and plain text, into new memory each", of_email, fresh),
        ("copying as many bytes as the HTML has", bytes, copies),
        ("`str::replace`, a name after the other, nothing escaped", bytes, replaced),
        ("minijinja, the same HTML, into memory that is used again", bytes, jinjas),
    ] {
        told(what, bytes, spent, ours);
    }
}

fn told(what: &str, bytes: usize, spent: Spent, ours: Spent) {
    let each = spent.cpu / PEOPLE as f64;
    println!(
        "| {what} | {bytes} | {:.2} | {:.0} | {:.2} | {:.2}× |",
        each * 1e6,
        1.0 / each,
        bytes as f64 / each / 1e9,
        spent.cpu / ours.cpu
    );
}

fn filled_page(person: &Person, pattern: &Pattern) -> String {
    let mut page = String::new();
    pattern.fill(person, &mut page).expect("it can be filled");
    page
}

fn average(people: &[Person], pattern: &Pattern) -> usize {
    people.iter().map(|person| filled_page(person, pattern).len()).sum::<usize>() / people.len()
}

fn average_of_mail(people: &[Person], email: &Email) -> usize {
    let mut filled = Filled::default();
    let sum: usize = people
        .iter()
        .map(|person| {
            email.fill(person, &mut filled).expect("it can be filled");
            filled.subject.len() + filled.html.len() + filled.text.len()
        })
        .sum();
    sum / people.len()
}

/// The other engine's answer is the same letter for letter.
fn same(people: &[Person], pattern: &Pattern, theirs: &minijinja::Template<'_, '_>) {
    for person in people {
        let their = theirs.render(context_of(person)).expect("it can be filled");
        // It writes an apostrophe in another way, and drops the last line's end.
        let is_same = filled_page(person, pattern).trim_end() == their.replace("&#x27;", "&#39;");
        assert!(is_same, "the other engine fills it in another way");
    }
}

fn jinja(source: &str) -> Environment<'static> {
    let mut jinja = Environment::new();
    jinja.set_auto_escape_callback(|_| AutoEscape::Html);
    let theirs = source.replace("default: \"Friend\"", "default(\"Friend\", true)");
    jinja.add_template_owned("newsletter.html", theirs).expect("it is a template of theirs, too");
    jinja
}

fn context_of(person: &Person) -> Theirs {
    let Person { first_name, email, city, spent, orders, way_out } = person;
    context! {
        customer => context! {
            first_name, email, city, orders_count => orders,
            total_spent => shown(*spent),
        },
        shop => context! { name => "Kaffeehaus", url => Theirs::from_safe_string("https://kaffeehaus.example".to_owned()) },
        // A link's slashes would be escaped.
        unsubscribe_url => Theirs::from_safe_string(way_out.clone()),
        preferences_url => Theirs::from_safe_string(way_out.clone()),
        view_url => Theirs::from_safe_string(way_out.clone()),
    }
}

fn shown(spent: i64) -> String {
    format!("${}.{:02}", spent / 100, spent % 100)
}

/// What somebody would do who needs neither conditions nor letters that are escaped.
fn replaced(source: &str, person: &Person) -> String {
    let Person { first_name, email, city, spent, orders, way_out } = person;
    let mut page = source.replace("{{ customer.first_name | default: \"Friend\" }}", first_name);
    for (name, value) in [
        ("{{ customer.email }}", email.as_str()),
        ("{{ customer.city }}", city),
        ("{{ customer.total_spent }}", &shown(*spent)),
        ("{{ customer.orders_count }}", &orders.to_string()),
        ("{{ shop.name }}", "Kaffeehaus"),
        ("{{ shop.url }}", "https://kaffeehaus.example"),
        ("{{ unsubscribe_url }}", way_out),
        ("{{ preferences_url }}", way_out),
        ("{{ view_url }}", way_out),
    ] {
        page = page.replace(name, value);
    }
    page
}
