"""A client of Piston (PyPI `aiopyston`): slashes at the end, the key alone in `Authorization`."""

import asyncio
import sys

import pyston

url, token = sys.argv[1:]


async def main():
    client = pyston.PystonClient(api_key=token, base_url=f"{url}/api/v2/piston/")
    assert "python" in await client.languages()
    program = pyston.File("import sys; print(input(), sys.argv[1:])")
    done = await client.execute("py", [program], stdin="hi", args=["a", "b"])
    assert done.run_stage.code == 0, done.raw_json
    assert str(done) == "hi ['a', 'b']\n", done.raw_json
    compiled = await client.execute("c", [pyston.File("int main(void) { return 3; }")])
    assert compiled.compile_stage.code == 0 and compiled.run_stage.code == 3, compiled.raw_json
    try:
        await client.execute("cobol", [program])
    except pyston.exceptions.ExecutionError as error:
        assert str(error) == "cobol-* runtime is unknown", error
    else:
        raise AssertionError("an unknown language was run")
    await client.close_session()


asyncio.run(main())
