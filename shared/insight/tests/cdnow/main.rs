//! The models on the CDNOW sample, which the literature has been calibrated on: first 39 weeks known, the next 39 foretold.

mod fitted;
mod foretold;
mod same_as_lifetimes;
mod sample;
