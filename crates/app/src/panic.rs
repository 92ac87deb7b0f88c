//! What a panic does.

use std::panic;

/// From now on a panic ends the process at once, but where a request or a piece of work is
/// contained ([`carrel_web::containment`]): a worker, a supervisor or a writer that goes on
/// without one of its threads would look alive and do nothing. Ended, it is started again, and
/// what ran is taken up.
pub fn end_the_process() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        tell(panicked);
        if !carrel_web::containment::is_contained() {
            std::process::abort();
        }
    }));
}
