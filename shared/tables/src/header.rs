//! The first row: which column says what, whatever it is called.

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    #[error("the file is empty: a first row with the names of its columns is expected")]
    Empty,
    #[error("the first row of the file does not end: is there a quote that is opened and not closed?")]
    Endless,
    #[error("the file is no text: save it as CSV in UTF-8")]
    NotText,
    #[error("the file has more than {0} columns")]
    TooManyColumns(usize),
    #[error("the name of column {0} has more than {1} letters")]
    LongName(usize, usize),
    #[error("the file has no column {0}{1}")]
    Missing(&'static str, String),
    #[error("the file has two columns that say the same: {0} and {1}")]
    Twice(String, String),
    #[error("the columns {0} and {1} would become one attribute: give one of them another name")]
    OneAttribute(String, String),
}

/// A field, what we call it, and what others do. Compared without case, blanks and signs.
pub(crate) type Known<F> = (F, &'static str, &'static [&'static str]);

#[derive(Debug, Clone)]
pub struct Columns<F> {
    pub names: Vec<String>,
    pub fields: Vec<Option<F>>,
}

impl<F: Copy + PartialEq> Columns<F> {
    pub(crate) fn of(header: &[String], known: &[Known<F>]) -> Result<Self, HeaderFault> {
        let find = |name: &String| {
            let name = plain(name);
            let is_it = |(_, ours, theirs): &&Known<F>| {
                plain(ours) == name || theirs.iter().any(|theirs| plain(theirs) == name)
            };
            known.iter().find(is_it).map(|(field, ..)| *field)
        };
        let fields: Vec<_> = header.iter().map(find).collect();
        for (place, field) in fields.iter().enumerate().filter(|(_, field)| field.is_some()) {
            if let Some(first) = fields[..place].iter().position(|other| other == field) {
                return Err(HeaderFault::Twice(header[first].clone(), header[place].clone()));
            }
        }
        Ok(Self { names: header.to_vec(), fields })
    }

    pub(crate) fn has(&self, field: F) -> bool {
        self.fields.contains(&Some(field))
    }

    /// None of these is there; perhaps because one has a slip in its name.
    pub(crate) fn missing(&self, known: &[Known<F>], sentence: &'static str, fields: &[F]) -> HeaderFault {
        let is_one =
            |near: &&str| known.iter().any(|(field, ours, _)| ours == near && fields.contains(field));
        let found = self.unknown(known).into_iter().find_map(|(name, near)| {
            near.filter(is_one).map(|near| format!(": did you mean {near} by {name}?"))
        });
        HeaderFault::Missing(sentence, found.unwrap_or_default())
    }

    /// Columns that say nothing that we know, with what may have been meant.
    pub(crate) fn unknown(&self, known: &[Known<F>]) -> Vec<(String, Option<&'static str>)> {
        let unknown =
            self.names.iter().zip(&self.fields).filter(|(name, field)| field.is_none() && !name.is_empty());
        unknown.map(|(name, _)| (name.clone(), nearest(name, known))).collect()
    }
}

pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name of ours that is at most two letters away.
fn nearest<F>(name: &str, known: &[Known<F>]) -> Option<&'static str> {
    let name = plain(name);
    let near = known.iter().map(|(_, ours, _)| (letters_apart(&name, &plain(ours)), *ours));
    near.filter(|(apart, ours)| *apart <= 2 && *apart * 2 < ours.len()).min().map(|(_, ours)| ours)
}

/// How many letters must be added, left out or changed.
fn letters_apart(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut line: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut corner = line[0];
        line[0] = place + 1;
        for (column, theirs) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *theirs);
            corner = line[column + 1];
            line[column + 1] = changed.min(line[column] + 1).min(corner + 1);
        }
    }
    line[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        let check = |one, other, apart| assert_eq!(letters_apart(one, other), apart, "{one} {other}");
        check("", "abc", 3);
        check("email", "email", 0);
        check("emial", "email", 2);
        check("phon", "phone", 1);
        check("kitten", "sitting", 3);
    }
}
