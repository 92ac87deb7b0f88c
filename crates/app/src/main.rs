//! The binary: a keeper when started under that name, the command line otherwise.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let keeper = arguments
        .first()
        .is_some_and(|name| name == carrel_sandbox::KEEPER_NAME);
    if keeper {
        // Before anything else: a keeper must stay single-threaded and small.
        return ExitCode::from(u8::try_from(carrel_sandbox::keeper::enter()).unwrap_or(u8::MAX));
    }
    ExitCode::from(carrel_app::main(arguments))
}
