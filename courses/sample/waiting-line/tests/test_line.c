#include "line.h"
#include "unity.h"

static struct line line;

void setUp(void)
{
    line_begin(&line);
}

void tearDown(void)
{
}

static void test_nobody_waits_at_first(void)
{
    int number = 7;
    TEST_ASSERT_EQUAL_INT(0, line_length(&line));
    TEST_ASSERT_FALSE(line_serve(&line, &number));
    TEST_ASSERT_EQUAL_INT(7, number);
}

static void test_first_come_first_served(void)
{
    int number = 0;
    TEST_ASSERT_TRUE(line_join(&line, 10));
    TEST_ASSERT_TRUE(line_join(&line, 20));
    TEST_ASSERT_EQUAL_INT(2, line_length(&line));
    TEST_ASSERT_TRUE(line_serve(&line, &number));
    TEST_ASSERT_EQUAL_INT(10, number);
    TEST_ASSERT_TRUE(line_serve(&line, &number));
    TEST_ASSERT_EQUAL_INT(20, number);
}

static void test_there_are_so_many_places(void)
{
    for (int number = 0; number < LINE_PLACES; number++)
        TEST_ASSERT_TRUE(line_join(&line, number));
    TEST_ASSERT_FALSE(line_join(&line, 99));
    TEST_ASSERT_EQUAL_INT(LINE_PLACES, line_length(&line));
}

static void test_goes_around(void)
{
    int number = 0;
    for (int round = 0; round < 10 * LINE_PLACES; round++) {
        TEST_ASSERT_TRUE(line_join(&line, round));
        TEST_ASSERT_TRUE(line_serve(&line, &number));
        TEST_ASSERT_EQUAL_INT(round, number);
    }
    TEST_ASSERT_EQUAL_INT(0, line_length(&line));
}

int main(void)
{
    UNITY_BEGIN();
    RUN_TEST(test_nobody_waits_at_first);
    RUN_TEST(test_first_come_first_served);
    RUN_TEST(test_there_are_so_many_places);
    RUN_TEST(test_goes_around);
    return UNITY_END();
}
