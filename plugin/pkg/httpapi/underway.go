package httpapi

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// underway are the connections on which an answer is due: from when a request was
// read to when the last of its answer is sent.
type underway struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
	none  chan struct{} // closed when there are none; nil: nobody waits
}

// see is for http.Server.ConnState.
func (u *underway) see(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state == http.StateActive {
		u.conns[c] = true
	} else {
		delete(u.conns, c)
	}
	if len(u.conns) == 0 && u.none != nil {
		close(u.none)
		u.none = nil
	}
}

// wait returns when there are none, or why the context ended before.
func (u *underway) wait(ctx context.Context) error {
	u.mu.Lock()
	none := make(chan struct{})
	if len(u.conns) == 0 {
		close(none)
	} else {
		u.none = none
	}
	u.mu.Unlock()
	select {
	case <-none:
		return nil
	default:
	}
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
