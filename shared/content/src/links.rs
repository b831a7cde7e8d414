//! Links in a mail, found once when it is understood: where they lead is decided for each who gets it.
//!
//! A link is whole or is left as it is: one of which only a part always stands there (a condition within its target) is none.

use std::ops::Range;

use crate::{
    escape,
    tree::{Node, Shape},
};

/// What is written in a value's place while links are looked for, and in that of a condition, a loop or a skip.
const VALUE: u8 = b'x';
const OTHER: u8 = 1;

/// The same nodes, with what is a link's target together, at every depth.
pub(crate) fn together(nodes: Vec<Node>, source: &str, shape: Shape) -> Vec<Node> {
    let told = Told::of(&nodes, source);
    let links = match shape {
        Shape::Html => of_html(&told.bytes),
        Shape::Text => of_text(&told.bytes),
        Shape::Subject => Vec::new(),
    };
    let is_whole = |link: &Range<usize>| !link.is_empty() && !told.bytes[link.clone()].contains(&OTHER);
    let mut links = links.into_iter().filter(is_whole).peekable();
    let mut done = Vec::new();
    let mut open: Option<(usize, Vec<Node>)> = None;
    for (node, place) in nodes.into_iter().zip(told.places) {
        let Node::Plain(range) = node else {
            let node = within(node, source, shape);
            match &mut open {
                Some((_, target)) => target.push(node),
                None => done.push(node),
            }
            continue;
        };
        // Between the place in what was looked through and the place in the source.
        let plain = |part: Range<usize>| {
            Node::Plain(part.start - place.start + range.start..part.end - place.start + range.start)
        };
        let mut at = place.start;
        loop {
            match open.take() {
                Some((until, mut target)) => {
                    let end = until.min(place.end);
                    target.extend((at < end).then(|| plain(at..end)));
                    at = end;
                    if until > place.end {
                        open = Some((until, target));
                        break;
                    }
                    done.push(link(target, source, shape));
                }
                None => match links.next_if(|link| link.start <= place.end) {
                    Some(link) => {
                        done.extend((at < link.start).then(|| plain(at..link.start)));
                        at = link.start;
                        open = Some((link.end, Vec::new()));
                    }
                    None => break,
                },
            }
        }
        if open.is_none() && at < place.end {
            done.push(plain(at..place.end));
        }
    }
    done.extend(open.map(|(_, target)| link(target, source, shape)));
    done
}

fn link(target: Vec<Node>, source: &str, shape: Shape) -> Node {
    let always = match &target[..] {
        [Node::Plain(range)] => Some(escape::plain(&source[range.clone()], shape).into()),
        _ => None,
    };
    Node::Link { target, always }
}

fn within(node: Node, source: &str, shape: Shape) -> Node {
    let inner = |nodes| together(nodes, source, shape);
    match node {
        Node::If { arms, otherwise } => Node::If {
            arms: arms.into_iter().map(|(condition, nodes)| (condition, inner(nodes))).collect(),
            otherwise: inner(otherwise),
        },
        Node::For { of, limit, body, empty } => {
            Node::For { of, limit, body: inner(body), empty: inner(empty) }
        }
        other => other,
    }
}

/// A list of nodes as one text, a letter for each that is not plain.
struct Told {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Told {
    fn of(nodes: &[Node], source: &str) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::with_capacity(nodes.len()));
        for node in nodes {
            let from = bytes.len();
            match node {
                Node::Plain(range) => bytes.extend_from_slice(source[range.clone()].as_bytes()),
                Node::Value(_) => bytes.push(VALUE),
                _ => bytes.push(OTHER),
            }
            places.push(from..bytes.len());
        }
        Self { bytes, places }
    }
}

/// What stands in `href` of `a` and `area`. Comments are not looked into: what Outlook alone reads stays as it is.
fn of_html(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = memchr::memchr(b'<', &bytes[at..]) {
        at += next + 1;
        let rest = &bytes[at..];
        if rest.starts_with(b"!--") {
            at = memchr::memmem::find(rest, b"-->").map_or(bytes.len(), |end| at + end);
            continue;
        }
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if rest[..name].eq_ignore_ascii_case(b"a") || rest[..name].eq_ignore_ascii_case(b"area") {
            at = attributes(bytes, at + name, &mut found);
        }
    }
    found
}

/// Up to the tag's end.
fn attributes(bytes: &[u8], from: usize, found: &mut Vec<Range<usize>>) -> usize {
    let is_gap = |byte: u8| byte.is_ascii_whitespace() || byte == b'/' || byte == OTHER;
    let skipped = |at: usize, skip: &dyn Fn(u8) -> bool| {
        at + bytes[at..].iter().take_while(|byte| skip(**byte)).count()
    };
    let mut at = from;
    loop {
        at = skipped(at, &is_gap);
        if at >= bytes.len() || bytes[at] == b'>' {
            return at;
        }
        let name = at;
        at = skipped(at, &|byte| !is_gap(byte) && byte != b'=' && byte != b'>');
        let is_target = bytes[name..at].eq_ignore_ascii_case(b"href");
        let equals = skipped(at, &|byte| byte.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            at = at.max(name + 1);
            continue;
        }
        at = skipped(equals + 1, &|byte| byte.is_ascii_whitespace());
        let value = if let Some(quote @ (b'"' | b'\'')) = bytes.get(at) {
            let end = skipped(at + 1, &|byte| byte != *quote);
            let value = at + 1..end;
            at = (end + 1).min(bytes.len());
            value
        } else {
            let start = at;
            at = skipped(at, &|byte| !byte.is_ascii_whitespace() && byte != b'>');
            start..at
        };
        if is_target {
            found.push(value);
        }
    }
}

