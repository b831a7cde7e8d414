//! What a password must be. The rules are few and each has a name, so that a refusal can list them.

/// A rule that a password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    TooShort,
    TooLong,
    NoLowerCase,
    NoUpperCase,
    NoDigit,
    NoSymbol,
}

/// At least this many characters.
pub const CHARACTERS_MIN: usize = 8;
/// At most this many bytes: hashing takes longer the longer the text is.
pub const BYTES_MAX: usize = 256;

impl Rule {
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::NoLowerCase => "password_needs_lower_case",
            Self::NoUpperCase => "password_needs_upper_case",
            Self::NoDigit => "password_needs_digit",
            Self::NoSymbol => "password_needs_symbol",
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::TooShort => "needs at least 8 characters",
            Self::TooLong => "must not be longer than 256 bytes",
            Self::NoLowerCase => "needs a lower-case letter",
            Self::NoUpperCase => "needs an upper-case letter",
            Self::NoDigit => "needs a digit",
            Self::NoSymbol => "needs a symbol, such as ! or a space",
        }
    }
}

/// Every rule that it breaks; none if it is fit.
pub fn broken_rules(password: &str) -> Vec<Rule> {
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let checks = [
        (password.chars().count() < CHARACTERS_MIN, Rule::TooShort),
        (password.len() > BYTES_MAX, Rule::TooLong),
        (!has(char::is_lowercase), Rule::NoLowerCase),
        (!has(char::is_uppercase), Rule::NoUpperCase),
        (!has(char::is_numeric), Rule::NoDigit),
        (!has(|letter| !letter.is_alphanumeric()), Rule::NoSymbol),
    ];
    checks.into_iter().filter_map(|(broken, rule)| broken.then_some(rule)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, broken: &[Rule]) {
        assert_eq!(broken_rules(password), broken, "{password:?}");
    }

    #[test]
    fn a_refusal_names_every_broken_rule() {
        check("Str0ng!pass", &[]);
        check("Größe 7 Ü", &[]);
        check("weakpass", &[Rule::NoUpperCase, Rule::NoDigit, Rule::NoSymbol]);
        check("", &[Rule::TooShort, Rule::NoLowerCase, Rule::NoUpperCase, Rule::NoDigit, Rule::NoSymbol]);
        check("ALLUPPER1!", &[Rule::NoLowerCase]);
        check(&"aA1!".repeat(64), &[]);
        check(&"aA1!x".repeat(64), &[Rule::TooLong]);
    }
}
