package lease

import (
	"slices"
	"sync"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/store"
)

// registry is what this process has open. Its lock is held while stores open
// and close; packets never take it.
var registry = leases{
	open:    make(map[key]*held),
	started: make(map[*load]bool),
}

type leases struct {
	sync.Mutex
	open    map[key]*held
	started map[*load]bool // started up, not yet shut down
}

// A key names something open: a path, symlinks resolved, and how it was opened.
type key struct {
	path   string
	writes bool
}

// A held store is open until the last load lets go of it.
type held struct {
	source store.Source
	store  *store.Store  // nil if opened for reading
	force  store.Options // in force, if opened for writing
	loads  []*load       // who holds it, oldest first
}

// hold returns the open store of k, which it opens for the first load.
func (r *leases) hold(ld *load, k key) (*held, error) {
	h := r.open[k]
	if h == nil {
		var err error
		if h, err = r.openFor(ld, k); err != nil {
			return nil, err
		}
		r.open[k] = h
	}
	if !slices.Contains(h.loads, ld) {
		h.loads = append(h.loads, ld)
	}
	return h, nil
}

func (r *leases) openFor(ld *load, k key) (*held, error) {
	if !k.writes {
		src, err := store.OpenReader(k.path)
		if err != nil {
			return nil, err
		}
		return &held{source: src}, nil
	}
	o := ld.writes[k.path]
	if ld.reload && len(r.started) > 0 {
		o.Keep = 0 // this reload may still fail: delete nothing before settle
	}
	s, err := store.Open(k.path, o)
	if err != nil {
		return nil, err
	}
	return &held{source: s, store: s, force: o}, nil
}

// release lets go of everything that ld holds and closes what nobody else does.
// It can be called again.
func (r *leases) release(ld *load) {
	delete(r.started, ld)
	for _, l := range ld.leases {
		l.held.Store(nil)
	}
	for k, h := range r.open {
		h.loads = slices.DeleteFunc(h.loads, func(other *load) bool { return other == ld })
		if len(h.loads) > 0 {
			h.settle(k.path)
			continue
		}
		delete(r.open, k)
		if err := h.source.Close(); err != nil {
			clog.Errorf("Closing store %s: %v", k.path, err)
		}
	}
}

// settle puts the options of the newest load in force, now that another one is
// gone: the one that it replaced, so that it has succeeded, or one that failed,
// so that the newest is the old one and nothing changes.
func (h *held) settle(path string) {
	if h.store == nil {
		return
	}
	o := h.loads[len(h.loads)-1].writes[path]
	if disagreement(o, h.force) != "" {
		h.store.Reconfigure(o)
		h.force = o
	}
}

// reap shuts down loads that Caddy has dropped without a call: those that
// failed after startup, and those replaced by a reload in which another
// plugin's shutdown failed.
func (r *leases) reap() {
	for ld := range r.started {
		if !ld.listed() {
			r.release(ld)
		}
	}
}
