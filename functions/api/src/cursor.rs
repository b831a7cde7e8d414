//! Lists: `{items, total, next}`, and cursors that mean something only to the tenant and the list they are of.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flows::{DataKey, Dice, FlowError, Secrets, seal, sign::Purpose};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::Problem;

const LIMIT_MAX: usize = 100;
const LIMIT: usize = 20;
/// Shorter than this, nothing is sealed: form, nonce and tag.
const SEAL_BYTES: usize = 1 + 12 + 16;

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageOf {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    items: Vec<T>,
    /// Of the whole list.
    total: usize,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// What a cursor is of: it opens for the same words only.
pub(crate) struct Within<'a> {
    pub(crate) secrets: &'a Secrets,
    /// Who and which list: `<tenant>/members`.
    pub(crate) list: String,
}

/// Of a list in another order than that of its ids.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sorted {
    /// The highest comes first.
    pub(crate) is_descending: bool,
    /// So many are left out; not with a cursor.
    pub(crate) offset: usize,
}

impl PageOf {
    pub(crate) fn told(limit: Option<usize>, cursor: Option<&str>) -> Self {
        Self { limit, cursor: cursor.map(str::to_owned) }
    }

    /// The page of a list that is read whole. `id_of` names the items, in whose order they stand.
    pub(crate) fn of<T>(
        &self,
        items: Vec<T>,
        id_of: impl Fn(&T) -> String,
        within: &Within<'_>,
    ) -> Result<List<T>, Problem> {
        self.sorted(items, id_of, Sorted::default(), within)
    }

    /// The same, where `key_of` is what they are in the order of: no two are the same.
    pub(crate) fn sorted<T>(
        &self,
        items: Vec<T>,
        key_of: impl Fn(&T) -> String,
        sorted: Sorted,
        within: &Within<'_>,
    ) -> Result<List<T>, Problem> {
        let limit = limited(self.limit)?;
        let after = self.cursor.as_deref().map(|cursor| within.opened(cursor)).transpose()?;
        let total = items.len();
        let is_before = |item: &T, after: &String| {
            let key = key_of(item);
            key == *after || (key < *after) != sorted.is_descending
        };
        let start = match after {
            Some(after) => items.iter().filter(|item| is_before(item, &after)).count(),
            None => sorted.offset,
        };
        let is_more = total > start.saturating_add(limit);
        let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
        let next = items.last().filter(|_| is_more).map(|last| within.cursor(&key_of(last)));
        Ok(List { items, total, next })
    }
}

/// How many items a page may hold.
pub(crate) fn limited(told: Option<usize>) -> Result<usize, FlowError> {
    let limit = told.unwrap_or(LIMIT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(FlowError::invalid("?limit", "out_of_range", format!("must be from 1 to {LIMIT_MAX}")))
}

impl<T> List<T> {
    /// The same page, of which something else is shown.
    pub(crate) fn map<U, E>(self, show: impl Fn(T) -> Result<U, E>) -> Result<List<U>, E> {
        let items = self.items.into_iter().map(show).collect::<Result<_, _>>()?;
        Ok(List { items, total: self.total, next: self.next })
    }

    pub(crate) fn new(items: Vec<T>, total: u64, next: Option<String>) -> Self {
        Self { items, total: usize::try_from(total).unwrap_or(usize::MAX), next }
    }
}

impl Within<'_> {
    /// A cursor that says nothing to who sees it on its way: it may hold a name.
    pub(crate) fn sealed(&self, after: &str, dice: &dyn Dice) -> Result<String, FlowError> {
        let sealed = seal::seal(&self.key(), &self.list, after.as_bytes(), dice)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What `sealed` hid, for the same list.
    pub(crate) fn unsealed(&self, cursor: &str) -> Result<String, FlowError> {
        let opened = || {
            let sealed = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|sealed| sealed.len() > SEAL_BYTES)?;
            String::from_utf8(seal::open(&self.key(), &self.list, &sealed).ok()?).ok()
        };
        opened().ok_or_else(not_a_cursor)
    }

    fn key(&self) -> DataKey {
        DataKey(self.secrets.mac(Purpose::Cursor, b"sealed"))
    }

    fn cursor(&self, after: &str) -> String {
        let tag = self.secrets.tag(Purpose::Cursor, format!("{}\n{after}", self.list).as_bytes());
        URL_SAFE_NO_PAD.encode(format!("{after}\n{tag}"))
    }

    fn opened(&self, cursor: &str) -> Result<String, FlowError> {
        let opened = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            let (after, tag) = text.rsplit_once('\n')?;
            let signed = format!("{}\n{after}", self.list);
            self.secrets.made(Purpose::Cursor, signed.as_bytes(), tag).then(|| after.to_owned())
        };
        opened().ok_or_else(not_a_cursor)
    }
}

fn not_a_cursor() -> FlowError {
    FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list, in this order")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows::{Dice, clock::SystemDice};

    fn page(limit: Option<usize>, cursor: Option<String>) -> PageOf {
        PageOf { limit, cursor }
    }

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let dice: &dyn Dice = &SystemDice;
        let secrets = Secrets::parse(&Secrets::generate(dice, "k")).unwrap();
        let within = Within { secrets: &secrets, list: "t1/members".to_owned() };
        let all: Vec<u32> = (10..17).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let list = page(Some(3), cursor).of(all.clone(), u32::to_string, &within).unwrap();
            assert_eq!(list.total, 7);
            seen.extend(list.items);
            cursor = list.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_cursor_of_another_tenant_or_list_is_none() {
        let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "k")).unwrap();
        let mine = Within { secrets: &secrets, list: "t1/members".to_owned() };
        let cursor = page(Some(1), None).of(vec![1, 2], i32::to_string, &mine).unwrap().next.unwrap();
        for list in ["t2/members", "t1/api-keys"] {
            let other = Within { secrets: &secrets, list: list.to_owned() };
            assert!(
                page(None, Some(cursor.clone())).of(vec![1, 2], i32::to_string, &other).is_err(),
                "{list}"
            );
        }
        for forged in ["", "x", "MQ"] {
            assert!(page(None, Some(forged.to_owned())).of(vec![1, 2], i32::to_string, &mine).is_err());
        }
        assert!(page(None, Some(cursor)).of(vec![1, 2], i32::to_string, &mine).is_ok());
    }

    #[test]
    fn a_sealed_cursor_opens_for_its_list_and_says_nothing_else() {
        let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "k")).unwrap();
        let mine = Within { secrets: &secrets, list: "t1/customers by name".to_owned() };
        let cursor = mine.sealed("ada@example.com", &SystemDice).unwrap();
        assert_eq!(mine.unsealed(&cursor).unwrap(), "ada@example.com");
        assert!(!String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(&cursor).unwrap()).contains("ada"));
        for list in ["t2/customers by name", "t1/customers by spend"] {
            assert!(Within { secrets: &secrets, list: list.to_owned() }.unsealed(&cursor).is_err());
        }
        for forged in ["", "x", "MQ", &cursor[1..], &URL_SAFE_NO_PAD.encode([1; 40])] {
            assert!(mine.unsealed(forged).is_err(), "{forged}");
        }
    }

    #[test]
    fn a_page_has_a_limit() {
        let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "k")).unwrap();
        let within = Within { secrets: &secrets, list: "t1/members".to_owned() };
        for limit in [0, 101, 10_000] {
            assert!(page(Some(limit), None).of(vec![1], i32::to_string, &within).is_err());
        }
    }
}
