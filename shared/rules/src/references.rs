//! Segments that name each other: never in a circle, and never over many hops.

use crate::{leaf::Leaf, limits::HOPS_MAX, rule::Rule};

/// What is wrong with what a rule names. A way is the segments between: each names the next, and the rule the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    #[error("names the segment {0}, which is not there")]
    Missing(String),
    /// The last of them names the rule's own segment. None: the rule itself does.
    #[error("names itself")]
    Circle(Vec<String>),
    #[error("names segments over more than {HOPS_MAX} hops")]
    TooFar(Vec<String>),
}

impl Rule {
    /// Whether the segment `own` may have this rule. `rule_of` gives the rule of any other segment.
    pub fn look_at_references<'a>(
        &'a self,
        own: &str,
        rule_of: impl Fn(&str) -> Option<&'a Rule>,
    ) -> Result<(), BadReference> {
        let told = |way: &[&str]| way.iter().map(|id| (*id).to_owned()).collect();
        let named = |way: &[&'a str], rule: &'a Self| -> Vec<_> {
            rule.segments().map(|id| (way.to_vec(), id)).collect()
        };
        let mut hop = named(&[], self);
        for hops in 1.. {
            let mut next = Vec::new();
            for (mut way, id) in hop {
                if id == own {
                    return Err(BadReference::Circle(told(&way)));
                }
                if hops > HOPS_MAX {
                    return Err(BadReference::TooFar(told(&way)));
                }
                let rule = rule_of(id).ok_or_else(|| BadReference::Missing(id.to_owned()))?;
                way.push(id);
                next.extend(named(&way, rule));
            }
            if next.is_empty() {
                break;
            }
            // However many name a segment, it is looked at once a hop.
            next.sort_by_key(|(_, id)| *id);
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

    /// The lists that it names.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.leaves().into_iter().filter_map(|leaf| match leaf {
            Leaf::List(id) => Some(&**id),
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
        let way = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        check(&["own"], Err(BadReference::Circle(vec![])));
        check(&["5", "back"], Err(BadReference::Circle(way(&["back"]))));
        check(&["lost"], Err(BadReference::Missing("nowhere".to_owned())));
        // A circle without us is walked no further than any other way.
        check(&["eternal"], Err(BadReference::TooFar(way(&["eternal"; 5]))));
        let mut further = others.clone();
        further.insert("0", naming(&["1"]));
        let found = naming(&["0"]).look_at_references("own", |id| further.get(id));
        assert_eq!(found, Err(BadReference::TooFar(way(&["0", "1", "2", "3", "4"]))));
    }
}
