//! Closed lists of words. Each has one name, by which it is told, and kept where text is kept; of some there is a number, too, by
//! which columns and chunks keep them.

macro_rules! words {
    ($($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $word:ident $(= $number:literal)?: $name:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $kind { $($(#[$of])* $word $(= $number)?,)* }

        impl $kind {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$word),*];
            /// In the order of `ALL`.
            pub const NAMES: [&str; Self::ALL.len()] = [$($name),*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name,)* }
            }
        }

        impl std::str::FromStr for $kind {
            type Err = crate::UnknownWord;

            /// To the letter.
            fn from_str(text: &str) -> Result<Self, crate::UnknownWord> {
                let known = Self::ALL.into_iter().find(|word| word.name() == text);
                known.ok_or_else(|| crate::UnknownWord(Self::NAMES.join(", ")))
            }
        }

        impl TryFrom<String> for $kind {
            type Error = crate::UnknownWord;

            fn try_from(text: String) -> Result<Self, crate::UnknownWord> {
                text.parse()
            }
        }

        impl From<$kind> for String {
            fn from(word: $kind) -> Self {
                word.name().to_owned()
            }
        }
    )*};
}

/// Of words with numbers.
macro_rules! numbered {
    ($($kind:ident),*) => {$(
        impl $kind {
            /// The number that is stored.
            pub const fn code(self) -> u8 {
                self as u8
            }

            pub fn of_code(code: u8) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.code() == code)
            }
        }
    )*};
}

pub(crate) use {numbered, words};

#[cfg(test)]
mod tests {
    super::words! {
        Metal {
            Tin = 1: "tin",
            /// The number in between is free.
            Lead = 3: "lead",
        }
        Colour {
            Red: "red",
        }
    }
    super::numbered!(Metal);

    #[test]
    fn each_word_is_known_by_its_name_to_the_letter() {
        for metal in Metal::ALL {
            assert_eq!(metal.name().parse(), Ok(metal));
            assert_eq!(Metal::try_from(String::from(metal)), Ok(metal));
        }
        let refused = "Tin".parse::<Metal>().map_err(|why| why.to_string());
        assert_eq!(refused, Err("is not one of tin, lead".to_owned()));
        assert_eq!(Colour::NAMES, ["red"]);
    }

    #[test]
    fn a_number_that_nobody_gave_is_no_word() {
        assert_eq!(
            [0, 1, 2, 3, 4].map(Metal::of_code),
            [None, Some(Metal::Tin), None, Some(Metal::Lead), None]
        );
    }
}
