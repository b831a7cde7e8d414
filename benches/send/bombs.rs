//! Templates that would take for ever, or all there is of memory: how long each goes on until it is stopped, and what is said.
//! Fails if one takes longer than it may, or is not stopped.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

use content::{
    Body, Email, Facts, Filled, Line, Name, Pattern, Shape, Value, Written, blocks::Blocks, limits, mjml,
};
use domain::{Currency, Minor};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

const MAY: Duration = Duration::from_millis(10);
const ROUNDS: usize = 51;

/// Whoever has filled a basket with a list as long as lists may be.
struct Hoarder(Vec<Line>);

impl Facts for Hoarder {
    fn of(&self, name: Name) -> Value<'_> {
        match name {
            Name::FirstName | Name::FullName => Value::text("Ada"),
            Name::Basket => Value::Lines(&self.0),
            _ => Value::Nothing,
        }
    }

    fn currency(&self) -> Currency {
        Currency::USD
    }
}

fn nested(depth: usize, within: &str) -> String {
    let open: String = (0..depth).map(|at| format!("{{% for a{at} in cart.items %}}")).collect();
    format!("{open}{within}{}", "{% endfor %}".repeat(depth))
}

/// What is said of it when it is stopped; `None`: it was let through.
type Bomb = Box<dyn Fn(&Hoarder) -> Option<String>>;

fn pattern(source: String, shape: Shape) -> Bomb {
    Box::new(move |facts| match Pattern::read(&source, shape) {
        Err(faults) => faults.first().map(ToString::to_string),
        Ok(pattern) => pattern.fill(facts, &mut String::new()).err().map(|stopped| stopped.to_string()),
    })
}

fn email(html: String) -> Bomb {
    Box::new(move |facts| {
        let written = Written { subject: "Hi", preheader: "", body: Body::Html(&html), text: None };
        match Email::read(&written) {
            Err(faults) => faults.first().map(|fault| fault.sentence.clone()),
            Ok(email) => email.fill(facts, &mut Filled::default()).err().map(|stopped| stopped.to_string()),
        }
    })
}

/// Each opening may be the end that is looked for, and none is.
fn unread(bytes: usize) -> Bomb {
    let (open, end) = ("{% raw %}", " %}");
    let openings = "{%".repeat((bytes - open.len() - end.len()) / 2);
    pattern(format!("{open}{openings}{end}"), Shape::Html)
}

fn bombs() -> Vec<(&'static str, Bomb)> {
    let mebibyte = 1024 * 1024;
    let doubling = " | replace: \"A\", \"AAAAAAAAAAAAAAAA\"".repeat(limits::FILTERS_MAX);
    let deep = 20_000;
    vec![
        ("five loops within one another, with nothing in them", pattern(nested(5, ""), Shape::Html)),
        ("five loops, with a letter in them", pattern(nested(5, "x"), Shape::Html)),
        ("five loops, with a name in them", pattern(nested(5, "{{ name }}"), Shape::Html)),
        ("five loops, with a condition in them", pattern(nested(5, "{% if name %}{% endif %}"), Shape::Html)),
        (
            "eight filters that each make it sixteen times as long",
            pattern(format!("{{{{ name{doubling} }}}}"), Shape::Html),
        ),
        ("a loop that writes a kilobyte each time", pattern(nested(2, &"x".repeat(1_000)), Shape::Text)),
        (
            "conditions within conditions, 20,000 deep",
            pattern(format!("{}{}", "{% if name %}".repeat(deep), "{% endif %}".repeat(deep)), Shape::Html),
        ),
        (
            "brackets within brackets, 20,000 deep",
            pattern(format!("{{% if {} name %}}{{% endif %}}", "(".repeat(deep)), Shape::Html),
        ),
        ("a template that includes itself", pattern("{% include \"itself\" %}".to_owned(), Shape::Html)),
        ("a name that is made of itself", pattern("{% assign a = a | append: a %}".to_owned(), Shape::Html)),
        ("1 MiB of letters", pattern("x".repeat(mebibyte), Shape::Html)),
        ("1 MiB of names", pattern("{{ name }}".repeat(mebibyte / 10), Shape::Html)),
        ("1 MiB of openings", pattern("{{".repeat(mebibyte / 2), Shape::Html)),
        ("256 KiB of openings", pattern("{%".repeat(limits::SOURCE_BYTES_MAX / 2), Shape::Html)),
        ("256 KiB of openings with one end, not to be read", unread(mebibyte / 4)),
        (
            "256 KiB of quotes",
            pattern(format!("{{{{ {}", "'\"".repeat(limits::SOURCE_BYTES_MAX / 2 - 2)), Shape::Html),
        ),
        (
            "256 KiB with fifty mistakes at their end",
            pattern(format!("{}{}", "x\n".repeat(130_000), "{{ zzzzz }}".repeat(100)), Shape::Html),
        ),
        ("256 KiB of mistakes", pattern("{{ customer.fist_name }}".repeat(10_900), Shape::Html)),
        ("256 KiB of names, in a loop", pattern(nested(1, &"{{ name }}".repeat(25_000)), Shape::Html)),
        (
            "as many names as there may be, in a loop",
            pattern(nested(1, &"{{ name }}".repeat(limits::OPENINGS_MAX - 2)), Shape::Html),
        ),
        ("1 MiB of HTML", email("<p>x</p>".repeat(mebibyte / 8))),
        (
            "1 MiB of MJML",
            Box::new(move |_| {
                let faults = mjml::html_of(&format!(
                    "<mjml><mj-body>{}</mj-body></mjml>",
                    "<mj-section></mj-section>".repeat(mebibyte / 25)
                ))
                .err()?;
                faults.first().map(ToString::to_string)
            }),
        ),
        (
            "MJML within MJML, 5,000 deep",
            Box::new(move |_| {
                let (open, close) = ("<mj-wrapper>".repeat(5_000), "</mj-wrapper>".repeat(5_000));
                let faults =
                    mjml::html_of(&format!("<mjml><mj-body>{open}{close}</mj-body></mjml>")).err()?;
                faults.first().map(ToString::to_string)
            }),
        ),
        (
            "blocks within blocks, 20,000 deep",
            Box::new(move |_| {
                let (open, close) = ("[{\"type\":\"columns\",\"columns\":[".repeat(deep), "]}]".repeat(deep));
                let blocks = format!("{{\"blocks\":{open}{close}}}");
                serde_json::from_str::<Blocks>(&blocks).err().map(|wrong| wrong.to_string())
            }),
        ),
    ]
}

fn main() -> ExitCode {
    let line = Line { title: "x".repeat(100), quantity: 1, price: Minor::ZERO, url: None, image_url: None };
    let hoarder = Hoarder(vec![line; 250]);
    let mut failed = false;
    println!("| template | stopped after, ms (median of {ROUNDS}; worst) | what is said |\n|---|---|---|");
    for (what, bomb) in bombs() {
        let said = bomb(&hoarder);
        let mut times: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(bomb(&hoarder));
                start.elapsed()
            })
            .collect();
        times.sort();
        let (median, worst) = (times[ROUNDS / 2], times[ROUNDS - 1]);
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        failed |= median > MAY || said.is_none();
        let said = said.unwrap_or_else(|| "nothing: it was let through".to_owned());
        println!("| {what} | {:.2}; {:.2} | {said} |", millis(median), millis(worst));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
