package main

func Factors(number int) []int {
	var factors []int
	for divisor := 0; divisor <= number; divisor++ {
		for number%divisor == 0 {
			factors = append(factors, divisor)
			number /= divisor
		}
	}
	return factors
}
