// Command paused waits for SIGCONT, then becomes the program that its arguments name. Chaos Mesh's
// daemon starts every stressor through it, so that it can be put into a pod's cgroup first.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, syscall.SIGCONT)
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: pause PROGRAM [ARGUMENT]...")
		os.Exit(2)
	}
	program, err := exec.LookPath(os.Args[1])
	if err == nil {
		<-resumed
		err = syscall.Exec(program, os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(127)
}
