//! Every limit of the API, by name. `docs/api.md` lists them.

/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Rows of a page where nothing is said.
pub const PAGE_ROWS_DEFAULT: u32 = 50;
/// Longest time that a request may wait for a verdict, seconds.
pub const WAIT_SECONDS_MAX: u64 = 60;
/// Largest JSON body, bytes: files of a submission travel in base64.
pub const JSON_BODY_BYTES_MAX: usize = 16 << 20;
/// Largest body of an answer in an attempt, bytes: the answer itself is bounded by its question.
pub const ANSWER_BODY_BYTES_MAX: usize = 2 << 20;
/// Largest archive or multipart body of a submission, bytes.
pub const UPLOAD_BYTES_MAX: usize = 8 << 20;
/// Most files of a submission.
pub const SUBMISSION_FILES_MAX: usize = 500;
/// All files of a submission together, bytes.
pub const SUBMISSION_BYTES_MAX: usize = 8 << 20;
/// Longest path of a file, bytes.
pub const PATH_BYTES_MAX: usize = 255;
/// Deepest path of a file, parts.
pub const PATH_DEPTH_MAX: usize = 32;
/// Largest archive of a course, bytes as sent.
pub const COURSE_ARCHIVE_BYTES_MAX: usize = 256 << 20;
/// All files of a course together, bytes.
pub const COURSE_BYTES_MAX: u64 = 1 << 30;
/// Most files and directories of a course.
pub const COURSE_ENTRIES_MAX: usize = 100_000;
/// How many times larger than sent an archive may become; smaller ones than
/// [`ARCHIVE_RATIO_FROM_BYTES`] are let through whatever their ratio.
pub const ARCHIVE_RATIO_MAX: u64 = 200;
/// From how many unpacked bytes on [`ARCHIVE_RATIO_MAX`] is looked at.
pub const ARCHIVE_RATIO_FROM_BYTES: u64 = 4 << 20;
/// Longest `Idempotency-Key`, bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Longest standard input of an execution, bytes.
pub const STDIN_BYTES_MAX: usize = 4 << 20;
/// Most arguments of an execution.
pub const ARGUMENTS_MAX: usize = 256;
/// Longest argument of an execution, bytes.
pub const ARGUMENT_BYTES_MAX: usize = 4_096;
/// Most runs of one execution.
pub const RUNS_MAX: u32 = 20;
/// Longest URL of a webhook or callback, bytes.
pub const URL_BYTES_MAX: usize = 2_048;
/// Most webhooks of one course.
pub const WEBHOOKS_MAX: usize = 20;
