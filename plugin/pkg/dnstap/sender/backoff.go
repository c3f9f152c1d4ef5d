package sender

import (
	"context"
	"math/rand/v2"
	"time"
)

// Bounds of how long to wait before the next try.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 30 * time.Second
)

// A backoff waits longer each time.
type backoff struct{ next time.Duration }

func (b *backoff) reset() { b.next = 0 }

// sleep waits, or returns at once if the sender is being closed: then there is
// one try more. It reports false if there is none.
func (b *backoff) sleep(ctx context.Context, closing <-chan struct{}) bool {
	select {
	case <-closing:
		return false
	default:
	}
	b.next = min(max(2*b.next, firstWait), lastWait)
	select {
	case <-ctx.Done():
		return false
	case <-closing:
	case <-time.After(b.next/2 + rand.N(b.next/2)): // not all sensors at once
	}
	return true
}
