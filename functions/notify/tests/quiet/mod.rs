//! Where nobody is texted, and nothing is sealed.

use std::sync::Arc;

use async_trait::async_trait;
use domain::TenantId;
use flows::{DataKey, FlowError, KeyWrap, Texter, Texters, sending::TextWay};

pub(crate) struct Nobody;

impl Texters for Nobody {
    fn texter(&self, _: &TextWay) -> Option<Arc<dyn Texter>> {
        None
    }
}

#[async_trait]
impl KeyWrap for Nobody {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Err(FlowError::unavailable("nothing is sealed here"))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Err(FlowError::unavailable("nothing is sealed here"))
    }
}
