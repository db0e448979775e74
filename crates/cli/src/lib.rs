//! The `stoneware` command: each noun of the command line is one file in [`commands`], thin over the engine.
//!
//! Standard output carries the answer and nothing else; progress and errors go to standard error.
//! Exit status: 0 done, 1 refused or failed, 2 wrong usage.
//!
//! A library as well as a command, so that tests can build and run it as part of their own package.

mod commands;
mod failure;
mod input;
mod output;
mod progress;
mod session;
pub mod spec;

use clap::Parser;
use std::process::ExitCode;

use failure::Failure;
use output::Output;
use session::Session;

/// Design a schema, fill it with records, and give its entities tables of their own.
#[derive(Parser)]
#[command(name = "stoneware", bin_name = "stoneware", version, arg_required_else_help = true)]
struct Cli {
    /// The workspace: the path of a file.
    #[arg(short, long, global = true, env = "STONEWARE_WORKSPACE", hide_env_values = true)]
    workspace: Option<String>,
    /// Write JSON to standard output, and errors as JSON to standard error.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: commands::Command,
}

/// The whole command: reads the arguments, does the work, says how it ended.
#[tokio::main]
pub async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    trace();
    let json = cli.json;
    // A defect of ours ends like every other failure: one error, and a status scripts know.
    std::panic::set_hook(Box::new(move |panic| {
        let _ = Failure::defect(&panic.to_string()).report(json);
        std::process::exit(1);
    }));
    let output = Output { json: cli.json, quiet: false };
    let session = Session { location: cli.workspace, output };
    match commands::run(cli.command, &session).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(cli.json),
    }
}

/// Help and version are answers; everything else clap objects to is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if error.use_stderr() && wants_json {
        let text = error.render().to_string();
        let message = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
        return Failure::usage(message).report(true);
    }
    // Nowhere left to report to when the terminal itself is gone.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Traces only when asked for: standard error otherwise carries exactly one error.
fn trace() {
    if let Ok(filter) = std::env::var("STONEWARE_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
