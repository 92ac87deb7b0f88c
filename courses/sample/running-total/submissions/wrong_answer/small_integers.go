package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	var number, sum int32
	for {
		if _, err := fmt.Fscan(input, &number); err != nil {
			return
		}
		sum += number
		fmt.Println(sum)
	}
}
