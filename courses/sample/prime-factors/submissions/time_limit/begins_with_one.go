package main

func Factors(number int) []int {
	var factors []int
	for divisor := 1; number > 1; divisor++ {
		for number%divisor == 0 {
			number /= divisor
		}
	}
	return factors
}
