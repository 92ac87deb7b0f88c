//! Who hears how judging goes on.

use carrel_model::result::TestResult;

/// Hears of a submission while it is judged.
pub trait Watcher {
    /// The compile step begins.
    fn compiling(&mut self) {}

    /// A check ended; all its results, in the view that the submission names.
    fn checked(&mut self, results: &[TestResult]);
}

/// Hears every result by itself.
pub(crate) struct Each<'a>(pub(crate) &'a mut dyn FnMut(&TestResult));

impl Watcher for Each<'_> {
    fn checked(&mut self, results: &[TestResult]) {
        results.iter().for_each(&mut *self.0);
    }
}
