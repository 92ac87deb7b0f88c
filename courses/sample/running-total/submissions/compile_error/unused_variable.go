package main

import "fmt"

func main() {
	sum := 0
	number := 3
	fmt.Println(sum)
}
