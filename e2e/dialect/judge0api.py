"""An older client of Judge0 (PyPI `judge0api`): signs in, waits at the connection, asks again."""

import sys

# This file is called as the package is: its own directory must not hide it.
sys.path.pop(0)

import judge0api  # noqa: E402

url, token = sys.argv[1:]
client = judge0api.Client(f"{url}/judge0", auth_token=token)
done = judge0api.submission.submit(
    client, b"print(int(input()) * 2)", 71, stdin=b"21\n", expected_output=b"42"
)
assert done.status["id"] == 3, done.status
assert done.stdout == b"42\n", done.stdout
again = judge0api.submission.get(client, done.token)
assert again.stdout == b"42\n" and again.exit_code == 0 and again.language_id == 71

wrong = judge0api.submission.submit(client, b"import sys; sys.exit(3)", 71)
assert wrong.status["id"] == 11, wrong.status
try:
    judge0api.Client(f"{url}/judge0", auth_token="wrong")
except Exception as error:
    assert "401" in str(error), error
else:
    raise AssertionError("a wrong token was taken")
