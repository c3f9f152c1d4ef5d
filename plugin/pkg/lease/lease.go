// Package lease shares one store a directory a process among the server blocks
// of a Corefile, and keeps it open through reloads.
package lease

import (
	"github.com/coredns/caddy"

	"example.org/pdns/plugin/pkg/store"
)

// Writer declares, in a directive's setup, that the Corefile being loaded
// records into dir with these options. Nothing is opened before startup, and
// what was declared by a load that fails has no effect. Two blocks that name
// one directory must agree on its options.
func Writer(c *caddy.Controller, dir string, o store.Options) (*Lease, error) { return nil, nil }

// Reader declares that the Corefile being loaded asks the store in path, a
// directory or a snapshot file. It is answered by the writer of the same
// directory in this process, where the same Corefile declares one.
func Reader(c *caddy.Controller, path string) (*Lease, error) { return nil, nil }

// A Lease is a directive's hold on a store.
type Lease struct{}

// Store is the store to record into; nil before startup, after shutdown, and
// for a lease that only reads. Recording is then a silent no-op for the caller.
func (l *Lease) Store() *store.Store { return nil }

// Source is what to ask; nil before startup and after shutdown.
func (l *Lease) Source() store.Source { return nil }
