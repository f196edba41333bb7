// Command memStress holds memory and keeps touching it: memStress --size 256MB --workers 1. It takes
// the arguments that Chaos Mesh's daemon gives to the program of that name.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const pageSize = 4096

func main() {
	size := flag.String("size", "64MB", "memory of each worker, in B, KB, MB or GB")
	workers := flag.Int("workers", 1, "how many blocks of that size")
	growth := flag.Duration("time", 0, "how long it takes to reach the size")
	_ = flag.Bool("client", false, "unused: upstream's way to start workers as processes")
	flag.Parse()
	bytes, err := parse(*size)
	if err != nil {
		fmt.Fprintln(os.Stderr, "memStress:", err)
		os.Exit(2)
	}
	blocks := make([][]byte, *workers)
	for i := range blocks {
		blocks[i], err = syscall.Mmap(-1, 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			fmt.Fprintln(os.Stderr, "memStress:", err)
			os.Exit(1)
		}
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	begun := time.Now()
	for {
		share := 1.0
		if elapsed := time.Since(begun); elapsed < *growth {
			share = float64(elapsed) / float64(*growth)
		}
		for _, block := range blocks {
			for at := 0; at < int(share*float64(len(block))); at += pageSize {
				block[at]++
			}
		}
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
	}
}

func parse(size string) (int, error) {
	number, factor := strings.TrimSuffix(strings.ToUpper(size), "B"), 1
	for suffix, multiple := range map[string]int{"K": 1 << 10, "M": 1 << 20, "G": 1 << 30} {
		if without, ok := strings.CutSuffix(number, suffix); ok {
			number, factor = without, multiple
			break
		}
	}
	count, err := strconv.Atoi(number)
	if err != nil || count <= 0 {
		return 0, fmt.Errorf("%q is no size", size)
	}
	return count * factor, nil
}
