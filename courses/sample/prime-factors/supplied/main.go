package main

import "fmt"

func main() {
	var number int
	for {
		if _, err := fmt.Scan(&number); err != nil {
			return
		}
		for _, factor := range Factors(number) {
			fmt.Print(factor, " ")
		}
		fmt.Println()
	}
}
