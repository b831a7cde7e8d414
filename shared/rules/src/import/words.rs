//! What the other systems call fields and operators.

use crate::Comparison;

/// What becomes of a field of another system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Becomes {
    Field(&'static str),
    /// With another shade of meaning.
    Like(&'static str, &'static str),
    /// A number of days becomes the date before which it was.
    DaysSince(&'static str),
    /// One word of another set of groups.
    RfmGroup,
    /// First and last name in one.
    Name,
    /// True or false there: a condition of ours, and how it differs.
    Flag(Flag, &'static str),
    Nothing(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Flag {
    HighValue,
    ChurnRisk,
    AbandonedCart,
}

const VISITS: &str = "A visit was counted with every order there: it is the number of orders here.";
const ADDED: &str =
    "There it may be the day on which that system first saw the customer; here it is the shop's.";
const SCORES: &str = "Scores never part customers with equal figures here; there they did.";

/// By the name without capitals and underscores.
const FIELDS: [(&str, Becomes); 37] = [
    ("totalspending", Becomes::Field("amount_spent")),
    ("totalspent", Becomes::Field("amount_spent")),
    ("totalspend", Becomes::Field("amount_spent")),
    ("spend", Becomes::Field("amount_spent")),
    ("visitcount", Becomes::Like("number_of_orders", VISITS)),
    ("totalvisits", Becomes::Like("number_of_orders", VISITS)),
    ("visits", Becomes::Like("number_of_orders", VISITS)),
    ("orderscount", Becomes::Field("number_of_orders")),
    ("ordercount", Becomes::Field("number_of_orders")),
    ("totalorders", Becomes::Field("number_of_orders")),
    ("avgordervalue", Becomes::Field("average_order_value")),
    ("lastvisit", Becomes::DaysSince("last_order_date")),
    ("dayssincelastorder", Becomes::DaysSince("last_order_date")),
    ("lastorderdate", Becomes::Field("last_order_date")),
    ("firstorderdate", Becomes::Field("first_order_date")),
    ("shopifycreatedat", Becomes::Field("customer_added_date")),
    ("createdat", Becomes::Like("customer_added_date", ADDED)),
    ("registrationdate", Becomes::Like("customer_added_date", ADDED)),
    ("email", Becomes::Field("email")),
    ("firstname", Becomes::Field("first_name")),
    ("lastname", Becomes::Field("last_name")),
    ("name", Becomes::Name),
    ("phone", Becomes::Field("phone")),
    ("customertags", Becomes::Field("customer_tags")),
    ("tags", Becomes::Field("customer_tags")),
    ("recencyscore", Becomes::Like("rfm_r", SCORES)),
    ("frequencyscore", Becomes::Like("rfm_f", SCORES)),
    ("monetaryscore", Becomes::Like("rfm_m", SCORES)),
    ("rscore", Becomes::Like("rfm_r", SCORES)),
    ("fscore", Becomes::Like("rfm_f", SCORES)),
    ("mscore", Becomes::Like("rfm_m", SCORES)),
    ("rfmsegment", Becomes::RfmGroup),
    (
        "ishighvalue",
        Becomes::Flag(
            Flag::HighValue,
            "There it was the top tenth by what was spent; here it is the top fifth.",
        ),
    ),
    (
        "ischurnrisk",
        Becomes::Flag(
            Flag::ChurnRisk,
            "There it was 90 days without an order until the churn job ran, and its probability from then on; here it is 90 days.",
        ),
    ),
    (
        "hasabandonedcart",
        Becomes::Flag(
            Flag::AbandonedCart,
            "There nothing ever wrote it; here it is a checkout left without buying.",
        ),
    ),
    ("emailcount", Becomes::Nothing("how many addresses a customer has is not kept")),
    (
        "status",
        Becomes::Nothing("customers are not active or inactive here: say since when they have not ordered"),
    ),
];

const FREQUENCY: &str = "over which time visits are counted was never said";

pub(super) fn field(name: &str) -> Option<Becomes> {
    let plain = name.to_ascii_lowercase().replace('_', "");
    if plain == "visitfrequency" {
        return Some(Becomes::Nothing(FREQUENCY));
    }
    FIELDS.iter().find(|(known, _)| *known == plain).map(|(_, becomes)| *becomes)
}

/// The other system's group, and ours.
const RFM: [(&str, &str); 11] = [
    ("CHAMPIONS", "CHAMPIONS"),
    ("LOYAL", "LOYAL"),
    ("CANNOT_LOSE", "PREVIOUSLY_LOYAL"),
    ("AT_RISK", "AT_RISK"),
    ("NEW_CUSTOMERS", "NEW"),
    ("PROMISING", "PROMISING"),
    ("POTENTIAL_LOYALIST", "ACTIVE"),
    ("NEED_ATTENTION", "NEEDS_ATTENTION"),
    ("ABOUT_TO_SLEEP", "ALMOST_LOST"),
    ("HIBERNATING", "DORMANT"),
    ("LOST", "DORMANT"),
];

/// Our name of a group, by another system's.
pub fn rfm_group(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    RFM.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

pub(super) fn rfm_groups() -> impl Iterator<Item = &'static str> {
    RFM.iter().map(|(theirs, _)| *theirs)
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Is(Comparison),
    In,
    Between,
    Contains,
    StartsWith,
    EndsWith,
    Null,
    /// Of days ago: earlier, later.
    Before,
    After,
}

/// By the name without capitals and underscores; and whether it is the opposite.
const OPERATORS: [(&str, bool, Operator); 36] = [
    ("eq", false, Operator::Is(Comparison::Equal)),
    ("=", false, Operator::Is(Comparison::Equal)),
    ("==", false, Operator::Is(Comparison::Equal)),
    ("equals", false, Operator::Is(Comparison::Equal)),
    ("neq", true, Operator::Is(Comparison::Equal)),
    ("ne", true, Operator::Is(Comparison::Equal)),
    ("!=", true, Operator::Is(Comparison::Equal)),
    ("<>", true, Operator::Is(Comparison::Equal)),
    ("notequals", true, Operator::Is(Comparison::Equal)),
    ("gt", false, Operator::Is(Comparison::More)),
    (">", false, Operator::Is(Comparison::More)),
    ("greaterthan", false, Operator::Is(Comparison::More)),
    ("gte", false, Operator::Is(Comparison::AtLeast)),
    (">=", false, Operator::Is(Comparison::AtLeast)),
    ("greaterthanorequal", false, Operator::Is(Comparison::AtLeast)),
    ("lt", false, Operator::Is(Comparison::Less)),
    ("<", false, Operator::Is(Comparison::Less)),
    ("lessthan", false, Operator::Is(Comparison::Less)),
    ("lte", false, Operator::Is(Comparison::AtMost)),
    ("<=", false, Operator::Is(Comparison::AtMost)),
    ("lessthanorequal", false, Operator::Is(Comparison::AtMost)),
    ("in", false, Operator::In),
    ("notin", true, Operator::In),
    ("between", false, Operator::Between),
    ("contains", false, Operator::Contains),
    ("includes", false, Operator::Contains),
    ("notcontains", true, Operator::Contains),
    ("doesnotcontain", true, Operator::Contains),
    ("startswith", false, Operator::StartsWith),
    ("endswith", false, Operator::EndsWith),
    ("isnull", false, Operator::Null),
    ("isempty", false, Operator::Null),
    ("isnotnull", true, Operator::Null),
    ("isnotempty", true, Operator::Null),
    ("before", false, Operator::Before),
    ("after", false, Operator::After),
];

pub(super) fn operator(name: &str) -> Option<(bool, Operator)> {
    let plain = name.trim().to_ascii_lowercase().replace(['_', '-', ' '], "");
    OPERATORS.iter().find(|(known, ..)| *known == plain).map(|(_, is_not, operator)| (*is_not, *operator))
}
