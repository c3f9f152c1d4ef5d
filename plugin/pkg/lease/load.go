package lease

import (
	"github.com/coredns/caddy"

	"example.org/pdns/plugin/pkg/store"
)

// A load is one loading of a Corefile: what its directives declare together.
type load struct {
	writes map[string]store.Options // by path
	leases []*Lease
	beside []beside
	zones  []string // that its readers answer in
	reload bool     // it replaces a running Corefile
}

// beside is what lives as long as the load, and never longer than its stores.
type beside struct {
	start func() error
	stop  func()
}

type loadKey struct{}

// loadOf returns the load that c belongs to.
func loadOf(c *caddy.Controller) *load {
	if ld, ok := c.Get(loadKey{}).(*load); ok {
		return ld
	}
	ld := &load{writes: make(map[string]store.Options), reload: true}
	c.Set(loadKey{}, ld)
	c.OnFirstStartup(func() error { ld.reload = false; return nil })
	c.OnStartup(ld.startup)
	c.OnShutdown(ld.shutdown)
	c.OnFinalShutdown(ld.finalShutdown)
	c.OnRestartFailed(restartFailed)
	return ld
}

func (ld *load) lease(path string, writes bool) *Lease {
	l := &Lease{load: ld, path: path, writes: writes}
	ld.leases = append(ld.leases, l)
	return l
}

// key is what a lease holds in the registry. A reader shares the writer that
// its own Corefile declares.
func (ld *load) key(l *Lease) key {
	if _, writes := ld.writes[l.path]; writes {
		return key{path: l.path, writes: true}
	}
	return key{path: l.path, version: registry.version(l.path)}
}

// startup opens what was declared and starts what stands beside it, all of it or
// nothing.
func (ld *load) startup() error {
	registry.reap()
	for _, l := range ld.leases {
		h, err := registry.hold(ld, ld.key(l))
		if err != nil {
			registry.release(ld)
			return l.by.blame(err)
		}
		l.held.Store(h)
	}
	for _, b := range ld.beside {
		if err := b.start(); err != nil {
			registry.release(ld)
			return err
		}
	}
	registry.start(ld)
	return nil
}

// shutdown runs on reload and at exit. On reload Caddy has stopped the servers by
// then and dropped them. At exit they still answer, for as long as the lameduck
// time of the health plugin, which passes in its final shutdown: what is answered
// then is recorded, and finalShutdown lets go. It never fails: Caddy would keep
// the Corefile that it has already stopped.
func (ld *load) shutdown() error {
	if !ld.listed() {
		registry.release(ld)
	}
	return nil
}

// finalShutdown runs at exit, after that of the directives that come before ours.
func (ld *load) finalShutdown() error {
	registry.release(ld)
	return nil
}

func restartFailed() error {
	registry.reap()
	return nil
}

// listed reports whether ld belongs to an instance that Caddy knows.
func (ld *load) listed() bool {
	for _, i := range caddy.Instances() {
		i.StorageMu.RLock()
		v := i.Storage[loadKey{}]
		i.StorageMu.RUnlock()
		if v == ld {
			return true
		}
	}
	return false
}
