/* The part of Unity's interface that this course needs, written anew in a few lines. Unity's own three files
   (unity.c, unity.h, unity_internals.h) may lie here in its place. */
#ifndef UNITY_H
#define UNITY_H

#include <setjmp.h>

#ifndef UNITY_OUTPUT_CHAR
#include <stdio.h>
#define UNITY_OUTPUT_CHAR(c) putchar(c)
#endif

void setUp(void);
void tearDown(void);
void UnityBegin(const char *file);
int UnityEnd(void);
void UnityDefaultTestRun(void (*test)(void), const char *name, int line);
void UnityCondition(int holds, const char *reason, int line);
void UnityEqualNumber(long expected, long got, int line);
void UnityEqualText(const char *expected, const char *got, int line);

#define UNITY_BEGIN() UnityBegin(__FILE__)
#define UNITY_END() UnityEnd()
#define RUN_TEST(test) UnityDefaultTestRun(test, #test, __LINE__)
#define TEST_ASSERT(c) UnityCondition(!!(c), "Expression Evaluated To FALSE", __LINE__)
#define TEST_ASSERT_TRUE(c) UnityCondition(!!(c), "Expected TRUE Was FALSE", __LINE__)
#define TEST_ASSERT_FALSE(c) UnityCondition(!(c), "Expected FALSE Was TRUE", __LINE__)
#define TEST_ASSERT_NULL(pointer) UnityCondition((pointer) == 0, "Expected NULL", __LINE__)
#define TEST_ASSERT_EQUAL_STRING(expected, got) UnityEqualText((expected), (got), __LINE__)
#define TEST_ASSERT_EQUAL(expected, got) UnityEqualNumber((long)(expected), (long)(got), __LINE__)
#define TEST_ASSERT_EQUAL_INT(expected, got) UnityEqualNumber((long)(expected), (long)(got), __LINE__)

#endif
