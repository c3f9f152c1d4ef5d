package lease

import (
	"slices"
	"sync"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/store"
)

// registry is what this process has open. Its lock is held for moments only, not
// while a store opens or closes: disks can be slow, and stuck.
var registry = leases{
	places:  make(map[key]*place),
	files:   make(map[string]file),
	started: make(map[*load]bool),
}

type leases struct {
	sync.Mutex
	places  map[key]*place // every one that is wanted, or was for writing
	files   map[string]file
	started map[*load]bool // started up, not yet shut down
}

// A key names what can be open: a path, symlinks resolved, and whether for
// writing; if not, which version of what is there.
type key struct {
	path    string
	writes  bool
	version int
}

// A place is where at most one store is open, until the last load lets go of it.
type place struct {
	key
	turn  sync.Mutex    // held while the store opens or closes; taken before the registry's lock
	loads []*load       // who holds it, or waits for its turn to, oldest first
	held  *held         // nil if not open; changes under both locks
	force store.Options // in force, if open for writing
}

// A held store is one that is open.
type held struct {
	source store.Source
	store  *store.Store // nil if opened for reading
}

// hold returns the store of k, which it opens unless another load has.
func (r *leases) hold(ld *load, k key) (*held, error) {
	p := r.join(ld, k)
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.held != nil {
		return p.held, nil
	}
	o := r.optionsFor(ld, k)
	h, err := open(k, o)
	if err != nil {
		return nil, err
	}
	r.Lock()
	defer r.Unlock()
	p.held, p.force = h, o
	return h, nil
}

// join says that ld wants k, so that it is not closed any more.
func (r *leases) join(ld *load, k key) *place {
	r.Lock()
	defer r.Unlock()
	p := r.places[k]
	if p == nil {
		p = &place{key: k}
		r.places[k] = p
	}
	if !slices.Contains(p.loads, ld) {
		p.loads = append(p.loads, ld)
	}
	return p
}

func (r *leases) optionsFor(ld *load, k key) store.Options {
	r.Lock()
	defer r.Unlock()
	o := ld.writes[k.path]
	if ld.reload && len(r.started) > 0 {
		o.Keep = 0 // this reload may still fail: delete nothing before settle
	}
	return o
}

func open(k key, o store.Options) (*held, error) {
	if !k.writes {
		src, err := store.OpenReader(k.path)
		if err != nil {
			return nil, err
		}
		return &held{source: src}, nil
	}
	s, err := store.Open(k.path, o)
	if err != nil {
		return nil, err
	}
	return &held{source: s, store: s}, nil
}

// release stops what stands beside the stores of ld, lets go of everything that ld
// holds, and returns when what nobody else holds is closed. It can be called again.
func (r *leases) release(ld *load) {
	for _, b := range ld.beside {
		b.stop()
	}
	var closing sync.WaitGroup
	for _, p := range r.leave(ld) {
		closing.Go(func() { r.close(p) })
	}
	closing.Wait()
}

// leave takes ld from its places, and returns those that nobody wants then.
func (r *leases) leave(ld *load) []*place {
	r.Lock()
	defer r.Unlock()
	delete(r.started, ld)
	for _, l := range ld.leases {
		l.held.Store(nil)
	}
	var unwanted []*place
	for _, p := range r.places {
		if i := slices.Index(p.loads, ld); i >= 0 {
			p.loads = slices.Delete(p.loads, i, i+1)
			if len(p.loads) == 0 {
				unwanted = append(unwanted, p)
			}
		}
		p.settle()
	}
	return unwanted
}

// settle puts the options of the newest load in force, now that another one is
// gone: the one that it replaced, so that it has succeeded, or one that failed,
// so that the newest is the old one and nothing changes.
func (p *place) settle() {
	if p.held == nil || p.held.store == nil || len(p.loads) == 0 {
		return
	}
	o := p.loads[len(p.loads)-1].writes[p.path]
	if disagreement(o, p.force) != "" {
		p.held.store.Reconfigure(o)
		p.force = o
	}
}

// close closes what is open in p, unless somebody wants it by now. Who comes
// later waits, and opens it again.
func (r *leases) close(p *place) {
	p.turn.Lock()
	defer p.turn.Unlock()
	r.Lock()
	h := p.held
	if len(p.loads) > 0 {
		r.Unlock()
		return
	}
	p.held = nil
	if !p.writes && r.places[p.key] == p { // of a file that is replaced again and again, little is left
		delete(r.places, p.key)
	}
	r.Unlock()
	if h == nil {
		return
	}
	if err := h.source.Close(); err != nil {
		clog.Errorf("Closing store %s: %v", p.path, err)
	}
}

// reap shuts down loads that Caddy has dropped without a call: those that
// failed after startup, and those replaced by a reload in which another
// plugin's shutdown failed. Only Caddy's callbacks may call it: Caddy lists its
// instances to nobody else without a race.
func (r *leases) reap() {
	for _, ld := range r.unlisted() {
		r.release(ld)
	}
}

func (r *leases) unlisted() []*load {
	r.Lock()
	defer r.Unlock()
	var dropped []*load
	for ld := range r.started {
		if !ld.listed() {
			dropped = append(dropped, ld)
		}
	}
	return dropped
}

// start notes that all of ld is open.
func (r *leases) start(ld *load) {
	r.Lock()
	defer r.Unlock()
	r.started[ld] = true
}
