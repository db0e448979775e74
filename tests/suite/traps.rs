//! Traps others fell into, each with a test.

mod by_hand;
mod history;
mod long;
mod paging;
mod races;
mod rebuild;
mod values;
mod writers;
