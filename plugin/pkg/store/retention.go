package store

// expire drops the runs that the retention has outlived, damaged ones too.
func (s *Store) expire() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	o := s.opts.Load()
	old := expired(v.listed, o.Keep, o.Now())
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
	return s.renewEarliest()
}

// renewEarliest finds out how far the history still goes back.
func (s *Store) renewEarliest() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	var earliest int64
	note := func(first int64) {
		first = sinceFirst(first)
		if earliest == 0 || first < earliest {
			earliest = first
		}
	}
	for _, t := range v.tables {
		for ref := range t.Scan {
			note(ref.Figures().First)
		}
	}
	for _, r := range v.listed {
		note(r.First)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.earliest.Store(earliest)
	return s.saveManifest(s.manifest.Runs)
}
