//! Claims jobs, judges them, records verdicts.
