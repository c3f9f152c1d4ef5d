// Package lease shares one store a directory a process among the server blocks
// of a Corefile, and keeps it open through reloads.
//
// A directive's setup declares what it wants with Writer or Reader. Stores are
// opened when the Corefile starts up and closed when the last one that holds
// them has shut down; one that is slow at that holds up only who wants the same
// one. CoreDNS starts a new Corefile before it shuts the old one down, so a store
// that both name stays open in between: nothing that is still in memory is lost,
// and the directory's lock is never given up.
//
// A Corefile that fails to load changes nothing. Caddy does not say when a load
// has succeeded, except by shutting down the one before it: only then do new
// options take effect.
package lease

import (
	"fmt"
	"sync/atomic"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/plugin"

	"example.org/pdns/plugin/pkg/store"
)

// Writer declares, in a directive's setup, that the Corefile being loaded
// records into dir with these options. Nothing is opened before startup, and
// what was declared by a load that fails has no effect. Two blocks that name
// one directory must agree on its options; Now and Events are those of the first.
func Writer(c *caddy.Controller, dir string, o store.Options) (*Lease, error) {
	path, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	ld := loadOf(c)
	if other, ok := ld.writes[path]; ok {
		if name := disagreement(o, other); name != "" {
			return nil, fmt.Errorf("%s of %s differs from that in another server block", name, dir)
		}
	} else {
		ld.writes[path] = o
	}
	return ld.lease(path, true), nil
}

// Reader declares that the Corefile being loaded asks the store in path, a
// directory or a snapshot file, and answers about it below zones. It is answered
// by the writer of the same directory in this process, where the same Corefile
// declares one.
func Reader(c *caddy.Controller, path string, zones ...string) (*Lease, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	ld := loadOf(c)
	ld.zones = append(ld.zones, zones...)
	return ld.lease(path, false), nil
}

// A Lease is a directive's hold on a store. Its methods are safe for concurrent
// use and cheap enough for every packet.
type Lease struct {
	load   *load
	path   string
	writes bool
	by     directive
	held   atomic.Pointer[held]
}

// A directive is where a lease was declared.
type directive struct {
	plugin, file string
	line         int
}

// DeclaredBy says, in setup, which plugin's directive names the path, and where:
// errors of opening it begin so.
func (l *Lease) DeclaredBy(plugin, file string, line int) { l.by = directive{plugin, file, line} }

// blame says whose directive an error of opening is about.
func (d directive) blame(err error) error {
	if d.plugin == "" {
		return err
	}
	return plugin.Error(d.plugin, fmt.Errorf("%s:%d - %w", d.file, d.line, err))
}

// Path is the directory or file, absolute and without symlinks.
func (l *Lease) Path() string { return l.path }

// Beside makes something that records into the store or asks it by itself, such as
// a listener, part of the life of l's Corefile. start is called at startup, once
// what is declared is open; its error fails the load. stop is called before any
// of that is let go of: when the Corefile has shut down, and also when it has
// failed to load, be it before or after start. It must not fail, and may be called
// again.
func (l *Lease) Beside(start func() error, stop func()) {
	l.load.beside = append(l.load.beside, beside{start, stop})
}

// QueryZones are the zones that the readers of the same Corefile answer below,
// whatever they ask. They are complete at startup.
func (l *Lease) QueryZones() []string { return l.load.zones }

// Store is the store to record into; nil before startup, after shutdown, and
// for a lease that only reads. Recording is then a silent no-op for the caller.
func (l *Lease) Store() *store.Store {
	if !l.writes {
		return nil
	}
	if h := l.held.Load(); h != nil {
		return h.store
	}
	return nil
}

// Source is what to ask; nil before startup and after shutdown.
func (l *Lease) Source() store.Source {
	if h := l.held.Load(); h != nil {
		return h.source
	}
	return nil
}

// Stores are the stores open for writing in this process, by directory. It does
// not wait for those that open or close.
func Stores() map[string]*store.Store {
	registry.Lock()
	defer registry.Unlock()
	stores := make(map[string]*store.Store)
	for k, p := range registry.places {
		if p.held != nil && p.held.store != nil {
			stores[k.path] = p.held.store
		}
	}
	return stores
}
