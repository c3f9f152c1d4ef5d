package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"example.org/pdns/plugin/pkg/store/durable"
)

// probeFile is made, replaced and removed to see whether that can be done.
const probeFile = "PROBE"

// probe reports what a store relies on and the file system of a directory, which
// is locked, does not keep: that a lock keeps others out, and that a file is
// replaced by renaming another. Some that are shared over a network do not, and
// the store would be lost one day.
func probe(dir string) error {
	second := flock.New(filepath.Join(dir, lockFile), flock.SetFlag(os.O_RDONLY|durable.NoFollow))
	if ok, _ := second.TryLock(); ok {
		second.Unlock()
		return fmt.Errorf("store: %s: its file system locks for nobody: %s was locked (flock) twice at once; want one that does, such as a local one", dir, lockFile)
	}
	if err := probeRename(filepath.Join(dir, probeFile)); err != nil {
		return fmt.Errorf("store: %s: its file system does not replace a file by renaming another: %w; want one that does, such as a local one", dir, err)
	}
	return nil
}

// probeRename replaces one file by another. Where files cannot be made, on a disk
// that is full or read-only, there is nothing to say.
func probeRename(path string) error {
	temp := path + ".tmp"
	defer os.Remove(path)
	defer os.Remove(temp)
	for _, p := range []string{path, temp} {
		f, err := durable.Create(p)
		if err != nil {
			return nil
		}
		_, err = f.WriteString(p)
		if errors.Join(err, f.Close()) != nil {
			return nil
		}
	}
	if err := os.Rename(temp, path); err != nil {
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) {
			return nil
		}
		return err
	}
	b, err := os.ReadFile(path)
	if err == nil && string(b) != temp {
		err = fmt.Errorf("%s holds what it held before", path)
	}
	return err
}
