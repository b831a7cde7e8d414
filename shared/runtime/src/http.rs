//! HTTP functions: API Gateway's HTTP API and function URLs, which send the same event.

use std::{
    net::{IpAddr, SocketAddr},
    process::ExitCode,
};

use axum::{Router, extract::ConnectInfo};
use lambda_http::{Adapter, Body, Request, RequestExt, request::RequestContext};
use lambda_runtime::Runtime;
use tower::ServiceExt;

use crate::{
    env::{BadSetting, Env},
    serve::serve,
};

/// Serves a router until the end. `make` names what the function may touch.
pub fn serve_http(function: &'static str, make: impl FnOnce(&Env) -> Result<Router, BadSetting>) -> ExitCode {
    serve(function, |env| {
        let router = make(env)?.into_service::<Body>();
        Ok(Runtime::new(Adapter::from(router.map_request(from_network))))
    })
}

/// Tells the router where the caller is, as the gateway saw it: no header that a caller sends counts.
pub fn from_network(mut request: Request) -> Request {
    let source = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    if let Some(address) = source.and_then(|source| source.parse::<IpAddr>().ok()) {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    request
}
