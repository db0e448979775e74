//! The commands, one file a noun.

mod copy;
mod edit_plan;
mod entity;
mod field;
mod history;
mod import;
mod job;
mod link;
mod materialize;
mod record;
mod relationship;
mod workspace;

use clap::Subcommand;

use crate::{failure::Outcome, session::Session};

#[derive(Subcommand)]
pub enum Command {
    /// Make a new, empty workspace
    Init(workspace::Init),
    /// Make a workspace with the sample: a coffee roastery, with schema, records and layout
    Sample,
    /// Bring in a SQLite database, or a CSV or NDJSON file
    Import(import::Import),
    /// List, show, create, rename and drop entities
    #[command(subcommand)]
    Entity(entity::Entity),
    /// Add, rename, change and drop fields
    #[command(subcommand)]
    Field(field::Field),
    /// Add, list and drop relationships
    #[command(subcommand)]
    Relationship(relationship::Relationship),
    /// Insert, read, change, delete, list and export records
    #[command(subcommand)]
    Record(record::Record),
    /// Add, remove and list the links of a many-to-many relationship
    #[command(subcommand)]
    Link(link::Link),
    /// Give entities tables of their own
    Materialize(materialize::Materialize),
    /// Bring entities back into the shared table
    Dematerialize(materialize::Dematerialize),
    /// List, show, pause, resume, cancel and roll back long work
    #[command(subcommand)]
    Job(job::Job),
    /// Copy a whole workspace to another place, SQLite or Postgres either way
    Copy(copy::Copy),
    /// Show every edit of the schema, newest first
    Changelog(history::Changelog),
    /// Take back the last edit of the schema
    Undo,
    /// Do again what undo took back
    Redo,
}

pub async fn run(command: Command, session: &Session) -> Outcome {
    match command {
        Command::Init(command) => workspace::init(command, session).await,
        Command::Sample => workspace::sample(session).await,
        Command::Import(command) => import::run(command, session).await,
        Command::Entity(command) => entity::run(command, session).await,
        Command::Field(command) => field::run(command, session).await,
        Command::Relationship(command) => relationship::run(command, session).await,
        Command::Record(command) => record::run(command, session).await,
        Command::Link(command) => link::run(command, session).await,
        Command::Materialize(command) => materialize::materialize(command, session).await,
        Command::Dematerialize(command) => materialize::dematerialize(command, session).await,
        Command::Job(command) => job::run(command, session).await,
        Command::Copy(command) => copy::run(command, session).await,
        Command::Changelog(command) => history::changelog(command, session).await,
        Command::Undo => history::undo(session).await,
        Command::Redo => history::redo(session).await,
    }
}
