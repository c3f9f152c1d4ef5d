package compare

import (
	"bytes"
	"time"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
	"example.org/pdns/plugin/pkg/store/novelty"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/plugin/pkg/store/run"
)

// A Finder compares the records of one flush with what was there before. It is not
// safe for concurrent use.
type Finder struct {
	known  *Known
	past   past
	emit   func(*novelty.Event)
	now    int64
	quiet  int64 // who was seen since is not silent
	dec    record.Decoder
	domain group
	host   group
	owner  []byte // of the host, and its domain, reversed: for what comes next
	next   []byte

	budget  time.Duration
	spent   time.Duration // on looking up and telling
	skipped uint64        // records that came when the budget was spent
}

// A group is the domain or the owner whose records are coming.
type group struct {
	reversed []byte
	looked   bool           // event is what was found out
	event    *novelty.Event // what is to be told of it; nil if nothing is
	skip     bool           // nothing is told of it
	denied   int64          // first time that the flush says that it did not exist
}

// NewFinder returns a Finder that compares with runs, which must stay open until Close,
// and tells emit what is new; an event is valid until emit returns.
func NewFinder(o novelty.Options, known *Known, runs []*run.Run, now time.Time, emit func(*novelty.Event)) *Finder {
	known.age(now, o.Silence)
	return &Finder{known: known, past: newPast(runs), emit: emit, now: now.Unix(), quiet: now.Add(-o.Silence).Unix(),
		budget: o.Budget}
}

// Spent is how long it took to look up, and tell of, what was not known.
func (f *Finder) Spent() time.Duration { return f.spent }

// Skipped counts the records that were not looked at, since the budget was spent.
func (f *Finder) Skipped() uint64 { return f.skipped }

// Close tells what is left to tell and gives up the runs. The error is that of reading
// them: what they could not say was taken for known.
func (f *Finder) Close() error {
	f.endHost()
	f.endDomain()
	return f.past.close()
}

// Add takes the next record of the flush. Keys come in order.
func (f *Finder) Add(key []byte, figures *rrset.Figures) {
	n := record.OwnerLen(key)
	if n == 0 {
		return
	}
	if !bytes.Equal(key[:n], f.host.reversed) {
		f.enter(key[:n])
	}
	if f.host.skip {
		return
	}
	t := record.Type(key, n)
	switch {
	case t == rrset.TypeNXDOMAIN:
		f.deny(figures.First)
	case rrset.IsPseudo(t) || figures.First < f.now-int64(novelty.Fresh/time.Second):
	default:
		f.see(key, n, figures)
	}
}

// enter begins another owner, and another domain if it is in one.
func (f *Finder) enter(reversed []byte) {
	f.endHost()
	f.host.reversed = append(f.host.reversed[:0], reversed...)
	owner, _, err := rrset.AppendUnreversed(f.owner[:0], reversed)
	if err != nil || !novelty.CanBeNew(novelty.Domain, owner) {
		f.endDomain()
		f.host.skip = true
		return
	}
	f.owner = owner
	// What is below a domain may be in another: names below somebody's own suffix are.
	domain := registered.Domain(owner)
	f.next = rrset.AppendReversed(f.next[:0], domain)
	if bytes.Equal(f.next, f.domain.reversed) {
		return
	}
	f.endDomain()
	f.domain.reversed = append(f.domain.reversed[:0], f.next...)
	f.domain.skip = !registered.Is(domain)
}

// deny notes that the owner was said not to exist.
func (f *Finder) deny(first int64) {
	f.host.denied = earliest(f.host.denied, first)
	f.domain.denied = earliest(f.domain.denied, first)
}

func earliest(a, b int64) int64 {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// see looks at an RRset.
func (f *Finder) see(key []byte, n int, figures *rrset.Figures) {
	if f.spent > f.budget {
		f.skipped++
		return
	}
	defer f.clock(time.Now())
	if !f.domain.looked && !f.domain.skip {
		f.lookAtDomain()
	}
	if !f.host.looked {
		f.lookAtHost()
	}
	isNew := !f.known.touch(ofRRset, key) && (f.host.event != nil || !f.past.holds(key, n))
	if f.domain.event == nil && f.host.event == nil && !isNew {
		return
	}
	set, err := f.dec.Decode(key)
	if err != nil {
		return
	}
	set.Figures = *figures
	f.domain.bring(set)
	f.host.bring(set)
	if isNew && !disposable.IsOwner(set.Owner) {
		f.emit(novelty.NewEvent(novelty.RRset, set.Owner, set, f.now))
	}
}

func (f *Finder) clock(start time.Time) { f.spent += time.Since(start) }

func (f *Finder) lookAtDomain() {
	f.domain.looked = true
	if f.known.touch(ofDomain, f.domain.reversed) {
		return
	}
	seen := f.past.domain(f.domain.reversed, f.host.reversed, f.quiet)
	switch {
	case seen.last >= f.quiet:
	case seen.last > 0:
		f.domain.event = &novelty.Event{Kind: novelty.Again, Before: seen.last}
	default:
		f.domain.event = &novelty.Event{Kind: novelty.Domain, Denied: seen.denied}
	}
}

func (f *Finder) lookAtHost() {
	f.host.looked = true
	if f.known.touch(ofHost, f.host.reversed) {
		return
	}
	if found, denied := f.past.host(f.host.reversed); !found {
		f.host.event = &novelty.Event{Kind: novelty.Host, Denied: denied}
	}
}

// bring makes set what an event is told with if it is earlier.
func (g *group) bring(set *rrset.RRset) {
	e := g.event
	if e == nil || len(e.Set.Owner) > 0 && e.Set.First <= set.First {
		return
	}
	fresh := novelty.NewEvent(e.Kind, nil, set, 0)
	e.Set, e.Rdata = fresh.Set, fresh.Rdata
}

func (f *Finder) endHost() { f.end(&f.host) }

func (f *Finder) endDomain() { f.end(&f.domain) }

// end tells what was found out about a group, of which all records have come.
func (f *Finder) end(g *group) {
	if e := g.event; e != nil && len(e.Set.Owner) > 0 {
		name, _, err := rrset.AppendUnreversed(nil, g.reversed)
		if err == nil && !disposable.IsOwner(name) {
			e.Name, e.Logged = name, f.now
			if g.denied != 0 {
				e.Denied = earliest(e.Denied, g.denied)
			}
			if e.Denied >= e.Set.First { // it went again
				e.Denied = 0
			}
			f.emit(e)
		}
	}
	*g = group{reversed: g.reversed[:0]}
}
