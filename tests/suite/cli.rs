//! The command line is a contract: what every command answers, and how it ends.

mod contract;
mod files;
mod usage;
