//! The `stoneware` command as the tests run it.

fn main() -> std::process::ExitCode {
    stoneware_cli::main()
}
