/*
 * For an author's main: `#include "carrel_check.h"`, then one CARREL_CHECK per test case.
 * A main without any is judged by its exit code alone.
 */
#ifndef CARREL_CHECK_H
#define CARREL_CHECK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Tells one test case. */
void carrel_check(int passed, const char *name);
/* Says more about the test case told last. */
void carrel_note(const char *text);
/* Takes the output of a test framework, one character at a time. */
void carrel_put(int character);

#ifdef __cplusplus
}
#endif

#define CARREL_CHECK(condition, name) carrel_check(!!(condition), name)

#endif
