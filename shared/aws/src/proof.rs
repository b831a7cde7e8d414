//! What an error of the SDK proves about a message: whether it was certainly not taken.

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use flows::{Answer, Refusal};
use hyper_util::client::legacy;
use std::error::Error;

const THROTTLED: [&str; 7] = [
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "Throttled",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// `kind`: of a refusal by its code and its words, which go no further.
pub(crate) fn answer<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
    kind: impl FnOnce(&str, &str) -> Refusal,
) -> Answer {
    match error {
        SdkError::ConstructionFailure(_) => {
            Answer::refused("the request could not be made", Refusal::OurFault)
        }
        SdkError::DispatchFailure(failure) if is_unreached(failure.as_connector_error()) => {
            Answer::refused("could not be reached", Refusal::Temporary)
        }
        SdkError::ServiceError(said) => {
            let status = said.raw().status().as_u16();
            let code = said.err().code().unwrap_or("an error without a code");
            if status == 429 || THROTTLED.contains(&code) {
                Answer::refused(code, Refusal::Throttled { after: None })
            } else if (400..500).contains(&status) && status != 408 {
                Answer::refused(code, kind(code, said.err().message().unwrap_or_default()))
            } else {
                Answer::unknown(code)
            }
        }
        SdkError::TimeoutError(_) => Answer::unknown("no answer in time"),
        _ => Answer::unknown("no answer that could be heard"),
    }
}

/// Whether there was no connection, and so no request. Of what is no error of the client's nobody can tell.
fn is_unreached(error: Option<&(impl Error + 'static)>) -> bool {
    let mut next = error.map(|error| error as &(dyn Error + 'static));
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            return error.is_connect();
        }
        next = error.source();
    }
    false
}
