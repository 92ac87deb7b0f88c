// tries: reads the key while the dynamic linker asks which function to take, before every hook
// outcome: compile_error
#include "double.h"
static long ask(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}
static void say(const char *text)
{
    long length = 0;
    while (text[length] != '\0') length++;
    ask(1, 3, (long)text, length);
}
static int wrong(int x)
{
    (void)x;
    return 0;
}
static char key[49];
static int (*resolve(void))(int)
{
    if (ask(0, 0, (long)key, 48) == 48) {
        say("\n"), say(key), say(" 0 line text=t%3A1%3Atest_two%3APASS\n");
        say(key), say(" 1 line text=t%3A1%3Atest_five%3APASS\n");
        say(key), say(" 2 line text=t%3A1%3Acarrel_canary0%3AFAIL\n");
        say(key), say(" 3 line text=t%3A1%3Acarrel_canary1%3AFAIL\n");
        say(key), say(" 4 line text=t%3A1%3Acarrel_canary2%3AFAIL\n");
        say(key), say(" 5 line text=t%3A1%3Acarrel_canary3%3AFAIL\n");
        say(key), say(" 6 line text=t%3A1%3Acarrel_canary4%3AFAIL\n");
        say(key), say(" 7 line text=t%3A1%3Acarrel_canary5%3AFAIL\n");
        say(key), say(" 8 line text=t%3A1%3Acarrel_canary6%3AFAIL\n");
        say(key), say(" 9 end text=000\n");
        ask(231, 0, 0, 0);
    }
    return wrong;
}
int double_of(int x) __attribute__((ifunc("resolve")));
