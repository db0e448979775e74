//! Materializing and the way back: what holds at every moment of a job.

mod alive;
mod catch_up;
mod counts;
mod crash;
mod dirty;
mod full;
mod held;
mod links;
mod misfits;
mod neighbours;
mod online;
mod pairs;
mod plan;
mod plan_statements;
mod report;
mod shapes;
