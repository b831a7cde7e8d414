//! A storage with nothing in it that takes nothing: for tests of those who are given one and need none.

use std::time::Duration;

use async_trait::async_trait;

use super::{FileName, Files, Writing};
use crate::FlowError;

pub struct Nowhere;

const NOTHING: FlowError = FlowError::NotFound("file");

#[async_trait]
impl Files for Nowhere {
    async fn link_to_bring(&self, _: FileName, _: u64, _: Duration) -> Result<String, FlowError> {
        Err(NOTHING)
    }

    async fn link_to_take(&self, _: FileName, _: &str, _: Duration) -> Result<String, FlowError> {
        Err(NOTHING)
    }

    async fn bytes(&self, _: FileName) -> Result<Option<u64>, FlowError> {
        Ok(None)
    }

    async fn mark(&self, _: FileName) -> Result<Option<String>, FlowError> {
        Ok(None)
    }

    async fn read(&self, _: FileName, _: u64, _: usize) -> Result<Vec<u8>, FlowError> {
        Err(NOTHING)
    }

    async fn read_marked(
        &self,
        _: FileName,
        _: &str,
        _: u64,
        _: usize,
    ) -> Result<Option<Vec<u8>>, FlowError> {
        Err(NOTHING)
    }

    async fn write(&self, _: FileName, _: Vec<u8>) -> Result<(), FlowError> {
        Err(NOTHING)
    }

    async fn begin(&self, _: FileName) -> Result<Writing, FlowError> {
        Err(NOTHING)
    }

    async fn add(&self, _: &mut Writing, _: Vec<u8>) -> Result<(), FlowError> {
        Err(NOTHING)
    }

    async fn finish(&self, _: Writing) -> Result<(), FlowError> {
        Err(NOTHING)
    }

    async fn remove(&self, _: FileName) -> Result<(), FlowError> {
        Ok(())
    }
}
