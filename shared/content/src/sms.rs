//! How many parts a text message has: the vendor is paid for each.
//!
//! GSM 03.38 has 7 bits a character: 160 in one part, 153 in each of several. A single character that it lacks makes the whole
//! message UCS-2, of 70 and 67: that may double the price, so it is told which one it was.

/// What a text costs to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub parts: usize,
    /// 7-bit characters, of which some count twice; or 16-bit ones.
    pub units: usize,
    /// The first character for which each counts as 16 bits, if there is one.
    pub wide: Option<char>,
    /// How many parts it would be without such characters.
    pub parts_otherwise: usize,
}

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Each of these is two: an escape, and another.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Units in the only part, and in each of several.
const NARROW: (usize, usize) = (160, 153);
const WIDE: (usize, usize) = (70, 67);

impl Parts {
    pub fn of(text: &str) -> Self {
        let wide = text.chars().find(|char| narrow(*char).is_none());
        let parts_otherwise = parts(text.chars().map(|char| narrow(char).unwrap_or(1)), NARROW).1;
        let (units, parts) = match wide {
            None => parts(text.chars().filter_map(narrow), NARROW),
            Some(_) => parts(text.chars().map(char::len_utf16), WIDE),
        };
        Self { parts, units, wide, parts_otherwise }
    }

    /// A word to whoever writes it, if a character makes it dearer.
    pub fn warning(&self) -> Option<String> {
        let wide = self.wide.filter(|_| self.parts > self.parts_otherwise)?;
        Some(format!(
            "`{wide}` is not among the letters of a plain text message: with it this is {} parts instead of {}",
            self.parts, self.parts_otherwise
        ))
    }
}

fn narrow(char: char) -> Option<usize> {
    if BASIC.contains(char) {
        Some(1)
    } else if EXTENDED.contains(char) {
        Some(2)
    } else {
        None
    }
}

/// All units, and how many parts they fill. A character is not cut in two: what does not fit goes into the next part.
fn parts(units: impl Iterator<Item = usize>, (alone, each): (usize, usize)) -> (usize, usize) {
    let (mut all, mut parts, mut filled) = (0, 1, 0);
    for units in units {
        all += units;
        if filled + units > each {
            parts += 1;
            filled = 0;
        }
        filled += units;
    }
    match all {
        0 => (0, 0),
        all if all <= alone => (all, 1),
        all => (all, parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_as_vendors_do() {
        let check = |text: &str, parts: usize, units: usize, wide: Option<char>| {
            let told = Parts::of(text);
            assert_eq!((told.parts, told.units, told.wide), (parts, units, wide), "{text}");
        };
        check("", 0, 0, None);
        check("Hello", 1, 5, None);
        check(&"a".repeat(160), 1, 160, None);
        check(&"a".repeat(161), 2, 161, None);
        check(&"a".repeat(306), 2, 306, None);
        check(&"a".repeat(307), 3, 307, None);
        // Two units each; the 153rd of a part is left empty.
        check(&"€".repeat(80), 1, 160, None);
        check(&"€".repeat(152), 2, 304, None);
        check(&"€".repeat(153), 3, 306, None);
        check("Grüße, señor Ñ", 1, 14, None);
        check("Hi ê", 1, 4, Some('ê'));
        check(&"я".repeat(70), 1, 70, Some('я'));
        check(&"я".repeat(71), 2, 71, Some('я'));
        // Each is two of sixteen bits, and 67 is odd.
        check(&"🎉".repeat(35), 1, 70, Some('🎉'));
        check(&"🎉".repeat(36), 2, 72, Some('🎉'));
        check(&"🎉".repeat(67), 3, 134, Some('🎉'));
    }

    #[test]
    fn what_makes_it_dearer_is_named() {
        let told = Parts::of(&format!("{}…", "a".repeat(100)));
        assert_eq!(
            told.warning().as_deref(),
            Some(
                "`…` is not among the letters of a plain text message: with it this is 2 parts instead of 1"
            )
        );
        assert_eq!(Parts::of("short…").warning(), None, "one part is one part");
        assert_eq!(Parts::of(&"a".repeat(200)).warning(), None);
    }
}
