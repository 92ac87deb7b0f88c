package main

func main() {
	for sum := 0; ; sum++ {
		if sum < 0 {
			println(sum)
		}
	}
}
