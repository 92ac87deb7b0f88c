//! The test suites that the programs of `tests/cheats` stand before.

/// One suite: a framework and its tests of "double a number".
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) framework: &'static str,
    pub(crate) language: &'static str,
    /// Directory of programs below `tests/cheats`.
    pub(crate) directory: &'static str,
    /// Name of the learner's file.
    pub(crate) solution: &'static str,
    pub(crate) tests: Vec<(&'static str, &'static str)>,
    pub(crate) supplied: Vec<(&'static str, &'static str)>,
    /// What must be installed.
    pub(crate) tools: Vec<&'static str>,
}

const JEST: &str = "import { double } from './double';
describe('double', () => {
  test('two', () => { expect(double(2)).toBe(4); });
  xtest('list', () => { expect(double([1, 2])).toEqual([2, 4]); });
});
";

const NODE_TEST: &str = "import test from 'node:test';
import assert from 'node:assert';
import { double } from './double.js';
test('two', () => assert.strictEqual(double(2), 4));
test('list', async (t) => { await t.test('inside', () => assert.deepStrictEqual(double([1, 2]), [2, 4])); });
";

const BUSTED: &str = "local m = require('double')
describe('double', function()
  it('two', function() assert.are.equal(4, m.double(2)) end)
  it('list', function() assert.are.same({ 2, 4 }, m.double({ 1, 2 })) end)
end)
";

const MINITEST: &str = "require 'minitest/autorun'
require_relative 'double'
class DoubleTest < Minitest::Test
  def test_two
    assert_equal 4, Doubler.double(2)
  end

  def test_list
    skip
    assert_equal [2, 4], Doubler.double([1, 2])
  end
end
";

const UNITY_TEST: &str = "#include \"unity.h\"
#include \"double.h\"
void setUp(void) {}
void tearDown(void) {}
static void test_two(void) { TEST_ASSERT_EQUAL_INT(4, double_of(2)); }
static void test_five(void) { TEST_IGNORE(); TEST_ASSERT_EQUAL_INT(10, double_of(5)); }
int main(void) { UNITY_BEGIN(); RUN_TEST(test_two); RUN_TEST(test_five); return UNITY_END(); }
";

/// As much of Unity's interface as these tests need, written for them.
const UNITY_H: &str = "#ifndef UNITY_H
#define UNITY_H
#include <setjmp.h>
#ifdef UNITY_OUTPUT_CHAR_HEADER_DECLARATION
extern void UNITY_OUTPUT_CHAR_HEADER_DECLARATION;
#endif
void UnityBegin(const char *file);
int UnityEnd(void);
void UnityDefaultTestRun(void (*test)(void), const char *name, int line);
void UnityCheck(int good, const char *message, int line);
void UnityIgnore(int line);
int UnitySameText(const char *a, const char *b);
#define UNITY_BEGIN() UnityBegin(__FILE__)
#define UNITY_END() UnityEnd()
#define RUN_TEST(f) UnityDefaultTestRun(f, #f, __LINE__)
#define TEST_ASSERT(c) UnityCheck(!!(c), \"Expression Evaluated To FALSE\", __LINE__)
#define TEST_ASSERT_TRUE(c) TEST_ASSERT(c)
#define TEST_ASSERT_FALSE(c) TEST_ASSERT(!(c))
#define TEST_ASSERT_EQUAL(a, b) TEST_ASSERT((a) == (b))
#define TEST_ASSERT_EQUAL_INT(a, b) TEST_ASSERT((a) == (b))
#define TEST_ASSERT_EQUAL_STRING(a, b) TEST_ASSERT(UnitySameText((a), (b)))
#define TEST_ASSERT_NULL(a) TEST_ASSERT((a) == 0)
#define TEST_IGNORE() UnityIgnore(__LINE__)
#endif
";

