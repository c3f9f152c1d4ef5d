package novelty

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/plugin/pkg/store/run"
)

// fresh is how long ago something may have been seen first to count as new.
const fresh = 24 * time.Hour

// Options of what counts as new.
type Options struct {
	Off bool // nothing is found
	// Learn is how far the history must reach back before anything counts as new.
	// Zero is the default of 7 days; less than zero is none.
	Learn time.Duration
	// Silence is how long a domain was not seen to come back as Again; default 10
	// days.
	Silence time.Duration
	// Budget is how long a flush may be searched for news: what it holds behind that is
	// not looked at. Default 2 seconds.
	Budget time.Duration
}

// Defaults of Options.
const (
	DefaultLearn   = 7 * 24 * time.Hour
	DefaultSilence = 10 * 24 * time.Hour
	DefaultBudget  = 2 * time.Second
)

// WithDefaults fills in what is zero.
func (o Options) WithDefaults() Options {
	o.Learn = cmp.Or(o.Learn, DefaultLearn)
	if o.Silence <= 0 {
		o.Silence = DefaultSilence
	}
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	return o
}

// A Finder compares the records of one flush with what was there before. It is not
// safe for concurrent use.
type Finder struct {
	known  *Known
	past   past
	emit   func(*Event)
	now    int64
	quiet  int64 // who was seen since is not silent
	dec    record.Decoder
	domain group
	host   group

	budget  time.Duration
	spent   time.Duration // on looking up
	skipped uint64        // records that came when the budget was spent
}

// A group is the domain or the owner whose records are coming.
type group struct {
	reversed []byte
	looked   bool   // event is what was found out
	event    *Event // what is to be told of it; nil if nothing is
	skip     bool   // nothing is told of it
	denied   int64  // first time that the flush says that it did not exist
}

// NewFinder returns a Finder that compares with runs, which must stay open until Close,
// and tells emit what is new; an event is valid until emit returns.
func NewFinder(o Options, known *Known, runs []*run.Run, now time.Time, emit func(*Event)) *Finder {
	known.age(now, o.Silence)
	return &Finder{known: known, past: newPast(runs), emit: emit, now: now.Unix(), quiet: now.Add(-o.Silence).Unix(),
		budget: o.Budget}
}

// Spent is how long it took to look up what was not known.
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
	case rrset.IsPseudo(t) || figures.First < f.now-int64(fresh/time.Second):
	default:
		f.see(key, n, figures)
	}
}

// enter begins another owner, and another domain if it is in one.
func (f *Finder) enter(reversed []byte) {
	f.endHost()
	f.host.reversed = append(f.host.reversed[:0], reversed...)
	// Its final zero aside, the reversed name of a domain begins those below.
	if d := f.domain.reversed; len(d) > 0 && bytes.HasPrefix(reversed, d[:len(d)-1]) && !f.domain.skip {
		return
	}
	f.endDomain()
	owner, _, err := rrset.AppendUnreversed(nil, reversed)
	if err != nil || rrset.Encloses(arpa, owner) {
		f.host.skip = true
		return
	}
	domain := registered.Domain(owner)
	f.domain.skip = !registered.Is(domain)
	f.domain.reversed = rrset.AppendReversed(f.domain.reversed[:0], domain)
}

// arpa: names below it are made of addresses, and not registered by anybody.
var arpa = rrset.MustName("arpa.")

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
	if !f.domain.looked && !f.domain.skip {
		f.lookAtDomain()
	}
	if !f.host.looked {
		f.lookAtHost()
	}
	isNew := !f.known.touch(ofRRset, key) && (f.host.event != nil || !f.holds(key, n))
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
	if isNew && !isCollapsed(set.Owner) {
		f.emit(NewEvent(RRset, set.Owner, set, f.now))
	}
}

// isCollapsed reports whether an owner stands for many: see store.CollapsedSet.
func isCollapsed(owner []byte) bool {
	return bytes.HasPrefix(owner, []byte("\x0a_wildcard_")) || bytes.HasPrefix(owner, []byte("\x01*"))
}

func (f *Finder) holds(key []byte, n int) bool {
	defer f.clock(time.Now())
	return f.past.holds(key, n)
}

func (f *Finder) clock(start time.Time) { f.spent += time.Since(start) }

func (f *Finder) lookAtDomain() {
	f.domain.looked = true
	if f.known.touch(ofDomain, f.domain.reversed) {
		return
	}
	defer f.clock(time.Now())
	seen := f.past.domain(f.domain.reversed, f.quiet)
	switch {
	case seen.last >= f.quiet:
	case seen.last > 0:
		f.domain.event = &Event{Kind: Again, Before: seen.last}
	default:
		f.domain.event = &Event{Kind: Domain, Denied: seen.denied}
	}
}

func (f *Finder) lookAtHost() {
	f.host.looked = true
	if f.known.touch(ofHost, f.host.reversed) {
		return
	}
	defer f.clock(time.Now())
	if found, denied := f.past.host(f.host.reversed); !found {
		f.host.event = &Event{Kind: Host, Denied: denied}
	}
}

// bring makes set what an event is told with if it is earlier.
func (g *group) bring(set *rrset.RRset) {
	e := g.event
	if e == nil || len(e.Set.Owner) > 0 && e.Set.First <= set.First {
		return
	}
	fresh := NewEvent(e.Kind, nil, set, 0)
	e.Set, e.Rdata = fresh.Set, fresh.Rdata
}

// NewEvent is an event with a copy of what brought it.
func NewEvent(kind Kind, name []byte, set *rrset.RRset, logged int64) *Event {
	e := &Event{Kind: kind, Name: bytes.Clone(name), Set: *set, Rdata: len(set.Rdata), Logged: logged}
	e.Set.Owner, e.Set.Bailiwick = bytes.Clone(set.Owner), bytes.Clone(set.Bailiwick)
	e.Set.Rdata = slices.Clone(set.Rdata[:min(len(set.Rdata), maxRdata)])
	for i, rd := range e.Set.Rdata {
		e.Set.Rdata[i] = bytes.Clone(rd)
	}
	return e
}

func (f *Finder) endHost() { f.end(&f.host) }

func (f *Finder) endDomain() { f.end(&f.domain) }

// end tells what was found out about a group, of which all records have come.
func (f *Finder) end(g *group) {
	if e := g.event; e != nil && len(e.Set.Owner) > 0 {
		name, _, err := rrset.AppendUnreversed(nil, g.reversed)
		if err == nil && !isCollapsed(name) {
			e.Name, e.Logged = name, f.now
			if g.denied != 0 {
				e.Denied = earliest(e.Denied, g.denied)
			}
			f.emit(e)
		}
	}
	*g = group{reversed: g.reversed[:0]}
}
