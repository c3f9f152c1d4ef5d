package feed

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// settle is how long, in seconds, a batch takes at most from when it is logged to when
// it can be read: a flush.
const settle = 30

// DefaultMost is how many names a zone holds at most unless told. A Follower holds
// twice as many of a kind, a million: about 200 MB.
const DefaultMost = 1 << 19

// Reasons why a name is left out.
const (
	Long     = "long"     // too long for the zones
	Reserved = "reserved" // it would mean something else in a response policy zone
	Room     = "room"     // as many as a zone may hold came after it
	Shed     = "shed"     // the log had no room for the event, whatever its kind
)

// MaxOctets is how many octets a name has at most, in wire form (RFC 1035, section 3.1).
const MaxOctets = 255

// Options of a Follower.
type Options struct {
	Zones []Zone
	// Octets is how many a name may have, in wire form; default MaxOctets.
	Octets int
	// Most is how many names a zone holds at most: the latest. Default DefaultMost.
	Most int
	// LeftOut is told how many names were left out, and why. It must return soon.
	LeftOut func(reason string, names int)
}

// A Follower reads the log of a directory as it is written. Poll is for one goroutine;
// the other methods may be called by others at the same time.
type Follower struct {
	o      Options
	reader *novelty.Reader
	ready  atomic.Bool

	mu      sync.RWMutex
	tracks  map[Kind]*track
	longest map[Kind]Age
	states  map[Zone]*State
	begin   int64    // when the log begins
	horizon int64    // all that was logged until then can be read
	least   int64    // no serial is before it
	late    [2]int64 // serials that lack what they should hold
}

// NewFollower returns a Follower of the log in a store's directory, of which nothing is
// read yet.
func NewFollower(dir string, o Options) *Follower {
	o.Octets, o.Most = cmp.Or(o.Octets, MaxOctets), cmp.Or(o.Most, DefaultMost)
	if o.LeftOut == nil {
		o.LeftOut = func(string, int) {}
	}
	f := &Follower{o: o, reader: novelty.NewReader(dir, false, 0),
		tracks: map[Kind]*track{}, longest: map[Kind]Age{}, states: map[Zone]*State{}}
	for _, z := range o.Zones {
		if f.tracks[z.Kind] == nil {
			f.tracks[z.Kind] = newTrack(z.Kind)
		}
		f.longest[z.Kind] = max(f.longest[z.Kind], z.Age)
	}
	return f
}

// A sight is an event as it was read.
type sight struct {
	kind   Kind
	name   string
	logged int64
}

