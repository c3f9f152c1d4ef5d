package store

import (
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// errNoRoom is wrapped by the error of what was not begun.
var errNoRoom = errors.New("too little room")

// A PostponedInfo describes a merge that was not begun since the file system
// has too little room for it.
type PostponedInfo struct {
	Runs int
	Need int64 // bytes: what the runs take when merged, and flushes may meanwhile
	Free int64 // bytes
}

// flushRoom is what is left to flushes while a merge goes on: they come every few
// seconds and write less than they take in memory.
func (s *Store) flushRoom() int64 {
	const least = 1 << 20
	v, err := s.acquire()
	if err != nil {
		return least
	}
	defer v.release()
	n := 0
	for _, t := range v.tables {
		n += t.Bytes()
	}
	return least + 2*int64(n)
}

// mergedBytes is what runs take at most when they are merged: as much as they do, and
// an eighth for the faster compression, and the pages, of what may go on growing.
func mergedBytes(runs []manifest.Run) (n int64) {
	for _, r := range runs {
		n += r.Bytes
	}
	return n + n/8
}

// checkFree returns an error that matches errNoRoom if there is less room in a
// directory than is needed. Where that cannot be found out it is tried.
func checkFree(dir string, need int64) (free int64, err error) {
	free, known := freeBytes(dir)
	if !known || free >= need {
		return free, nil
	}
	return free, fmt.Errorf("%s: %w: %d MiB are free, want %d MiB", dir, errNoRoom, free>>20, need>>20)
}

// checkRoom reports whether a merge of runs finds room for what it writes and leaves
// enough for the flushes meanwhile.
func (s *Store) checkRoom(runs []manifest.Run) error {
	info := PostponedInfo{Runs: len(runs), Need: mergedBytes(runs) + s.flushRoom()}
	var err error
	if info.Free, err = checkFree(s.dir, info.Need); err == nil {
		return nil
	}
	if f := s.opts.Load().Events.Postponed; f != nil {
		f(info)
	}
	return err
}
