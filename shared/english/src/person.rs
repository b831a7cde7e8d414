//! Who somebody is: language, email domain, name, account.

use crate::{
    reader::{Reader, quoted},
    token::Kind,
    tree::Node,
};

/// Each by the beginning of its tag, which is that of no other language.
const LANGUAGES: [(&str, &str); 26] = [
    ("english", "en"),
    ("french", "fr"),
    ("german", "de"),
    ("spanish", "es"),
    ("italian", "it"),
    ("portuguese", "pt"),
    ("dutch", "nl"),
    ("swedish", "sv"),
    ("norwegian", "nb"),
    ("danish", "da"),
    ("polish", "pl"),
    ("czech", "cs"),
    ("greek", "el"),
    ("turkish", "tr"),
    ("russian", "ru"),
    ("ukrainian", "uk"),
    ("arabic", "ar"),
    ("hebrew", "he"),
    ("hindi", "hi"),
    ("bengali", "bn"),
    ("tamil", "ta"),
    ("telugu", "te"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("chinese", "zh"),
    ("thai", "th"),
];
const PROVIDERS: [(&str, &str); 6] = [
    ("gmail", "gmail.com"),
    ("hotmail", "hotmail.com"),
    ("outlook", "outlook.com"),
    ("yahoo", "yahoo.com"),
    ("icloud", "icloud.com"),
    ("aol", "aol.com"),
];

impl Reader<'_> {
    pub(crate) fn person(&mut self) -> Option<Node> {
        self.attempt(Self::language)
            .or_else(|| self.attempt(Self::domain))
            .or_else(|| self.attempt(Self::email_like))
            .or_else(|| self.attempt(Self::called))
            .or_else(|| self.attempt(Self::account))
    }

    fn language(&mut self) -> Option<Node> {
        let is_said = self.any(&[
            "speak",
            "speaks",
            "speaking",
            "language is",
            "language =",
            "language",
            "whose language is",
            "languages",
            "shop in",
            "preferred language is",
        ]);
        let tag = self.first(&LANGUAGES)?;
        let is_speaker = self.any(&["speaking", "speakers", "speaker"]);
        (is_said || is_speaker).then_some(())?;
        self.says(&format!("customer_language STARTS WITH '{tag}'"))
    }

    fn domain(&mut self) -> Option<Node> {
        self.any(&["a", "an", "using"]);
        let is_said = self.any(&[
            "email domain is",
            "email domain",
            "email domain =",
            "email ends with",
            "email ending in",
            "email ending with",
            "emails ending in",
            "email at",
            "emails at",
            "email address at",
            "email address ends with",
            "email ends in",
        ]);
        let known = self.first(&PROVIDERS);
        let domain = if let Some(domain) = known {
            domain.to_owned()
        } else {
            let word = self.word(0).strip_prefix('@').unwrap_or(self.word(0));
            let has_form =
                word.contains('.') && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
            let domain = word.to_owned();
            (has_form && (is_said || self.word(0).starts_with('@'))).then(|| self.skip())?;
            domain
        };
        let is_behind = self.any(&[
            "address",
            "addresses",
            "email address",
            "email addresses",
            "emails",
            "email",
            "users",
            "account",
            "accounts",
        ]);
        (is_said || is_behind || known.is_none()).then_some(())?;
        self.says(&format!("customer_email_domain = {}", quoted(&domain)))
    }

    /// "whose email contains info"
    fn email_like(&mut self) -> Option<Node> {
        let (field, like) = self.first(&[
            ("email contains", ("email", "CONTAINS")),
            ("email containing", ("email", "CONTAINS")),
            ("email starts with", ("email", "STARTS WITH")),
            ("email begins with", ("email", "STARTS WITH")),
            ("phone starts with", ("phone", "STARTS WITH")),
            ("phone number starts with", ("phone", "STARTS WITH")),
            ("first name starts with", ("first_name", "STARTS WITH")),
            ("last name starts with", ("last_name", "STARTS WITH")),
            ("name starts with", ("first_name", "STARTS WITH")),
        ])?;
        let value = self.value()?;
        self.says(&format!("{field} {like} {}", quoted(&value)))
    }

    /// "named Ada", "whose last name is Lovelace".
    fn called(&mut self) -> Option<Node> {
        let field = self.first(&[
            ("named", "first_name"),
            ("name is", "first_name"),
            ("first name is", "first_name"),
            ("first name", "first_name"),
            ("last name is", "last_name"),
            ("last name", "last_name"),
            ("surname is", "last_name"),
            ("surname", "last_name"),
        ])?;
        let value = self.value()?;
        self.says(&format!("{field} = {}", quoted(&value)))
    }

    fn account(&mut self) -> Option<Node> {
        self.any(&["a", "an"]);
        self.any(&["account", "customer account", "store account"]).then_some(())?;
        self.any(&["with us", "at the shop"]);
        self.is_boundary().then_some(())?;
        self.says("customer_account_status = 'ENABLED'")
    }

    /// A word, or what stands in quotes.
    fn value(&mut self) -> Option<String> {
        let value = match self.kind(0)? {
            Kind::Quoted => self.token(0)?.word.clone(),
            Kind::Word if !self.is_boundary() => self.raw(0).to_owned(),
            Kind::Sign if self.word(0) == "+" && self.is_glued(1) => format!("+{}", self.raw(1)),
            _ => return None,
        };
        if self.word(0) == "+" {
            self.skip();
        }
        self.skip();
        Some(value)
    }
}