// Poll reads what has come, and takes the names out whose time is over. The first time
// it reads the whole log. A *novelty.LineError is about a line that was left out; after
// another error, what was not read comes with the next call. After one of the context
// the Follower is of no use any more.
func (f *Follower) Poll(ctx context.Context, now time.Time) error {
	var sights []sight
	begin, shed := f.begin, 0
	err := f.reader.Next(func(e *novelty.Event) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		k := kindOf(e.Kind)
		if f.tracks[k] == nil {
			return nil
		}
		if why := f.unfit(e.Name); why != "" {
			f.o.LeftOut(why, 1)
			return nil
		}
		sights = append(sights, sight{k, string(e.Name), e.Logged})
		return nil
	}, func(logged int64, n int) {
		begin = cmp.Or(begin, logged)
		shed += n
	})
	if ctx.Err() != nil {
		return ctx.Err() // half a batch, perhaps
	}
	if shed > 0 {
		f.o.LeftOut(Shed, shed)
	}
	lacks := false
	var line *novelty.LineError
	if (err == nil || errors.As(err, &line)) && !f.ready.Load() {
		var failed error
		if lacks, failed = f.reader.MayLack(); failed != nil {
			err, line = failed, nil
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begin = begin
	f.take(sights)
	if err == nil || line != nil || f.ready.Load() {
		if lacks {
			// Who read the log before had more at the serials until now, perhaps.
			f.least = max(f.reader.Last(), now.Unix()) + 1
			f.horizon = f.least
		}
		f.turn(now.Unix())
	}
	return err
}

// unfit says why a name cannot be in a response policy zone as what it is; "" if it can.
// The root would be the zone itself, an asterisk all names below, and rpz-ip and its
// like addresses and name servers (draft-vixie-dnsop-dns-rpz, section 4).
func (f *Follower) unfit(name []byte) string {
	switch {
	case len(name) > f.o.Octets:
		return Long
	case len(name) < 2, name[0] == 1 && name[1] == '*':
		return Reserved
	}
	if top := rrset.Suffix(name, 1); strings.HasPrefix(string(top[1:]), "rpz-") {
		return Reserved
	}
	return ""
}

// take appends what was read.
func (f *Follower) take(sights []sight) {
	over := 0
	for _, s := range sights {
		if f.ready.Load() && s.logged <= f.horizon {
			f.late = [2]int64{min(cmp.Or(f.late[0], s.logged), s.logged), f.horizon}
		}
		t := f.tracks[s.kind]
		t.add(s.name, s.logged)
		if n := len(t.entries) - 1 - f.o.Most; n >= 0 && s.logged-t.entries[n].logged < int64(f.longest[s.kind]) {
			over++
		}
		if n := len(t.entries); n >= 2*f.o.Most+f.o.Most/4 { // not one by one
			t.forget(0, 2*f.o.Most)
		}
	}
	if over > 0 {
		f.o.LeftOut(Room, over)
	}
}

// turn makes the states those of a time.
func (f *Follower) turn(now int64) {
	f.horizon = max(f.horizon, f.reader.Last(), now-settle)
	if f.late[1] != 0 {
		f.horizon = max(f.horizon, f.late[1]+1)
	}
	for _, t := range f.tracks {
		t.forget(f.horizon-span, 2*f.o.Most)
	}
	for _, z := range f.o.Zones {
		f.states[z] = f.state(z)
	}
	f.ready.Store(true)
}

func (f *Follower) state(z Zone) *State {
	t := f.tracks[z.Kind]
	changed := max(t.changed(f.horizon, z.Age, f.begin), f.least, 1)
	if f.late[1] != 0 {
		changed = max(changed, f.late[1]+1) // it holds more than the serials until then
	}
	s := &State{Zone: z, Serial: uint32(changed), list: t.list, most: f.o.Most,
		begin: f.begin, seen: told{changed, f.horizon}, late: f.late}
	s.window, _ = t.window(f.horizon, z.Age, f.o.Most, 0)
	old := f.states[z]
	if old == nil {
		s.held = t.count(s.window, window{}, 0)
		return s
	}
	s.seen, s.held = old.seen, t.count(s.window, old.window, old.held)
	return s
}

// State is a zone as it is now; nil if it is none of Options.Zones, or as long as the
// log was not read.
func (f *Follower) State(z Zone) *State {
	if !f.ready.Load() {
		return nil // nor wait for it
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.states[z]
}

// Lists reports whether a zone holds a name, canonical and in wire form, or one above it
// that stands for it.
func (f *Follower) Lists(z Zone, name []byte) bool {
	if !f.ready.Load() {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.states[z]
	if s == nil {
		return false
	}
	t := f.tracks[z.Kind]
	if t.lastCounted(string(name)) >= s.lo {
		return true
	}
	for name = rrset.Parent(name); len(name) > 1 && z.Kind.Below(); name = rrset.Parent(name) {
		if t.lastCounted(string(name)) >= s.lo && z.StandsForBelow(string(name)) {
			return true
		}
	}
	return false
}

// ListsBelow reports whether a zone holds names below a name, canonical and in wire form,
// so that it exists (RFC 4592, section 2.2.2). Of a name with more than 8 labels it may
// report so where only its ancestor with 8 has such.
func (f *Follower) ListsBelow(z Zone, name []byte) bool {
	if !f.ready.Load() {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.states[z]
	return s != nil && f.tracks[z.Kind].lastUnder(name) >= s.lo
}
