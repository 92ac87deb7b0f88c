package main

// Factors gives the prime factors of a number, the smallest first.
func Factors(number int) []int {
	var factors []int
	for divisor := 2; divisor*divisor <= number; divisor++ {
		for number%divisor == 0 {
			factors = append(factors, divisor)
			number /= divisor
		}
	}
	if number > 1 {
		factors = append(factors, number)
	}
	return factors
}
