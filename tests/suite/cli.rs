//! The command line is a contract: what every command answers, and how it ends.

mod cancel;
mod contract;
mod files;
mod usage;
