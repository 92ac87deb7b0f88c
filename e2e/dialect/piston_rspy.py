"""The Rust client of Piston with its Python face (PyPI `piston_rspy`)."""

import asyncio
import sys

# This file is called as the package is: its own directory must not hide it.
sys.path.pop(0)

import piston_rspy  # noqa: E402

url, token = sys.argv[1:]


async def main():
    client = piston_rspy.Client.with_url_and_key(f"{url}/api/v2", token)
    runtimes = await client.fetch_runtimes()
    python = next(runtime for runtime in runtimes if runtime.language == "python")
    executor = piston_rspy.Executor(
        language="python",
        version=python.version,
        files=[
            piston_rspy.File(name="main.py", content="import other; print(other.WORD)"),
            piston_rspy.File(name="other.py", content="WORD = 'over there'"),
        ],
    )
    done = await client.execute(executor)
    assert done.run.stdout == "over there\n" and done.run.code == 0, done
    assert done.language == "python" and done.version == python.version
    assert done.compile is None


asyncio.run(main())
