package main

func from(divisor, number int) []int {
	switch {
	case number == 1:
		return nil
	case divisor*divisor > number:
		return []int{number}
	case number%divisor == 0:
		return append([]int{divisor}, from(divisor, number/divisor)...)
	default:
		return from(divisor+1, number)
	}
}

func Factors(number int) []int { return from(2, number) }
