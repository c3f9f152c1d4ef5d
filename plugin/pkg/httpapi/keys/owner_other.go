//go:build !unix

package keys

import (
	"io/fs"
	"os"
)

// likewise is nothing where files have no owner and mode.
func likewise(*os.File, fs.FileInfo) error { return nil }

// lockDir does nothing: directories cannot be locked here.
func lockDir(string) (unlock func(), err error) { return func() {}, nil }
