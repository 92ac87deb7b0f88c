//! What authors write, and what must never come of it.

mod hostile;
mod shown;
