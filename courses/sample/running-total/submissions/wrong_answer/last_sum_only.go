package main

import "fmt"

func main() {
	number, sum := 0, 0
	for {
		if _, err := fmt.Scan(&number); err != nil {
			break
		}
		sum += number
	}
	fmt.Println(sum)
}
