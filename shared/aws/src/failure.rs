//! What went wrong with a call, in a form that may be logged: the service's code, and none of its words.

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use flows::FlowError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} answered {code}")]
pub(crate) struct Failure {
    service: &'static str,
    pub(crate) code: String,
    status: Option<u16>,
}

impl Failure {
    pub(crate) fn of<E: ProvideErrorMetadata>(
        service: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = match error {
            SdkError::ServiceError(said) => said.err().code().unwrap_or("an error without a code"),
            SdkError::TimeoutError(_) => "nothing in time",
            SdkError::DispatchFailure(_) => "nothing: it could not be reached",
            SdkError::ResponseError(_) => "something that cannot be read",
            _ => "nothing: the request could not be made",
        };
        Self { service, code: code.to_owned(), status }
    }

    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Refused for its rate: nothing was done.
    pub(crate) fn is_throttled(&self) -> bool {
        self.status == Some(429)
            || self.is(&[
                "ProvisionedThroughputExceededException",
                "RequestLimitExceeded",
                "RequestThrottled",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException",
            ])
    }

    /// The request itself is wrong: the same again gets the same answer.
    pub(crate) fn is_refused(&self) -> bool {
        self.status == Some(413)
            || self.is(&[
                "ValidationException",
                "SerializationException",
                "ItemCollectionSizeLimitExceededException",
                "IdempotentParameterMismatchException",
            ])
    }

    pub(crate) fn unavailable(self) -> FlowError {
        FlowError::unavailable(self)
    }
}
