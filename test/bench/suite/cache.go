package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// dropCache drops the store's files out of the page cache: with everything else
// where root may, else by asking for it file by file.
func (q *inquiry) dropCache() error {
	if q.drop == "system" && os.WriteFile("/proc/sys/vm/drop_caches", []byte("3\n"), 0) == nil {
		return nil
	}
	return filepath.WalkDir(q.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if err = errors.Join(dropFile(f), f.Close()); err != nil {
			return fmt.Errorf("%s: page cache: %w", path, err)
		}
		return nil
	})
}
