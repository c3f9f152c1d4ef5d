package store

import (
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// errNoRoom is wrapped by the error of a merge that was not begun.
var errNoRoom = errors.New("too little room")

// A PostponedInfo describes a merge that was not begun since the file system
// has too little room for it.
type PostponedInfo struct {
	Runs int
	Need int64 // bytes: as much as the runs have, and what flushes may take meanwhile
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

// checkRoom reports whether a merge of runs finds room for what it writes, at
// most as much as it reads, and leaves enough for the flushes meanwhile. Where
// that cannot be found out it is tried.
func (s *Store) checkRoom(runs []manifest.Run) error {
	info := PostponedInfo{Runs: len(runs), Need: s.flushRoom()}
	for _, r := range runs {
		info.Need += r.Bytes
	}
	var known bool
	if info.Free, known = freeBytes(s.dir); !known || info.Free >= info.Need {
		return nil
	}
	if f := s.opts.Load().Events.Postponed; f != nil {
		f(info)
	}
	return fmt.Errorf("%s: %w for %d runs: %d MiB are free, want %d MiB", s.dir, errNoRoom, info.Runs, info.Free>>20, info.Need>>20)
}
