//! Tests of the engine and the command line, without any window. One file a subject.

#![allow(clippy::unwrap_used)]

mod beside;
mod cli;
mod clients;
mod conformance;
mod connect;
mod edit_plan;
mod far;
mod fence;
mod import;
mod kill;
mod materialize;
mod matrix;
mod names;
mod property;
mod real;
mod rights;
mod sample;
mod transfer;
mod traps;
mod watch;
