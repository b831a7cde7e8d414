//! A rule as text: `last_order_date >= -90d AND NOT (customer_tags CONTAINS 'vip' OR amount_spent > 500)`.

mod grammar;
mod print;
mod token;

use chumsky::{
    error::{RichPattern, RichReason},
    prelude::*,
};

use crate::{
    limits::{BRACKETS_MAX, RESUMED_MAX, TEXT_BYTES_MAX},
    nearest::nearest,
    problem::{Place, Problem, Wrong},
    told::{Node, Told},
};
use token::{Key, Token, Tokens};

/// What was told, as far as it can be read, and all that is wrong with its form.
pub(crate) fn read(text: &str) -> (Told<Node>, Vec<Problem>) {
    let whole = Place::Bytes(0..text.len());
    let unread = Told { place: whole.clone(), is: Node::Unread };
    if text.len() > TEXT_BYTES_MAX {
        return (unread, vec![Problem::new(&whole, Wrong::TooLong(text.len(), TEXT_BYTES_MAX))]);
    }
    let (tokens, mut problems) = token::tokens(text);
    if tokens.is_empty() {
        let wrong = Wrong::Empty("rule");
        problems.push(Problem::new(&whole, wrong));
        return (unread, problems);
    }
    if let Some(place) = too_deep(&tokens) {
        problems.push(Problem::new(&place, Wrong::TooDeep(BRACKETS_MAX)));
        return (unread, problems);
    }
    let mut parts = Vec::new();
    let mut at = 0;
    let grammar = grammar::rule();
    for _ in 0..=RESUMED_MAX {
        let input = tokens[at..].split_token_span((text.len()..text.len()).into());
        let (told, wrong) = grammar.parse(input).into_output_errors();
        parts.extend(told);
        let ended = wrong
            .iter()
            .filter(|wrong| wrong.expected().any(|expected| *expected == RichPattern::EndOfInput));
        let ended = ended.filter(|wrong| wrong.found().is_some()).map(|wrong| wrong.span().start).max();
        problems.extend(wrong.iter().map(problem));
        // What follows without AND or OR is looked at, too.
        let next = ended.and_then(|begin| tokens.iter().position(|(_, span)| span.start >= begin));
        let next = next.map(|next| next + usize::from(!may_begin(&tokens[next].0)));
        match next.filter(|next| at < *next && *next < tokens.len()) {
            Some(next) => at = next,
            None => break,
        }
    }
    let told = if parts.len() == 1 { parts.remove(0) } else { Told { place: whole, is: Node::All(parts) } };
    let is_read = !matches!(&told.is, Node::All(parts) if parts.is_empty());
    (if is_read { told } else { unread }, problems)
}

fn may_begin(token: &Token<'_>) -> bool {
    matches!(token, Token::Word(_) | Token::Open | Token::Key(Key::Not | Key::Everyone))
}

/// Where brackets lie deeper in each other than the parser goes down.
fn too_deep(tokens: &Tokens<'_>) -> Option<Place> {
    let mut depth = 0_usize;
    for (token, span) in tokens {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return Some(Place::Bytes(span.start..span.end));
        }
    }
    None
}

fn problem(wrong: &Rich<'_, Token<'_>>) -> Problem {
    let span = wrong.span();
    let place = Place::Bytes(span.start..span.end);
    let mut expected: Vec<String> = wrong.expected().filter_map(pattern).collect();
    expected.sort();
    expected.dedup();
    let (wrong, meant) = match wrong.reason() {
        RichReason::ExpectedFound { found: Some(token), .. } => {
            let words = expected.iter().map(|expected| expected.trim_matches('`'));
            let meant = match &**token {
                Token::Word(word) => nearest(word, words.filter(|word| word.chars().all(char::is_uppercase))),
                _ => None,
            };
            (Wrong::Unexpected(token.to_string()), meant)
        }
        _ => (Wrong::TooShort, None),
    };
    Problem::new(&place, wrong).expecting(expected).meaning(meant)
}

fn pattern(pattern: &RichPattern<'_, Token<'_>>) -> Option<String> {
    match pattern {
        RichPattern::Token(token) => Some(token.to_string()),
        RichPattern::Label(label) => Some(label.to_string()),
        RichPattern::EndOfInput => Some("the end".to_owned()),
        _ => None,
    }
}
