//! Segments that name others: those must be there, and none may come back to itself.

use flows::Fault;
use rules::{BadReference, Rule, limits::HOPS_MAX};
use store::SegmentList;

use asking::Others;

/// What is wrong with what the rule names, if a segment of that id has it.
pub(super) fn wrong(own: &str, rule: &Rule, others: &Others, list: &SegmentList) -> Option<Fault> {
    let names = |way: &[String]| -> String {
        let name = |id: &String| {
            let known = list.iter().find(|segment| segment.id.to_string() == **id);
            known.map_or_else(|| id.clone(), |segment| format!("'{}'", segment.name.as_str()))
        };
        way.iter().map(name).collect::<Vec<_>>().join(", which names ")
    };
    let fault = |code, sentence| Some(Fault { at: "/rule".to_owned(), code, sentence });
    if let Some(id) = rule.lists().find(|id| !others.has_list(id)) {
        return fault("unknown_list", format!("names the list '{id}', which is not there"));
    }
    match rule.look_at_references(own, |id| others.rules.get(id)) {
        Err(BadReference::Missing(id)) => {
            return fault("unknown_segment", format!("names the segment '{id}', which is not there"));
        }
        Err(BadReference::Circle(way)) if way.is_empty() => {
            return fault("circle", "names this very segment".to_owned());
        }
        Err(BadReference::Circle(way)) => {
            return fault("circle", format!("names {}, which names this very segment", names(&way)));
        }
        Err(BadReference::TooFar(way)) => {
            let sentence = format!("names segments over more than {HOPS_MAX} hops: {}", names(&way));
            return fault("too_far", sentence);
        }
        Ok(()) => {}
    }
    // Whoever names this one goes as far as it does, and one hop more: if it names any.
    rule.segments().next()?;
    let rule_of = |id: &str| if id == own { Some(rule) } else { others.rules.get(id) };
    others.rules.iter().filter(|(id, _)| *id != own).find_map(|(id, other)| {
        let Err(BadReference::TooFar(_)) = other.look_at_references(id, rule_of) else { return None };
        let sentence = format!(
            "{} names this segment, and would name segments over more than {HOPS_MAX} hops",
            names(std::slice::from_ref(id))
        );
        fault("too_far", sentence)
    })
}

/// The names of the segments that name it.
pub(super) fn named_by(own: &str, others: &Others, list: &SegmentList) -> Vec<String> {
    let names = |segment: &domain::Segment| {
        others
            .rules
            .get(&segment.id.to_string())
            .is_some_and(|rule| rule.segments().chain(rule.lists()).any(|id| id == own))
            // What cannot be read names whom its text names.
            || segment.rule.as_ref().is_some_and(|rule| rule.text.contains(own))
    };
    list.iter().filter(|segment| names(segment)).map(|it| it.name.as_str().to_owned()).collect()
}
