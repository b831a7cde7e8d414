//! Products by their tags. What somebody bought stands in their row by its id; a tag is asked as the ids of all that bear it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{folded::uncased, program::Like, run::is_uncased_like};

/// Ids of products, as lines of orders name them.
pub type Ids = Arc<BTreeSet<Box<str>>>;

/// Which products bear which tag. What is in small letters as rules compare it is one tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tagged {
    by_tag: BTreeMap<Box<str>, Ids>,
    any: Ids,
}

impl Tagged {
    /// Each with its id and its tags.
    pub fn of<T: AsRef<str>>(
        products: impl IntoIterator<Item = (Box<str>, impl IntoIterator<Item = T>)>,
    ) -> Self {
        let (mut by_tag, mut any) = (BTreeMap::<Box<str>, BTreeSet<_>>::new(), BTreeSet::new());
        for (id, tags) in products {
            for tag in tags {
                by_tag.entry(uncased(tag.as_ref()).into()).or_default().insert(id.clone());
                any.insert(id.clone());
            }
        }
        let by_tag = by_tag.into_iter().map(|(tag, ids)| (tag, Arc::new(ids))).collect();
        Self { by_tag, any: Arc::new(any) }
    }

    /// Those of whose tags one is like this.
    pub fn like(&self, like: &Like) -> Ids {
        match like {
            // What is asked most is at hand.
            Like::Is(wanted) if wanted.len() == 1 => {
                let ids = wanted.first().and_then(|tag| self.by_tag.get(tag));
                ids.cloned().unwrap_or_default()
            }
            like => {
                let fit = self.by_tag.iter().filter(|(tag, _)| is_uncased_like(tag, like));
                Arc::new(fit.flat_map(|(_, ids)| ids.iter().cloned()).collect())
            }
        }
    }

    /// Those that bear any.
    pub fn any(&self) -> &Ids {
        &self.any
    }

    /// How much of it there is: each product once for each of its tags.
    pub fn weight(&self) -> usize {
        self.by_tag.values().map(|ids| ids.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_found_by_tags_as_rules_compare_texts() {
        let products = [("s1", vec!["Sale", "E\u{301}te"]), ("s2", vec!["SALE", "presale"]), ("s3", vec![])];
        let tagged = Tagged::of(products.map(|(id, tags)| (id.into(), tags)));
        let check = |like: &Like, expected: &[&str]| {
            let found = tagged.like(like);
            assert_eq!(found.iter().map(|id| &**id).collect::<Vec<_>>(), expected, "{like:?}");
        };
        let is = |tags: &[&str]| Like::Is(tags.iter().map(|tag| uncased(tag).into()).collect());
        check(&is(&["sale"]), &["s1", "s2"]);
        check(&is(&["Été", "presale"]), &["s2"]);
        check(&is(&["éTE"]), &["s1"]);
        check(&is(&["nothing"]), &[]);
        check(&Like::Contains("sale".into()), &["s1", "s2"]);
        check(&Like::StartsWith("pre".into()), &["s2"]);
        check(&Like::EndsWith("le".into()), &["s1", "s2"]);
        assert_eq!((tagged.any().len(), tagged.weight()), (2, 4));
    }
}
