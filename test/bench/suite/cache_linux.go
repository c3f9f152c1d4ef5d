package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropFile takes a file out of the page cache as far as nobody has it mapped.
func dropFile(f *os.File) error {
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}
