// Command nsexec runs a program in other namespaces: nsexec [-l] [-n|-p|-m|-i FILE]... -- PROGRAM
// [ARGUMENT]... It ends with the program, and the program with it. With -l the program's file is
// that of this mount namespace, even where -m enters another; it must then be linked statically, or
// find its libraries there.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "nsexec:", err)
	}
	os.Exit(code)
}

func run(arguments []string) (int, error) {
	// Namespaces belong to a thread: this one enters them, and the child is forked from it.
	runtime.LockOSThread()
	files, local, command, err := parse(arguments)
	if err != nil {
		return 2, err
	}
	child := &exec.Cmd{
		Args: command, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	}
	if local {
		path, err := exec.LookPath(command[0])
		if err != nil {
			return 127, err
		}
		program, err := os.Open(path)
		if err != nil {
			return 127, err
		}
		child.ExtraFiles = []*os.File{program} // the child's descriptor 3
		child.Path = "/proc/self/fd/3"
	}
	if err := enter(files); err != nil {
		return 1, err
	}
	if !local {
		if child.Path, err = exec.LookPath(command[0]); err != nil {
			return 127, err
		}
	}
	return wait(child)
}

func parse(arguments []string) (files []*os.File, local bool, command []string, err error) {
	for len(arguments) > 0 {
		switch option := arguments[0]; option {
		case "--":
			if len(arguments) == 1 {
				return nil, false, nil, errors.New("no program is named")
			}
			return files, local, arguments[1:], nil
		case "-l":
			local = true
			arguments = arguments[1:]
		case "-n", "-p", "-m", "-i":
			if len(arguments) == 1 {
				return nil, false, nil, fmt.Errorf("%s needs the file of a namespace", option)
			}
			file, err := os.Open(arguments[1])
			if err != nil {
				return nil, false, nil, err
			}
			files = append(files, file)
			arguments = arguments[2:]
		default:
			return nil, false, nil, fmt.Errorf("unknown option %s", option)
		}
	}
	return nil, false, nil, errors.New("-- and a program are missing")
}

func enter(files []*os.File) error {
	// A thread that shares its root and working folder with others may not leave its mounts.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	for _, file := range files {
		if err := unix.Setns(int(file.Fd()), 0); err != nil {
			return fmt.Errorf("cannot enter %s: %w", file.Name(), err)
		}
	}
	return nil
}

func wait(child *exec.Cmd) (int, error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if err := child.Start(); err != nil {
		return 127, err
	}
	go func() {
		for received := range signals {
			_ = child.Process.Signal(received)
		}
	}()
	err := child.Wait()
	status, ok := child.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return 1, err
	case status.Signaled():
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}
