package listen

import (
	"runtime"
	"slices"
	"sync"

	"example.org/pdns/plugin/pkg/intake"
)

// A Pool is the listeners of a process, which share their workers: as many as
// there are cores, while any listener is open. The zero value is ready. Its
// methods are safe for concurrent use.
type Pool struct {
	turn    sync.Mutex // held while listeners open and close
	workers *intake.Workers

	mu     sync.Mutex // guards places; held for moments, after turn
	places []*place
}

// A place is a listener and those who hold it.
type place struct {
	*Listener
	holds []hold // oldest first
}

type hold struct {
	holder any
	conf   *Config
}

// Hold opens the listener at an address, or shares the one that is open there,
// for a holder. A listener that is shared goes on as configured until one of its
// holders lets go; the configuration of the newest is then put in force. After an
// error the holder must let go, too.
func (p *Pool) Hold(holder any, a Address, conf Config) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	h := hold{holder, conf.withDefaults()}
	if i := slices.IndexFunc(p.places, func(pl *place) bool { return pl.Address == a }); i >= 0 {
		p.places[i].holds = append(p.places[i].holds, h)
		return p.places[i].renew(h.conf.Mode)
	}
	if p.workers == nil {
		p.workers = intake.Start(runtime.GOMAXPROCS(0), work)
	}
	l, err := open(a, h.conf, p.workers)
	if err != nil {
		p.rest()
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places = append(p.places, &place{Listener: l, holds: []hold{h}})
	return nil
}

// Release lets go of everything that a holder holds. It returns when nothing
// more is given to its receivers: listeners that nobody else holds are closed,
// those that are left have another configuration. It can be called again.
func (p *Pool) Release(holder any) {
	p.turn.Lock()
	defer p.turn.Unlock()
	var changing sync.WaitGroup
	for _, pl := range slices.Clone(p.places) {
		if !pl.leave(holder) {
			continue
		}
		if len(pl.holds) == 0 {
			p.remove(pl)
			changing.Go(pl.close)
		} else if next := pl.holds[len(pl.holds)-1].conf; next != pl.inForce() {
			changing.Go(func() { pl.configure(next) })
		}
	}
	changing.Wait()
	p.rest()
}

// leave reports whether the holder held the place.
func (pl *place) leave(holder any) bool {
	n := len(pl.holds)
	pl.holds = slices.DeleteFunc(pl.holds, func(h hold) bool { return h.holder == holder })
	return len(pl.holds) < n
}

func (p *Pool) remove(pl *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places = slices.DeleteFunc(p.places, func(other *place) bool { return other == pl })
}

// rest ends the workers if there is no listener.
func (p *Pool) rest() {
	if len(p.places) == 0 && p.workers != nil {
		p.workers.Close()
		p.workers = nil
	}
}

// Listeners are those that are open. It does not wait for those that open or
// close.
func (p *Pool) Listeners() []*Listener {
	p.mu.Lock()
	defer p.mu.Unlock()
	listeners := make([]*Listener, len(p.places))
	for i, pl := range p.places {
		listeners[i] = pl.Listener
	}
	return listeners
}
