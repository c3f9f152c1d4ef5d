package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create makes an empty file at path, in place of what is there, to write and
// read. A link that is there goes, what it leads to stays as it is: whoever owns
// the directory could have put one in the way of root. What root makes so in the
// directory of somebody else is theirs: a store stays with whom it belongs to,
// whoever works in it.
func Create(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return CreateNew(path)
}

// CreateNew is Create where nothing is at path, not even a link that leads
// nowhere: else the error matches fs.ErrExist.
func CreateNew(path string) (*os.File, error) {
	// Held open, so that the directory whose owner counts is the one that the
	// file is in, whatever happens to its name.
	dir, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(filepath.Base(path), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: errors.Unwrap(err)}
	}
	if in, err := dir.Stat("."); err == nil {
		give(f, in)
	}
	return f, nil
}

// MkdirIn makes a directory in another, if nothing is there; it belongs to whom
// that one does. A link in its place is an error.
func MkdirIn(dir *os.Root, name string) error {
	if st, err := dir.Lstat(name); err == nil {
		if !st.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: filepath.Join(dir.Name(), name), Err: fs.ErrExist}
		}
		return nil
	}
	if err := dir.Mkdir(name, 0o700); err != nil {
		return err
	}
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if in, err := dir.Stat("."); err == nil {
		give(f, in)
	}
	return nil
}

// Reopen opens, to write and read, the file at path that was made there: another
// that took its place is an error.
func Reopen(path string, made fs.FileInfo) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|NoFollow, 0)
	if err != nil {
		return nil, err
	}
	if now, err := f.Stat(); err != nil || !os.SameFile(made, now) {
		f.Close()
		return nil, fmt.Errorf("%s: another file took its place, want the one that was made", path)
	}
	return f, nil
}
