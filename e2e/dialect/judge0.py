"""The official SDK of Judge0 (PyPI `judge0`): single, batch and compared runs."""

import sys

# This file is called as the package is: its own directory must not hide it.
sys.path.pop(0)

import judge0  # noqa: E402
from judge0 import Filesystem  # noqa: E402

url, token = sys.argv[1:]
client = judge0.Client(
    f"{url}/judge0",
    {"X-Auth-Token": token},
    retry_strategy=judge0.retry.MaxWaitTime(60),
)
assert client.version == "1.13.1"
assert any(language.id == 71 for language in client.languages)
assert client.config.max_submission_batch_size == 20

one = judge0.run(client=client, source_code="print(input())", stdin="grüß", language=judge0.PYTHON)
assert one.status == judge0.Status.ACCEPTED, one
assert one.stdout == "grüß\n", one.stdout
assert one.time > 0 and one.memory > 0 and one.exit_code == 0, one
assert one.finished_at >= one.created_at

cases = [("1", "1\n"), ("2", "3\n")]
results = judge0.run(
    client=client, source_code="print(input())", test_cases=cases, language=judge0.PYTHON
)
statuses = [result.status for result in results]
assert statuses == [judge0.Status.ACCEPTED, judge0.Status.WRONG_ANSWER], statuses

broken = judge0.run(client=client, source_code="int main(void) { return x; }", language=judge0.C)
assert broken.status == judge0.Status.COMPILATION_ERROR, broken
assert "error" in broken.compile_output and broken.time is None, broken

files = Filesystem(content=[judge0.File("helper.py", "def answer():\n    return 42\n")])
helped = judge0.run(
    client=client,
    source_code="import helper; print(helper.answer())",
    additional_files=files,
    language=judge0.PYTHON,
)
assert helped.stdout == "42\n", helped

crashed = judge0.run(
    client=client,
    source_code="import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    language=judge0.PYTHON,
)
assert crashed.status == judge0.Status.RUNTIME_ERROR_SIGSEGV, crashed
assert crashed.exit_signal == 11, crashed

endless = judge0.run(
    client=client,
    submissions=judge0.Submission(
        source_code="while True: pass",
        language=judge0.PYTHON,
        cpu_time_limit=0.5,
        cpu_extra_time=0,
    ),
)
assert endless.status == judge0.Status.TIME_LIMIT_EXCEEDED, endless
