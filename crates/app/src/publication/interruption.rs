//! Ctrl-C while something must be cleared away first.
//!
//! As long as an [`Interruption`] is held, a signal that would end the process is noted. Dropped,
//! it lets the signal do what it does: the process ends by it, as its parent expects. Hold it
//! longer than what is cleared away.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::{register_conditional_default, register_usize};
use signal_hook::low_level::emulate_default_handler;

const SIGNALS: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

/// Holds signals back.
#[derive(Debug)]
pub(super) struct Interruption {
    /// The signal that came; 0: none.
    noted: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Interruption {
    /// Begins to hold them back.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn hold_back() -> io::Result<Self> {
        let noted = Arc::new(AtomicUsize::new(0));
        let over = Arc::new(AtomicBool::new(false));
        for signal in SIGNALS {
            register_conditional_default(signal, Arc::clone(&over))?;
            let number = usize::try_from(signal).unwrap_or_default();
            register_usize(signal, Arc::clone(&noted), number)?;
        }
        Ok(Self { noted, over })
    }

    /// Whether a signal came.
    pub(super) fn has_come(&self) -> bool {
        self.noted.load(Ordering::SeqCst) != 0
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let noted = i32::try_from(self.noted.load(Ordering::SeqCst));
        if let Some(signal) = noted.ok().filter(|signal| *signal != 0) {
            // It does not come back; where it does, the failure is told as any other.
            let _ = emulate_default_handler(signal);
        }
    }
}
