//! Segments that name each other: never in a circle, and never over many hops.

use crate::{leaf::Leaf, limits::HOPS_MAX, rule::Rule};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    #[error("names the segment {0}, which is not there")]
    Missing(String),
    #[error("names itself by way of {0}")]
    Circle(String),
    #[error("names segments over more than {HOPS_MAX} hops, by way of {0}")]
    TooFar(String),
}

impl Rule {
    /// Whether the segment `own` may have this rule. `rule_of` gives the rule of any other segment.
    pub fn look_at_references<'a>(
        &'a self,
        own: &str,
        rule_of: impl Fn(&str) -> Option<&'a Rule>,
    ) -> Result<(), BadReference> {
        let named = |by: &'a str, rule: &'a Self| -> Vec<_> { rule.segments().map(|id| (by, id)).collect() };
        let mut hop = named("itself", self);
        for hops in 1.. {
            let mut next = Vec::new();
            for (by, id) in hop {
                if id == own {
                    return Err(BadReference::Circle(by.to_owned()));
                }
                if hops > HOPS_MAX {
                    return Err(BadReference::TooFar(by.to_owned()));
                }
                let rule = rule_of(id).ok_or_else(|| BadReference::Missing(id.to_owned()))?;
                next.extend(named(id, rule));
            }
            if next.is_empty() {
                break;
            }
            // However many name a segment, it is looked at once a hop.
            next.sort_unstable_by_key(|(_, id)| *id);
            next.dedup_by_key(|(_, id)| *id);
            hop = next;
        }
        Ok(())
    }

    /// The segments that it names.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.leaves().into_iter().filter_map(|leaf| match leaf {
            Leaf::Segment(id) => Some(&**id),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn naming(ids: &[&str]) -> Rule {
        Rule::All(ids.iter().map(|id| Rule::Leaf(Leaf::Segment((*id).into()))).collect())
    }

    #[test]
    fn segments_name_each_other_in_no_circle_and_not_too_far() {
        let others = BTreeMap::from([
            ("1", naming(&["2"])),
            ("2", naming(&["3"])),
            ("3", naming(&["4"])),
            ("4", naming(&["5"])),
            ("5", naming(&[])),
            ("back", naming(&["5", "own"])),
            ("eternal", naming(&["eternal"])),
            ("lost", naming(&["nowhere"])),
        ]);
        let check = |ids: &[&str], expected: Result<(), BadReference>| {
            let found = naming(ids).look_at_references("own", |id| others.get(id));
            assert_eq!(found, expected, "{ids:?}");
        };
        check(&[], Ok(()));
        check(&["1", "5"], Ok(()));
        check(&["own"], Err(BadReference::Circle("itself".to_owned())));
        check(&["5", "back"], Err(BadReference::Circle("back".to_owned())));
        check(&["lost"], Err(BadReference::Missing("nowhere".to_owned())));
        // A circle without us is walked no further than any other way.
        check(&["eternal"], Err(BadReference::TooFar("eternal".to_owned())));
        let mut further = others.clone();
        further.insert("0", naming(&["1"]));
        let found = naming(&["0"]).look_at_references("own", |id| further.get(id));
        assert_eq!(found, Err(BadReference::TooFar("4".to_owned())));
    }
}
