//! Whether what was found in a text stands there by itself, and not as a part of something longer.

use std::ops::Range;

/// Not as the end or the beginning of a longer one.
pub(super) fn is_an_address(bytes: &[u8], found: &Range<usize>) -> bool {
    !goes_on_before(bytes, found.start) && !goes_on_after(&bytes[found.end..])
}

/// Not as a part of a longer number.
pub(super) fn is_a_number(bytes: &[u8], found: &Range<usize>) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    !is_part(found.start.checked_sub(1).and_then(|before| bytes.get(before)))
        && !is_part(bytes.get(found.end))
}

/// Not as a part of a longer word, where words stand apart.
pub(super) fn is_a_word(text: &str, found: &Range<usize>) -> bool {
    let (before, after) = (&text[..found.start], text[found.end..].chars().next());
    let is_written = matches!(before.as_bytes(), [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't']);
    let is_part = |other: Option<char>, own: Option<char>| {
        other.is_some_and(|other| other.is_alphanumeric() && !stands_close(other))
            && !own.is_some_and(stands_close)
    };
    let name = &text[found.clone()];
    let begins = is_written || !is_part(before.chars().next_back(), name.chars().next());
    begins && !is_part(after, name.chars().next_back())
}

/// A letter of those that are written without spaces between words, or with more of the word directly behind a name.
fn stands_close(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What may stand in an address before its `@` and seldom stands before one. Other signs that may (`=`, `/`, `?`, `|`, `{`, `}`
/// and `` ` ``) stand before addresses far more often than in them.
fn goes_on_before(bytes: &[u8], at: usize) -> bool {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '+' | '-' | '%');
    let Some((sign, from)) = sign_before(&bytes[..at]) else { return false };
    match sign {
        // No address begins with these here: with nothing before them they are a quote, a list, or the end of a sentence.
        '.' | '\'' | '&' | '!' | '#' | '$' | '*' | '^' | '~' => {
            sign_before(&bytes[..from]).is_some_and(|(sign, _)| is_plain(sign))
        }
        sign => is_plain(sign),
    }
}

fn goes_on_after(bytes: &[u8]) -> bool {
    match bytes {
        [b'.' | b'-', next, ..] | [next, ..] => next.is_ascii_alphanumeric(),
        [] => false,
    }
}

/// The last sign of these, as it is meant, and where it begins: JSON writes some with a stroke, or by their numbers, and links
/// by two digits behind `%`.
fn sign_before(bytes: &[u8]) -> Option<(char, usize)> {
    let numbered = |digits: usize, behind: &[u8]| {
        let from = bytes.len().checked_sub(digits)?;
        let told = std::str::from_utf8(&bytes[from..]).ok()?;
        let is_number = told.bytes().all(|byte| byte.is_ascii_hexdigit()) && bytes[..from].ends_with(behind);
        let letter = char::from_u32(u32::from_str_radix(told, 16).ok().filter(|_| is_number)?)?;
        Some((letter, from - behind.len()))
    };
    if let Some(found) = numbered(4, b"\\u").or_else(|| numbered(2, b"%")) {
        return Some(found);
    }
    match bytes {
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => Some(('\n', bytes.len() - 2)),
        [.., last] => Some((char::from(*last), bytes.len() - 1)),
        [] => None,
    }
}
