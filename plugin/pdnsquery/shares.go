package pdnsquery

import (
	"context"
	"sync"
)

// shares are a bound of which one client has half at most, of what runs and of what
// waits: who reads slowly does not keep the others out.
type shares struct {
	whole            *bound
	running, waiting int // of a client

	mu      sync.Mutex
	clients map[string]*share
}

// A share is what one client has.
type share struct {
	*bound
	users int // that run, wait or are about to
}

func newShares(running, waiting int) *shares {
	return &shares{newBound(running, waiting), max(running/2, 1), waiting / 2, sync.Mutex{}, map[string]*share{}}
}

// enter waits for its turn while the context lasts. After an error, which is errBusy,
// there is nothing to leave.
func (s *shares) enter(ctx context.Context, client string) (leave func(), err error) {
	own := s.take(client)
	if err := own.enter(ctx); err != nil {
		s.drop(client)
		return nil, err
	}
	if err := s.whole.enter(ctx); err != nil {
		own.leave()
		s.drop(client)
		return nil, err
	}
	return func() {
		s.whole.leave()
		own.leave()
		s.drop(client)
	}, nil
}

func (s *shares) take(client string) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.clients[client]
	if own == nil {
		own = &share{bound: newBound(s.running, s.waiting)}
		s.clients[client] = own
	}
	own.users++
	return own
}

func (s *shares) drop(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[client].users--; s.clients[client].users == 0 {
		delete(s.clients, client)
	}
}
