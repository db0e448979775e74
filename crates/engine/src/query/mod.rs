//! What people write to ask for records.

pub mod filter;
