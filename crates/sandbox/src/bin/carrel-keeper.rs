//! A binary that is nothing but a keeper, for the tests and benchmarks of this
//! crate and for use of the library alone.

fn main() -> std::process::ExitCode {
    match carrel_sandbox::keeper::enter() {
        0 => std::process::ExitCode::SUCCESS,
        _ => std::process::ExitCode::FAILURE,
    }
}
