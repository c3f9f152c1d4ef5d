// Package keys says who may ask over HTTP, and how much: a file of keys, each with
// a name, the hash of a secret, an expiry, a quota and a rate.
package keys

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Errors of Spend and Valid.
var (
	ErrExpired = errors.New("the key has expired")
	ErrRevoked = errors.New("the key was revoked")
	ErrQuota   = errors.New("the quota of the key is used up")
	ErrRate    = errors.New("the key asks faster than it may")
)

// Terms are what a key may. Zero is no bound.
type Terms struct {
	Expires time.Time
	Quota   uint64        // requests in a window of
	Window  time.Duration // which begins with the Unix epoch: a day's begin at midnight, UTC
	Rate    float64       // requests a second, of which
	Burst   int           // so many may come at once
	Limit   int           // most results of a request
	Offset  int           // most results that a request may skip
}

// A Grant is a key in use. It is safe for concurrent use.
type Grant struct {
	Name string
	Terms

	limiter *rate.Limiter // nil: no bound
	revoked atomic.Bool

	mu     sync.Mutex
	window int64 // number of the window that used counts in
	used   uint64
}

// NewGrant puts a key into use.
func NewGrant(name string, t Terms) *Grant {
	g := &Grant{Name: name, Terms: t}
	if t.Rate > 0 {
		g.limiter = rate.NewLimiter(rate.Limit(t.Rate), max(t.Burst, 1))
	}
	return g
}

// Revoke ends the use of a key, in the middle of an answer too.
func (g *Grant) Revoke() { g.revoked.Store(true) }

// Valid is nil while the key may be used: else ErrExpired or ErrRevoked.
func (g *Grant) Valid(now time.Time) error {
	switch {
	case g.revoked.Load():
		return ErrRevoked
	case !g.Expires.IsZero() && !now.Before(g.Expires):
		return ErrExpired
	}
	return nil
}

// Spend takes one request from rate and quota: nil, ErrExpired, ErrRevoked,
// ErrRate or ErrQuota.
func (g *Grant) Spend(now time.Time) error {
	if err := g.Valid(now); err != nil {
		return err
	}
	if g.limiter != nil && !g.limiter.AllowN(now, 1) {
		return ErrRate
	}
	if g.Quota == 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.enterWindow(now)
	if g.used >= g.Quota {
		return ErrQuota
	}
	g.used++
	return nil
}

// A Standing is what is left of a quota.
type Standing struct {
	Limit, Remaining uint64
	Reset            time.Time // when it is whole again
}

// Standing is what is left of the quota; false if there is none.
func (g *Grant) Standing(now time.Time) (Standing, bool) {
	if g.Quota == 0 {
		return Standing{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.enterWindow(now)
	reset := time.Unix(0, 0).Add(time.Duration(g.window+1) * g.Window)
	return Standing{Limit: g.Quota, Remaining: g.Quota - min(g.used, g.Quota), Reset: reset}, true
}

// enterWindow begins to count anew where a window has ended. A clock set back
// does not.
func (g *Grant) enterWindow(now time.Time) {
	if w := now.Unix() / max(int64(g.Window/time.Second), 1); w > g.window {
		g.window, g.used = w, 0
	}
}
