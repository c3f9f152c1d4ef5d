package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"example.org/pdns/plugin/pkg/store/durable"
)

const lockFile = "LOCK"

// lockDir locks a directory for the one that writes to it.
func lockDir(dir string) (*flock.Flock, error) {
	path := filepath.Join(dir, lockFile)
	switch f, err := durable.CreateNew(path); {
	case err == nil:
		f.Close()
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("store: %w", err)
	}
	// Made above, so not here: whoever owns the directory may have put a link
	// there that leads to where root would make a file. Reading is enough, and goes
	// on a disk that is mounted read-only.
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY|durable.NoFollow))
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("store: %w", err)
	case !ok:
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	}
	if err := probe(dir); err != nil {
		lock.Unlock()
		return nil, err
	}
	return lock, nil
}
