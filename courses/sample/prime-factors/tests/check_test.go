// Ordinary Go tests that hold none of the learner's code: its function is in another program, which is asked
// through pipes. TestMain tells their results as TAP.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

func factors(t *testing.T, number int) []string {
	t.Helper()
	program := exec.Command("./program")
	program.Stdin = strings.NewReader(fmt.Sprintln(number))
	told, err := program.Output()
	if err != nil {
		t.Fatalf("for %d the program failed: %v", number, err)
	}
	return strings.Fields(string(told))
}

func check(t *testing.T, number int, expected ...string) {
	t.Helper()
	got := factors(t, number)
	if len(got)+len(expected) > 0 && !reflect.DeepEqual(got, expected) {
		t.Errorf("%d: expected %v, got %v", number, expected, got)
	}
}

func TestOne(t *testing.T) { check(t, 1) }

func TestPrimes(t *testing.T) {
	check(t, 2, "2")
	check(t, 97, "97")
}

func TestPowers(t *testing.T) {
	check(t, 8, "2", "2", "2")
	check(t, 9, "3", "3")
	check(t, 625, "5", "5", "5", "5")
}

func TestProducts(t *testing.T) {
	check(t, 12, "2", "2", "3")
	check(t, 901255, "5", "17", "23", "461")
}

func TestLargePrime(t *testing.T) { check(t, 93819012551, "11", "9539", "894119") }

// What the tests say (`-test.v`) is read by this process itself.
func TestMain(m *testing.M) {
	out := os.Stdout
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdout = writer
	done := make(chan int)
	go func() { done <- tell(out, bufio.NewScanner(reader)) }()
	code := m.Run()
	writer.Close()
	fmt.Fprintf(out, "1..%d\n", <-done)
	os.Exit(code)
}

func tell(out *os.File, lines *bufio.Scanner) int {
	count, reasons := 0, ""
	for lines.Scan() {
		line := lines.Text()
		word, name := "", ""
		if n, _ := fmt.Sscanf(line, "--- %s %s", &word, &name); n == 2 {
			count++
			result := "not ok"
			if word == "PASS:" {
				result = "ok"
			}
			fmt.Fprintf(out, "%s %d - %s\n%s", result, count, name, reasons)
			reasons = ""
		} else if strings.HasPrefix(line, "    ") {
			reasons += fmt.Sprintln("#", strings.TrimSpace(line))
		}
	}
	return count
}
