package store

import (
	"os"
	"sync/atomic"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/run"
)

// A state is what a store consists of at one moment.
type state struct {
	tables []*memtable.Table
	listed []manifest.Run // as the manifest has them
	runs   []*openRun
	damage map[string]error // listed runs that do not open, by file: every answer lacks them
}

// A view is a state that searches go by. It never changes; whoever changes the
// store makes another.
type view struct {
	state
	refs atomic.Int32
}

// An openRun is a run that is closed when the last view that holds it is gone.
type openRun struct {
	*run.Run
	file string
	refs atomic.Int32
	// obsolete: the run was merged or outlived, and no manifest lists it; its
	// file goes when it closes.
	obsolete atomic.Bool
}

// newView returns a view held once.
func newView(st state) *view {
	v := &view{state: st}
	v.refs.Store(1)
	for _, t := range v.tables {
		t.Hold()
	}
	for _, r := range v.runs {
		r.refs.Add(1)
	}
	return v
}

// release gives up one hold; the last one frees and closes what no other view
// holds.
func (v *view) release() {
	if v.refs.Add(-1) > 0 {
		return
	}
	for _, t := range v.tables {
		t.Release()
	}
	for _, r := range v.runs {
		r.release()
	}
}

func (r *openRun) release() {
	if r.refs.Add(-1) > 0 {
		return
	}
	r.Close()
	if r.obsolete.Load() {
		os.Remove(r.Path())
	}
}