/// What begins as an address of the web, up to what cannot be in one.
fn of_text(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in memchr::memmem::find_iter(bytes, b"http") {
        let rest = &bytes[start..];
        let is_web = rest.starts_with(b"http://") || rest.starts_with(b"https://");
        if !is_web || found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"<>\"()[]".contains(byte);
        let long = rest.iter().position(ends).unwrap_or(rest.len());
        let words = &rest[..long];
        let trailing = words.iter().rev().take_while(|byte| b".,;:!?'*".contains(byte)).count();
        found.push(start..start + long - trailing);
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Facts, Name, Pattern, Shape, Value};
    use domain::Currency;

    /// Leads every link to `<it>`, but those to the shop.
    struct Ada;

    impl Facts for Ada {
        fn of(&self, name: Name) -> Value<'_> {
            match name {
                Name::FirstName => Value::text("Ada & <Bo>"),
                Name::Email => Value::text("ada@example.com"),
                Name::ShopUrl => Value::text("https://shop.example"),
                _ => Value::Nothing,
            }
        }

        fn currency(&self) -> Currency {
            Currency::USD
        }

        fn leads(&self, target: &str) -> Option<String> {
            target.starts_with("http").then(|| format!("«{target}»"))
        }
    }

    fn check(shape: Shape, source: &str, expected: &str) {
        let mut filled = String::new();
        Pattern::read(source, shape).unwrap().with_links().fill(&Ada, &mut filled).unwrap();
        assert_eq!(filled, expected, "{source}");
    }

    #[test]
    fn the_targets_of_links_in_html_lead_elsewhere() {
        let html = |source: &str, expected: &str| check(Shape::Html, source, expected);
        html("<p>x</p><a href=\"http://a.test\">A</a> b", "<p>x</p><a href=\"«http://a.test»\">A</a> b");
        html("<A class=b HREF='http://a.test/?x=1&amp;y=2'>", "<A class=b HREF='«http://a.test/?x=1&y=2»'>");
        html("<a href=http://a.test/>", "<a href=«http://a.test/»>");
        html("<area shape=\"rect\" href = \"http://a\" />", "<area shape=\"rect\" href = \"«http://a»\" />");
        html(
            "<a href=\"http://a\">1</a><a href=\"http://b\">2</a>",
            "<a href=\"«http://a»\">1</a><a href=\"«http://b»\">2</a>",
        );
        html("<a href=\"{{ shop.url }}\">{{ name }}</a>", "<a href=\"«https://shop.example»\"></a>");
        html(
            "<a href=\"http://a/?e={{ customer.email }}&amp;n={{ customer.first_name }}\">",
            "<a href=\"«http://a/?e=ada@example.com&n=Ada & <Bo>»\">",
        );
        html(
            "{% if customer.email %}<a href=\"http://a\">{% else %}<a href=\"http://b\">{% endif %}",
            "<a href=\"«http://a»\">",
        );
        html(
            "<a {% if customer.email %}class=\"x\"{% endif %} href=\"http://a\">",
            "<a class=\"x\" href=\"«http://a»\">",
        );
    }

    #[test]
    fn what_is_no_link_stays_as_it_is() {
        for source in [
            "<a href=\"mailto:ada@example.com\">",
            "<a href=\"\">",
            "<a name=\"http://a\">",
            "<img src=\"http://a\"><link href=\"http://a\">",
            "<!-- <a href=\"http://a\"> -->",
            "<a href",
            "<a =\"http://a\">",
            "<",
            "<a",
        ] {
            check(Shape::Html, source, source);
        }
        check(
            Shape::Html,
            "<a href=\"http://a/{% if customer.email %}b{% endif %}\">",
            "<a href=\"http://a/b\">",
        );
        check(Shape::Subject, "see http://a.test", "see http://a.test");
    }

    #[test]
    fn addresses_in_plain_text_lead_elsewhere() {
        let text = |source: &str, expected: &str| check(Shape::Text, source, expected);
        text("see https://a.test/b.", "see «https://a.test/b».");
        text("[1]: http://a\n[2]: https://b?c=d, e", "[1]: «http://a»\n[2]: «https://b?c=d», e");
        text("http://a?e={{ customer.email }}", "«http://a?e=ada@example.com»");
        text("{% if customer.email %}http://a{% endif %}/b", "«http://a»/b");
        text("http://a/{% if customer.email %}b{% endif %}", "http://a/b");
        text("httpx://a (http://b)", "httpx://a («http://b»)");
    }
}
