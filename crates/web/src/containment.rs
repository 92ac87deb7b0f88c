//! What may panic without ending the process: the answer to one request, and work apart from
//! the threads that answer. Anything else (a writer, a task that goes on for ever) ends it, and
//! the supervisor starts another; half a process helps nobody.

use std::cell::Cell;

use crate::request_id;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic here ends this request or piece of work only. For the process' panic hook.
#[must_use]
pub fn is_contained() -> bool {
    CONTAINED.get() || request_id::is_answering()
}

/// Runs a piece of work that somebody waits for and whose panic is told to them.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> T {
    /// Also where the work panics.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            CONTAINED.set(self.0);
        }
    }
    let _restore = Restore(CONTAINED.replace(true));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contained_until_the_work_is_over_however_it_ends() {
        assert!(!is_contained());
        assert!(contain(is_contained));
        let panicked = std::panic::catch_unwind(|| contain(|| panic!("on purpose")));
        assert!(panicked.is_err() && !is_contained());
    }
}
