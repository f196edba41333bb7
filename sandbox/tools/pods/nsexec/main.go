// Command nsexec runs a program in other namespaces. It is C, in nsexec.c, which ends before Go's
// runtime would begin: a process with threads cannot do all that it does.
package main

import "C"

func main() {}
