package store

import (
	"os"
	"sync/atomic"

	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/run"
)

// A view is what a search goes by: the tables and runs of one moment. It never
// changes; whoever changes the store makes another.
type view struct {
	tables []*memtable.Table
	runs   []*openRun
	damage map[string]error // runs that do not open, by file: every answer lacks them
	refs   atomic.Int32
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
func newView(tables []*memtable.Table, runs []*openRun, damage map[string]error) *view {
	v := &view{tables: tables, runs: runs, damage: damage}
	v.refs.Store(1)
	for _, r := range runs {
		r.refs.Add(1)
	}
	return v
}

// release gives up one hold; the last one closes what no other view holds.
func (v *view) release() {
	if v.refs.Add(-1) > 0 {
		return
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
