package store

import (
	"cmp"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// Coverage says what a history can know.
type Coverage struct {
	Since    time.Time         `json:"since"`          // when recording began; zero: nothing was recorded
	Until    time.Time         `json:"until"`          // up to when what was recorded can be found
	Recorded uint64            `json:"recorded"`       // observations taken in
	Dropped  map[string]uint64 `json:"dropped"`        // observations left out, by reason
	Reduced  manifest.Reduced  `json:"reduced"`        // observations of which less was recorded than was seen
	Zone     string            `json:"zone,omitempty"` // only this name and below, in a snapshot of a part
}

// Stats describes a source.
type Stats struct {
	Runs     []RunInfo
	Memtable MemtableInfo // zero for readers and snapshots
	// Conditions are what the store as a whole is in; none if all is well.
	Conditions []Condition
}

// A MemtableInfo describes what has not been flushed yet.
type MemtableInfo struct {
	Records int
	Bytes   int
	Limit   int // bytes
}

// A RunInfo describes one run.
type RunInfo struct {
	File    string
	Window  string    // as "2019-08-01T10 hour"; empty if no window holds it whole
	First   time.Time // oldest and newest time of any record
	Last    time.Time
	Records uint64
	Bytes   int64
	// Bytes of each index, as stored.
	Rrset, Rdata, Leading int64
	Damage                string // empty, or why the run does not answer, or only slowly
}

// Coverage says what the store can know; see Source.
func (s *Store) Coverage() (Coverage, error) {
	v, err := s.acquire()
	if err != nil {
		return Coverage{}, err
	}
	defer v.release()
	return Coverage{
		Since: unixTime(v.since()), Until: unixTime(s.until()),
		Recorded: s.recorded.Load(), Dropped: s.dropCounts(), Reduced: s.reduced(),
	}, nil
}

// Stats describes the runs and the memtable; see Source.
func (s *Store) Stats() (Stats, error) {
	v, err := s.acquire()
	if err != nil {
		return Stats{}, err
	}
	defer v.release()
	s.doubting.Lock()
	st := Stats{Runs: describe(v, s.unfit)}
	s.doubting.Unlock()
	st.Conditions = s.conditions()
	st.Memtable.Limit = s.opts.Load().Memory
	for _, t := range v.tables {
		st.Memtable.Records += t.Len()
		st.Memtable.Bytes += t.Bytes()
	}
	return st, nil
}

// since is how far the history of a view goes back; 0 if it is empty.
func (v *view) since() int64 {
	since := oldest(v.listed)
	for _, t := range v.tables {
		if first, ok := t.First(); ok && (since == 0 || first < since) {
			since = sinceFirst(first)
		}
	}
	return since
}

func coverageOf(m *manifest.Manifest) Coverage {
	return Coverage{Since: unixTime(m.Since), Until: unixTime(m.Until), Recorded: m.Recorded, Dropped: m.Dropped, Reduced: m.Reduced}
}

// describe tells of each run listed what is known of it.
func describe(v *view, unfit map[string]error) []RunInfo {
	opened := map[string]*openRun{}
	for _, r := range v.runs {
		opened[r.file] = r
	}
	infos := make([]RunInfo, 0, len(v.listed))
	for _, l := range v.listed {
		info := describeRun(l)
		if r := opened[l.File]; r != nil {
			info.addIndexes(r.Info())
			if err := r.Impaired(); err != nil {
				info.Damage = err.Error()
			}
		}
		if err := cmp.Or(v.damage[l.File], unfit[l.File]); err != nil {
			info.Damage = err.Error()
		}
		infos = append(infos, info)
	}
	return infos
}

func describeRun(l manifest.Run) RunInfo {
	info := RunInfo{File: l.File, First: unixTime(l.First), Last: unixTime(l.Last), Records: l.Records, Bytes: l.Bytes}
	if start, _, unit := windowOf(&l, windows); unit < len(windows) {
		info.Window = start.Format(windows[unit].layout()) + " " + string(windows[unit])
	}
	return info
}

func (info *RunInfo) addIndexes(i run.Info) {
	info.Rrset, info.Rdata, info.Leading = i.RrsetBytes, i.RdataBytes, i.LeadingBytes
}

// sinceFirst is since when a history with a record goes back: 0 is for one without
// any, so that one of 1970 begins a second later.
func sinceFirst(first int64) int64 { return max(first, 1) }

func unixTime(sec int64) time.Time {
	if sec == 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}
