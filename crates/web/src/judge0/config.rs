//! Settings: theirs by name, unit and default (`judge0.conf` and `app/helpers/config.rs`).

use carrel_model::Limits;
use serde_json::{Value, json};

/// Least wall-clock time that theirs lets ask for, seconds.
const WALL_SECONDS_MIN: f64 = 1.0;
/// Least memory that theirs lets ask for, kilobytes.
pub(super) const MEMORY_KIB_MIN: u64 = 2_048;

/// Settings of this interface.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// Account under which callers without a key execute; `None`: they are refused.
    pub anonymous: Option<String>,
    /// An absent `base64_encoded` means true, as in their development since 2022; 1.13.1 and its documents take it as false.
    pub implicit_base64: bool,
    /// Processor time of a run, seconds.
    pub cpu_time_limit: f64,
    /// Most processor time of a run, seconds.
    pub max_cpu_time_limit: f64,
    /// Time after the limit before a program is killed, seconds.
    pub cpu_extra_time: f64,
    /// Most time after the limit, seconds.
    pub max_cpu_extra_time: f64,
    /// Wall-clock time of a run, seconds.
    pub wall_time_limit: f64,
    /// Most wall-clock time of a run, seconds.
    pub max_wall_time_limit: f64,
    /// Memory of a run, kilobytes.
    pub memory_limit: u64,
    /// Most memory of a run, kilobytes.
    pub max_memory_limit: u64,
    /// Stack of a run, kilobytes.
    pub stack_limit: u64,
    /// Largest stack of a run, kilobytes.
    pub max_stack_limit: u64,
    /// Processes and threads of a run.
    pub max_processes_and_or_threads: u64,
    /// Most processes and threads of a run.
    pub max_max_processes_and_or_threads: u64,
    /// Largest file and most output of a run, kilobytes.
    pub max_file_size: u64,
    /// Most that can be asked for of it, kilobytes.
    pub max_max_file_size: u64,
    /// Runs of one submission.
    pub number_of_runs: u32,
    /// Most runs of one submission.
    pub max_number_of_runs: u32,
    /// Unpacked additional files together, kilobytes.
    pub max_extract_size: u64,
    /// Most submissions of one batch.
    pub max_submission_batch_size: usize,
    /// Most that the operator allows any ad-hoc execution.
    pub most: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            anonymous: None,
            implicit_base64: false,
            cpu_time_limit: 5.0,
            max_cpu_time_limit: 15.0,
            cpu_extra_time: 1.0,
            max_cpu_extra_time: 5.0,
            wall_time_limit: 10.0,
            max_wall_time_limit: 20.0,
            memory_limit: 128_000,
            max_memory_limit: 512_000,
            stack_limit: 64_000,
            max_stack_limit: 128_000,
            max_processes_and_or_threads: 60,
            max_max_processes_and_or_threads: 120,
            max_file_size: 1_024,
            max_max_file_size: 4_096,
            number_of_runs: 1,
            max_number_of_runs: 20,
            max_extract_size: 8_192,
            max_submission_batch_size: 20,
            most: crate::config::execution_limits(),
        }
    }
}

impl Config {
    /// Lets ask for no more, and tells no more, than the operator allows any ad-hoc execution.
    /// Where that is below the least that theirs knows it is that least, and the run gets less.
    pub(crate) fn bound(&mut self, most: Limits) {
        #[expect(clippy::cast_precision_loss, reason = "limits are far smaller")]
        let seconds = |milliseconds: u64| milliseconds as f64 / 1_000.0;
        let cpu = seconds(most.cpu_ms);
        self.max_cpu_time_limit = self.max_cpu_time_limit.min(cpu);
        self.cpu_time_limit = self.cpu_time_limit.min(cpu);
        self.max_cpu_extra_time = self.max_cpu_extra_time.min(cpu);
        self.cpu_extra_time = self.cpu_extra_time.min(cpu);
        let wall = seconds(most.wall_ms).max(WALL_SECONDS_MIN);
        self.max_wall_time_limit = self.max_wall_time_limit.min(wall);
        self.wall_time_limit = self.wall_time_limit.min(wall);
        let memory = (most.memory_bytes / 1_024).max(MEMORY_KIB_MIN);
        self.max_memory_limit = self.max_memory_limit.min(memory);
        self.memory_limit = self.memory_limit.min(memory);
        let stack = most.stack_bytes / 1_024;
        self.max_stack_limit = self.max_stack_limit.min(stack);
        self.stack_limit = self.stack_limit.min(stack);
        let processes = most.processes;
        self.max_max_processes_and_or_threads =
            self.max_max_processes_and_or_threads.min(processes);
        self.max_processes_and_or_threads = self.max_processes_and_or_threads.min(processes);
        let file = most.file_bytes.min(most.output_bytes).div_ceil(1_024);
        self.max_max_file_size = self.max_max_file_size.min(file);
        self.max_file_size = self.max_file_size.min(file);
        self.most = most;
    }

    /// What `/config_info` answers; `queued_max` is the bound of the queue.
    pub(super) fn describe(&self, queued_max: u64, callbacks: (u32, f64)) -> Value {
        let (callbacks_max_tries, callbacks_timeout) = callbacks;
        json!({
            "maintenance_mode": false,
            "enable_wait_result": true,
            "enable_compiler_options": true,
            "allowed_languages_for_compile_options": [],
            "enable_command_line_arguments": true,
            "enable_submission_delete": false,
            "enable_callbacks": true,
            "callbacks_max_tries": callbacks_max_tries,
            "callbacks_timeout": callbacks_timeout,
            "enable_additional_files": true,
            "max_queue_size": queued_max,
            "cpu_time_limit": self.cpu_time_limit,
            "max_cpu_time_limit": self.max_cpu_time_limit,
            "cpu_extra_time": self.cpu_extra_time,
            "max_cpu_extra_time": self.max_cpu_extra_time,
            "wall_time_limit": self.wall_time_limit,
            "max_wall_time_limit": self.max_wall_time_limit,
            "memory_limit": self.memory_limit,
            "max_memory_limit": self.max_memory_limit,
            "stack_limit": self.stack_limit,
            "max_stack_limit": self.max_stack_limit,
            "max_processes_and_or_threads": self.max_processes_and_or_threads,
            "max_max_processes_and_or_threads": self.max_max_processes_and_or_threads,
            "enable_per_process_and_thread_time_limit": false,
            "allow_enable_per_process_and_thread_time_limit": false,
            "enable_per_process_and_thread_memory_limit": false,
            "allow_enable_per_process_and_thread_memory_limit": false,
            "max_file_size": self.max_file_size,
            "max_max_file_size": self.max_max_file_size,
            "number_of_runs": self.number_of_runs,
            "max_number_of_runs": self.max_number_of_runs,
            "redirect_stderr_to_stdout": false,
            "max_extract_size": self.max_extract_size,
            "enable_batched_submissions": true,
            "max_submission_batch_size": self.max_submission_batch_size,
            "submission_cache_duration": 0.0,
            "use_docs_as_homepage": false,
            "allow_enable_network": false,
            "enable_network": false,
        })
    }
}
