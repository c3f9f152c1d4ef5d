// Package durable makes a written file appear under its name for good.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrUnsynced is wrapped by an error of Rename after which the file has its new
// name, but may lose it if the power fails.
var ErrUnsynced = errors.New("renamed, but the directory was not synced")

// Rename syncs the file at temp, renames it to path and syncs the directory:
// after it returns nil, path holds the whole file even if the power fails. After
// an error that does not match ErrUnsynced what was at path is still there.
func Rename(temp, path string) error {
	if err := sync(temp, os.O_RDWR|NoFollow); err != nil {
		return err
	}
	// Opened first, so that a lack of descriptors is found while nothing has
	// happened yet.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsynced, err)
	}
	return nil
}

// SyncDir makes what was created in a directory durable.
func SyncDir(dir string) error { return sync(dir, os.O_RDONLY) }

func sync(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
