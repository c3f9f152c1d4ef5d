package store

import (
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// expired returns the runs that a retention has outlived.
func (s *Store) expired(v *view, keep time.Duration, now time.Time) (old []manifest.Run) {
	if keep <= 0 {
		return nil
	}
	limit := now.Add(-keep).Unix()
	for _, r := range v.listed {
		if r.Last < limit && (v.damage[r.File] == nil || s.newest(r) < limit) {
			old = append(old, r)
		}
	}
	return old
}

// newest is the newest time in a run that does not answer, as far as it tells:
// what it does not answer for may be that it disagrees with the manifest.
func (s *Store) newest(l manifest.Run) int64 {
	r, err := run.Open(filepath.Join(s.dir, l.File))
	if err != nil {
		return l.Last
	}
	defer r.Close()
	return max(l.Last, r.Info().Last)
}

// expire drops the runs that the retention has outlived, damaged ones too.
func (s *Store) expire() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	o := s.opts.Load()
	old := s.expired(v, o.Keep, s.watchClock(o))
	v.release()
	if len(old) == 0 {
		return nil
	}
	gone := map[string]bool{}
	info := ExpiredInfo{Runs: len(old)}
	for _, r := range old {
		gone[r.File] = true
		info.Records += r.Records
		if last := unixTime(r.Last); last.After(info.Until) {
			info.Until = last
		}
	}
	if err := s.commit(change{gone: gone}); err != nil {
		return err
	}
	if f := o.Events.Expired; f != nil {
		f(info)
	}
	return nil
}