const UNITY_C: &str = "#include \"unity.h\"
static jmp_buf place;
static const char *file, *test;
static int failures, state, at;
static const char *reason;
static void text(const char *t) { while (*t) { UNITY_OUTPUT_CHAR(*t); t++; } }
static void number(int n) { if (n > 9) number(n / 10); UNITY_OUTPUT_CHAR('0' + n % 10); }
void UnityBegin(const char *f) { file = f; }
int UnityEnd(void) { return failures; }
int UnitySameText(const char *a, const char *b) { while (*a && *a == *b) { a++; b++; } return *a == *b; }
void UnityCheck(int good, const char *m, int line) { if (!good) { reason = m; state = 1; at = line; longjmp(place, 1); } }
void UnityIgnore(int line) { state = 2; at = line; longjmp(place, 1); }
void UnityDefaultTestRun(void (*f)(void), const char *name, int line) {
  test = name; state = 0; at = line;
  if (setjmp(place) == 0) f();
  text(file); text(\":\"); number(at); text(\":\"); text(test);
  text(state == 0 ? \":PASS\" : state == 1 ? \":FAIL: \" : \":IGNORE\");
  if (state == 1) { text(reason); failures++; }
  text(\"\\n\");
}
";

const C_MAIN: &str = "#include \"carrel_check.h\"
#include \"double.h\"
int main(void) { CARREL_CHECK(double_of(2) == 4, \"two\"); CARREL_CHECK(double_of(5) == 10, \"five\"); return 0; }
";

const DOUBLE_H: &str = "#ifndef DOUBLE_H\n#define DOUBLE_H\nint double_of(int x);\n#endif\n";

const BATS: &str = "@test 'doubles' {
  run bash double.sh 2
  [ \"$status\" -eq 0 ]
  [ \"$output\" = 4 ]
}
@test 'doubles again' {
  [[ $BATS_RUN_SKIPPED == \"true\" ]] || skip
  [ \"$(echo 3 | sed s/3/4/)\" = 4 ]
  run bash double.sh 5
  [ \"$output\" = 10 ]
}
";

const JUNIT: &str = "import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
class DoublerTest {
    @Test void two() { assertEquals(4, Doubler.doubleOf(2)); }
    @Disabled @Test void five() { assertEquals(10, Doubler.doubleOf(5)); }
}
";

const UNITTEST: &str = "import unittest
from double import double
class DoubleTest(unittest.TestCase):
    def test_two(self):
        self.assertEqual(double(2), 4)
    @unittest.skip('later')
    def test_list(self):
        self.assertEqual(double([1, 2]), [2, 4])
";

/// Every suite.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn all() -> Vec<Suite> {
    let suite =
        |name, framework, language, directory, solution, test, tools: &[&'static str]| Suite {
            name,
            framework,
            language,
            directory,
            solution,
            tests: vec![test],
            supplied: Vec::new(),
            tools: tools.to_vec(),
        };
    let node = &["/usr/bin/node"];
    let mut unity = suite(
        "unity",
        "unity",
        "c",
        "unity",
        "double.c",
        ("test_double.c", UNITY_TEST),
        &["/usr/bin/gcc"],
    );
    unity
        .tests
        .extend([("unity.h", UNITY_H), ("unity.c", UNITY_C)]);
    unity.supplied.push(("double.h", DOUBLE_H));
    let mut c_main = suite(
        "c_main",
        "c_main",
        "c",
        "c_main",
        "double.c",
        ("test_double.c", C_MAIN),
        &["/usr/bin/gcc"],
    );
    c_main.supplied.push(("double.h", DOUBLE_H));
    vec![
        suite(
            "jest",
            "jest",
            "javascript",
            "javascript",
            "double.js",
            ("double.spec.js", JEST),
            node,
        ),
        suite(
            "node_test",
            "node_test",
            "javascript",
            "node_test",
            "double.js",
            ("double.test.js", NODE_TEST),
            node,
        ),
        suite(
            "busted",
            "busted",
            "lua",
            "lua",
            "double.lua",
            ("double_spec.lua", BUSTED),
            &["/usr/bin/lua5.4", "/usr/bin/busted"],
        ),
        suite(
            "minitest",
            "minitest",
            "ruby",
            "ruby",
            "double.rb",
            ("double_test.rb", MINITEST),
            &["/usr/bin/ruby"],
        ),
        unity,
        c_main,
        suite(
            "bats",
            "bats",
            "bash",
            "bash",
            "double.sh",
            ("double.bats", BATS),
            &["/usr/bin/bats"],
        ),
        suite(
            "junit",
            "junit",
            "java",
            "java",
            "Doubler.java",
            ("DoublerTest.java", JUNIT),
            &[
                "/usr/bin/javac",
                "/usr/share/java/junit-platform-launcher.jar",
            ],
        ),
        suite(
            "unittest",
            "unittest",
            "python",
            "python",
            "double.py",
            ("double_test.py", UNITTEST),
            &["/usr/bin/python3"],
        ),
    ]
}
