// Three workers take numbers from one channel and send their squares to another.
package main

import (
	"fmt"
	"sort"
	"sync"
)

func worker(numbers <-chan int, squares chan<- int, done *sync.WaitGroup) {
	defer done.Done()
	for n := range numbers {
		squares <- n * n
	}
}

func main() {
	numbers := make(chan int)
	squares := make(chan int, 10)
	var done sync.WaitGroup

	for i := 0; i < 3; i++ {
		done.Add(1)
		go worker(numbers, squares, &done)
	}
	for n := 1; n <= 10; n++ {
		numbers <- n
	}
	close(numbers)
	done.Wait()
	close(squares)

	// The workers finish in any order, so the results are put in one.
	var sorted []int
	for square := range squares {
		sorted = append(sorted, square)
	}
	sort.Ints(sorted)
	fmt.Println(sorted)
}
