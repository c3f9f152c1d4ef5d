// Package keys says who may ask over HTTP, and how much: a file of keys, each with
// a name, the hash of a secret, an expiry, a quota and a rate.
//
// A file has a key a line, beside empty lines and comments, which begin with #:
//
//	NAME HASH [expires=2027-01-01] [quota=1000/day] [rate=10/s] [burst=20] [limit=100000] [offset=1000000]
//
// NAME is of a to z, 0 to 9, _ and -. HASH is that of the secret, by argon2id in the
// form of PHC or by bcrypt. A key expires as the day begins in UTC, or at a time of
// RFC 3339; a quota is for each hour, day or month of 30 days. What a client
// presents is NAME.SECRET or NAME:SECRET.
//
// What of a quota is used up is known to the program alone, which forgets it when it
// ends. It counts for all that read the same file, at the same time or one after the
// other, as the servers of a Corefile that is reloaded do. A rate counts for each.
//
// # Guessing
//
// A secret takes long to check, once: then it is remembered until the key changes or
// the file is opened anew, as by a reload. Checks run one after the other for a name,
// three of which may run and wait, and the turns go round by name; all names that
// there are not count as one. After ten wrong secrets of a name there are at most four
// a second. So who guesses does not keep others from being checked, with these
// exceptions:
//
//   - Who holds the key of a name that is guessed at, and was not checked since the
//     file was opened, has to get in between the guesses: he may be told to ask again.
//   - Who knows many names and guesses at all of them makes every check wait for one of
//     each.
//   - Who tries many secrets at once can tell names that there are, which are not meant
//     to be secret, from others.
package keys

import (
	"errors"
	"math"
	"sync"
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
	Burst   int           // so many may come at once; 0: as many as in a second
	Limit   int           // most results of a request
	Offset  int           // most results that a request may skip
}

// A Grant is a key in use, by terms that do not change. It is safe for concurrent
// use.
type Grant struct {
	Name string
	Terms
	use *use
}

// A use is what the grants of a key share, whose terms may differ: those of an
// answer that began before a change, and those since.
type use struct {
	mu      sync.Mutex
	revoked bool
	expires time.Time     // by the newest terms
	limiter *rate.Limiter // nil: no bound
	spent   *spent
}

// spent is what was used up of a quota.
type spent struct {
	mu     sync.Mutex
	window int64 // Unix time at which the window began that used counts in
	used   uint64
}

// A spender is a key of a file.
type spender struct{ path, name, hash string }

// spendings are those of all files that were open in this process, by spender: a
// quota is for a key, whoever reads the file, and when.
var spendings sync.Map

func spentBy(s spender) *spent {
	v, _ := spendings.LoadOrStore(s, &spent{})
	return v.(*spent)
}

// NewGrant puts a key into use.
func NewGrant(name string, t Terms) *Grant { return newGrant(name, t, &use{spent: &spent{}}) }

// Renew is the same key by other terms: what was used up stays so, and it expires by
// these for answers that are under way too.
func (g *Grant) Renew(t Terms) *Grant { return newGrant(g.Name, t, g.use) }

func newGrant(name string, t Terms, u *use) *Grant {
	if t.Rate > 0 && t.Burst == 0 {
		t.Burst = int(math.Ceil(min(t.Rate, math.MaxInt32)))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.expires = t.Expires
	switch {
	case t.Rate == 0:
		u.limiter = nil
	case u.limiter == nil:
		u.limiter = rate.NewLimiter(rate.Limit(t.Rate), t.Burst)
	default:
		u.limiter.SetLimit(rate.Limit(t.Rate))
		u.limiter.SetBurst(t.Burst)
	}
	return &Grant{Name: name, Terms: t, use: u}
}

// Revoke ends the use of a key, in the middle of an answer too.
func (g *Grant) Revoke() {
	g.use.mu.Lock()
	defer g.use.mu.Unlock()
	g.use.revoked = true
}

// Valid is nil while the key may be used: else ErrExpired or ErrRevoked.
func (g *Grant) Valid(now time.Time) error {
	g.use.mu.Lock()
	defer g.use.mu.Unlock()
	return g.use.valid(now)
}

func (u *use) valid(now time.Time) error {
	switch {
	case u.revoked:
		return ErrRevoked
	case !u.expires.IsZero() && !now.Before(u.expires):
		return ErrExpired
	}
	return nil
}

// Spend takes one request from rate and quota: nil, ErrExpired, ErrRevoked,
// ErrRate or ErrQuota.
func (g *Grant) Spend(now time.Time) error {
	g.use.mu.Lock()
	defer g.use.mu.Unlock()
	if err := g.use.valid(now); err != nil {
		return err
	}
	if l := g.use.limiter; l != nil && !l.AllowN(now, 1) {
		return ErrRate
	}
	if g.Quota == 0 {
		return nil
	}
	s := g.use.spent
	s.mu.Lock()
	defer s.mu.Unlock()
	g.enterWindow(now)
	if s.used >= g.Quota {
		return ErrQuota
	}
	s.used++
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
	s := g.use.spent
	s.mu.Lock()
	defer s.mu.Unlock()
	g.enterWindow(now)
	reset := time.Unix(g.begin(s.window), 0).Add(g.Window)
	return Standing{Limit: g.Quota, Remaining: g.Quota - min(s.used, g.Quota), Reset: reset}, true
}

// enterWindow begins to count anew where a window has ended. A clock set back
// does not.
func (g *Grant) enterWindow(now time.Time) {
	s := g.use.spent
	if w := g.begin(now.Unix()); w > s.window {
		s.window, s.used = w, 0
	}
}

// begin is when the window began that a Unix time lies in.
func (g *Grant) begin(t int64) int64 { return t - t%max(int64(g.Window/time.Second), 1) }
