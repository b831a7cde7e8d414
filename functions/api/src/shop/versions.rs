//! What is to be done where Shopify speaks another version of its API than ours.

use serde::Serialize;
use shopify::ApiVersion;
use utoipa::ToSchema;

/// By which version of its API Shopify answers us.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiView {
    /// What we ask for: "2026-10".
    asked: String,
    /// What the last answer was made by.
    answered: String,
    /// What is to be done, in a sentence. `null`: nothing, as the two are one.
    advice: Option<String>,
}

impl ApiView {
    /// `other`: what answered last, if that is not what we ask for.
    pub(crate) fn of(other: Option<&str>) -> Self {
        let asked = ApiVersion::PINNED.to_string();
        let advice = other.map(|other| {
            format!(
                "Shopify answers by version {other} of its API, as it no longer serves {asked}: whoever runs this installation \
                 should update Regulars soon. Until then shops are still followed, and what cannot be understood is refused, \
                 never guessed at."
            )
        });
        Self { answered: other.unwrap_or(&asked).to_owned(), asked, advice }
    }
}

/// What is to be done about events of that version. `None`: nothing, as it is ours.
pub(crate) fn of_event(version: &str) -> Option<String> {
    let ours = ApiVersion::PINNED;
    let is_older = match version.parse::<ApiVersion>() {
        Ok(told) if told == ours => return None,
        Ok(told) => told < ours,
        Err(_) => false,
    };
    Some(if is_older {
        format!(
            "This event is written in version {version} of Shopify's API, and ours is {ours}: whoever runs this installation sets \
             api_version = \"{ours}\" in shopify.app.toml and deploys the app again."
        )
    } else {
        format!(
            "This event is written in version {version} of Shopify's API, which is not the one that Regulars reads, {ours}: whoever \
             runs this installation updates Regulars, or sets api_version = \"{ours}\" in shopify.app.toml and deploys the app again."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_is_told_where_versions_differ_and_nowhere_else() {
        assert_eq!((of_event("2026-10"), ApiView::of(None).advice), (None, None));
        let told = |version: &str| of_event(version).unwrap_or_default();
        assert!(
            told("2026-07").contains("sets api_version = \"2026-10\"")
                && !told("2026-07").contains("updates")
        );
        for version in ["2027-01", "unstable", "soon"] {
            assert!(told(version).contains("updates Regulars"), "{version}");
        }
        let api = ApiView::of(Some("2027-04"));
        assert_eq!((api.asked.as_str(), api.answered.as_str()), ("2026-10", "2027-04"));
        assert!(api.advice.is_some_and(|advice| advice.contains("update Regulars")));
    }
}
