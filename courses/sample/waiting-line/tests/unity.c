#include "unity.h"

#include <stddef.h>

static jmp_buf place;
static const char *file_name;
static const char *test_name;
static int failures;
static int tests;
static int failed;

static void say(const char *text)
{
    while (*text)
        UNITY_OUTPUT_CHAR(*text++);
}

static void say_number(long number)
{
    if (number < 0) {
        UNITY_OUTPUT_CHAR('-');
        number = -number;
    }
    if (number > 9)
        say_number(number / 10);
    UNITY_OUTPUT_CHAR((char)('0' + number % 10));
}

static void say_place(int line, const char *result)
{
    say(file_name);
    UNITY_OUTPUT_CHAR(':');
    say_number(line);
    UNITY_OUTPUT_CHAR(':');
    say(test_name);
    say(result);
}

void UnityBegin(const char *file)
{
    file_name = file;
    failures = tests = 0;
}

int UnityEnd(void)
{
    say("\n");
    say_number(tests);
    say(" Tests ");
    say_number(failures);
    say(" Failures 0 Ignored\n");
    say(failures == 0 ? "OK\n" : "FAIL\n");
    return failures;
}

void UnityCondition(int holds, const char *reason, int line)
{
    if (holds)
        return;
    say_place(line, ":FAIL: ");
    say(reason);
    say("\n");
    failed = 1;
    longjmp(place, 1);
}

void UnityEqualNumber(long expected, long got, int line)
{
    if (expected == got)
        return;
    say_place(line, ":FAIL: Expected ");
    say_number(expected);
    say(" Was ");
    say_number(got);
    say("\n");
    failed = 1;
    longjmp(place, 1);
}

void UnityEqualText(const char *expected, const char *got, int line)
{
    size_t at = 0;
    while (expected[at] && expected[at] == got[at])
        at++;
    if (expected[at] == got[at])
        return;
    say_place(line, ":FAIL: Expected '");
    say(expected);
    say("' Was '");
    say(got);
    say("'\n");
    failed = 1;
    longjmp(place, 1);
}

void UnityDefaultTestRun(void (*test)(void), const char *name, int line)
{
    test_name = name;
    failed = 0;
    tests++;
    if (setjmp(place) == 0) {
        setUp();
        test();
    }
    if (setjmp(place) == 0)
        tearDown();
    if (failed) {
        failures++;
    } else {
        say_place(line, ":PASS\n");
    }
}
