//go:build linux && (amd64 || arm64)

// Command child is the program that package crash disturbs: it does below a
// directory what a script says, and stops at its operations on files for whoever
// traces it.
package main

import (
	"fmt"
	"os"

	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a script and a directory")
	}
	if err := tracer.Offer(); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	return script.Run(args[0], args[1])
}
