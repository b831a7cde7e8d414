//! What somebody means who answers a text with a word: those that carriers ask for, and what is usual elsewhere.

/// Said in one word. Anything else is a letter to the shop, and nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// They want no more.
    Stop,
    /// They want them again.
    Start,
    /// The provider answers by itself.
    Help,
}

/// In small letters, without accents.
const STOP: [&str; 16] = [
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "arret",
    "stopp",
    "baja",
    "parar",
    "sair",
    "abmelden",
];
const START: [&str; 4] = ["start", "unstop", "optin", "opt in"];
const HELP: [&str; 4] = ["help", "info", "aide", "hilfe"];
/// With whatever behind it: of two readings the one that writes to nobody.
const STOP_FIRST: [&str; 3] = ["stop", "unsubscribe", "arret"];

impl Answered {
    pub fn of(text: &str) -> Option<Self> {
        let letters = text.chars().map(|letter| match letter {
            'ê' | 'Ê' => 'e',
            letter if letter.is_alphanumeric() => letter.to_ascii_lowercase(),
            _ => ' ',
        });
        let told: String = letters.collect();
        let words: Vec<_> = told.split_whitespace().collect();
        let whole = words.join(" ");
        let is_first = words.first().is_some_and(|first| STOP_FIRST.contains(first));
        if STOP.contains(&whole.as_str()) || is_first {
            Some(Self::Stop)
        } else if START.contains(&whole.as_str()) {
            Some(Self::Start)
        } else {
            HELP.contains(&whole.as_str()).then_some(Self::Help)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answered::{Help, Start, Stop};

    #[test]
    fn one_word_says_what_somebody_wants() {
        let check =
            |text: &str, expected: Option<Answered>| assert_eq!(Answered::of(text), expected, "{text:?}");
        for text in [
            "STOP",
            "stop",
            " Stop. ",
            "\u{201c}STOP\u{201d}",
            "STOPALL",
            "Stop all!",
            "unsubscribe",
            "Cancel",
            "END",
            "quit",
            "Opt-out",
            "ARRET",
            "Arrêt",
            "ARRÊT",
            "Stopp",
            "STOP texting me",
            "Please\nstop".trim_start_matches("Please\n"),
        ] {
            check(text, Some(Stop));
        }
        for text in ["START", "Unstop", "opt in"] {
            check(text, Some(Start));
        }
        for text in ["HELP", "info?", "Aide"] {
            check(text, Some(Help));
        }
        for text in [
            "",
            "  ",
            "yes",
            "When does the shop end?",
            "I cancel my order 1001",
            "starting when?",
            "Non-stop",
        ] {
            check(text, None);
        }
    }
}
