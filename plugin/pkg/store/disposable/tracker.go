package disposable

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"

	"github.com/dchest/siphash"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// A Tracker counts what there may be too many of. It is safe for concurrent use.
type Tracker struct {
	secret
	sets    table // names by shape and ancestor
	hot     table // RRsets, and their members, by owner and type
	changed atomic.Bool
}

// A secret keys hashes.
type secret struct{ k0, k1 uint64 }

func (s secret) hash(b []byte) uint64 { return siphash.Hash(s.k0, s.k1, b) }

// New returns a tracker that has seen nothing.
func New() *Tracker {
	var random [16]byte
	rand.Read(random[:]) // never fails
	return newTracker(secret{binary.LittleEndian.Uint64(random[:]), binary.LittleEndian.Uint64(random[8:])})
}

func newTracker(s secret) *Tracker {
	t := &Tracker{secret: s}
	t.sets = table{secret: s, buckets: 128, changed: &t.changed}
	t.hot = table{secret: s, buckets: 32, changed: &t.changed}
	return t
}

// A Reason says why a name collapses.
type Reason uint8

// Reasons.
const (
	None      Reason = iota // it does not
	Disposing               // its shape is that of too many others
	Denied                  // it is one of too many that do not exist
	Flooded                 // it is one of so many that do not exist that no mode matters
	Counted                 // it does not, but would have in mode Collapse
)

// String is the name of r in metrics and coverage.
func (r Reason) String() string {
	return [...]string{"none", "disposable", "negative", "negative_flood", "counted"}[r]
}

// A Verdict says what is recorded of an owner.
type Verdict struct {
	Reason Reason
	Labels int    // of the owner, the first ones, that one label stands for; 0: none
	Fresh  uint64 // how many names the set has more than it was said to have before
	Begins bool   // it is the first of the set that collapses
	walk   walk   // over the owner; what it has as its shape is that of the set
}

// Shape is that of the labels that one stands for.
func (v *Verdict) Shape() []byte { return v.walk.shape() }

// Judge counts a name that has an RRset which is new to the memtable, and decides
// whether it collapses.
func (t *Tracker) Judge(owner []byte, rtype uint16, p *Policy) (v Verdict) {
	negative := rrset.IsNegative(rtype)
	if rtype == rrset.TypeWildcard || p.Mode == Off && !negative {
		return v
	}
	j := judgement{t: t, p: p, owner: owner, door: max(1, min(mostKnocks, p.Children/16))}
	shaped := p.Mode != Off && rtype != dns.TypePTR && !inReverseTree(owner)
	if !(shaped && j.shaped(&v)) && negative {
		j.denied(&v)
	}
	return v
}

// mostKnocks is how often names of one shape come before they are counted.
const mostKnocks = 8

// inReverseTree reports whether a name is below arpa: its numbers are addresses.
func inReverseTree(owner []byte) bool {
	const arpa = "\x04arpa\x00"
	n := len(owner) - len(arpa)
	return n >= 0 && string(owner[n:]) == arpa
}

// A judgement is one call of Judge.
type judgement struct {
	t     *Tracker
	p     *Policy
	owner []byte
	door  int
}

// shaped counts the name in the set of its shape below each ancestor, the nearest
// first, until it lies in one that has collapsed.
func (j *judgement) shaped(v *Verdict) bool {
	w := &v.walk
	w.rest = j.owner
	for twoLabels(rrset.Parent(w.rest)) && w.next() {
		if !w.machine || !twoLabels(w.rest) {
			continue
		}
		key, names, _ := j.see(w.shape(), w.rest)
		if names > uint64(j.p.Children) && j.decide(v, Disposing, key, w.labels) {
			return true
		}
	}
	return false
}

// denied counts the name among its siblings that do not exist, and, unless these
// have collapsed, among all names below the domain.
func (j *judgement) denied(v *Verdict) {
	labels := rrset.CountLabels(j.owner)
	if labels < 3 { // its parent is a top-level domain
		return
	}
	many := uint64(j.p.Children)
	v.walk.set(anyLabel)
	key, names, _ := j.see(v.Shape(), rrset.Parent(j.owner))
	if names > many && j.decide(v, Denied, key, 1) || names > flood*many && j.decide(v, Flooded, key, 1) {
		return
	}
	v.walk.set(anyLabels)
	for n := 2; n < labels-1; n++ {
		key, names, barred := j.see(v.Shape(), rrset.Suffix(j.owner, n))
		if barred {
			continue
		}
		if names > flood*many { // of the domain, with all below it
			j.decide(v, Flooded, key, labels-n)
		}
		return
	}
}

// see counts the name in the set of a shape below an ancestor.
func (j *judgement) see(shape, ancestor []byte) (key, names uint64, barred bool) {
	var room [shapeRoom + 256]byte
	key = j.t.hash(append(append(room[:0], shape...), ancestor...))
	s := j.t.sets.see(key, j.owner, j.door)
	if s.entered && !registrable(ancestor) {
		j.t.sets.bar(key)
		s.barred = true
	}
	if s.barred {
		return key, 0, true
	}
	return key, s.names, false
}

// decide makes the name collapse into a set, if the policy lets it.
func (j *judgement) decide(v *Verdict, why Reason, key uint64, labels int) bool {
	switch {
	case why == Flooded:
	case j.p.exempts(j.owner):
		return false
	case j.p.Mode != Collapse:
		if j.p.Mode == Count {
			v.Reason = Counted
		}
		return false
	}
	v.Reason, v.Labels = why, labels
	v.Fresh, v.Begins = j.t.sets.tell(key)
	return true
}

// registrable reports whether a name belongs to one organisation, and whatever is
// below it too: it is longer than the public suffix that it ends in.
func registrable(name []byte) bool {
	return rrset.CountLabels(name) > registered.SuffixLabels(name)
}

// twoLabels reports whether a name has two labels or more.
func twoLabels(name []byte) bool { return len(name) > 1 && len(rrset.Parent(name)) > 1 }
