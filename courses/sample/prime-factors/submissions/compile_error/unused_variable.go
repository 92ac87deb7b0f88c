package main

func Factors(number int) []int {
	divisor := 2
	return nil
}
