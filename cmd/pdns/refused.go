package main

import (
	"errors"
	"io/fs"
)

// What to do where a store is not open to the user who asks, other than to
// become its owner.
const (
	insteadOfReading = "ask a snapshot that its owner made: pdns export --snapshot"
	insteadOfWriting = "name another store with --store"
)

// refused adds to an error of permission what to do.
func (p *program) refused(err error, instead string) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return withHint(err, p.whose(err)+", or "+instead)
}

// whose says to whom belongs what could not be opened, as far as that can be
// seen.
func (p *program) whose(err error) string {
	paths := []string{p.store}
	var at *fs.PathError
	if errors.As(err, &at) {
		paths = []string{at.Path, p.store}
	}
	for _, path := range paths {
		if name, err := ownerName(path); err == nil {
			return path + " belongs to " + name + ": run pdns as that user"
		}
	}
	return "run pdns as the user to whom it belongs"
}
