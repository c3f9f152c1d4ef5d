package pdnscollect

import (
	"maps"
	"sync"
	"sync/atomic"

	"example.org/pdns/plugin/pkg/store"
)

// recorders are those of one server block, which may stand for several servers.
// From startup to shutdown they have one store.
type recorders struct {
	mu       sync.Mutex
	byServer atomic.Pointer[map[string]*recorder]
}

// get returns the recorder of a server into s; nil if s is.
func (rs *recorders) get(s *store.Store, server string) *recorder {
	if s == nil {
		return nil
	}
	if m := rs.byServer.Load(); m != nil && (*m)[server] != nil {
		return (*m)[server]
	}
	return rs.add(s, server)
}

func (rs *recorders) add(s *store.Store, server string) *recorder {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	next := make(map[string]*recorder)
	if m := rs.byServer.Load(); m != nil {
		maps.Copy(next, *m)
	}
	if next[server] == nil {
		next[server] = newRecorder(s, server)
		rs.byServer.Store(&next)
	}
	return next[server]
}
