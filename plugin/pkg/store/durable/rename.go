// Package durable makes a written file appear under its name for good.
package durable

import (
	"os"
	"path/filepath"
)

// Rename syncs the file at temp, renames it to path and syncs the directory:
// after it returns nil, path holds the whole file even if the power fails.
func Rename(temp, path string) error {
	if err := sync(temp, os.O_RDWR); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes what was renamed and removed in a directory durable.
func SyncDir(dir string) error { return sync(dir, os.O_RDONLY) }

func sync(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
