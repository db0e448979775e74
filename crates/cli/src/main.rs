//! The `stoneware` command.

fn main() -> std::process::ExitCode {
    stoneware_cli::main()
}
