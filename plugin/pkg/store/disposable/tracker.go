package disposable

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/dchest/siphash"
	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Tracker counts what there may be too many of. It is safe for concurrent use.
type Tracker struct {
	k0, k1  uint64 // of all hashes
	sets    table  // names by shape and ancestor
	hot     table  // RRsets, and their members, by owner and type
	changed atomic.Bool
}

// New returns a tracker that has seen nothing.
func New() *Tracker {
	var secret [16]byte
	rand.Read(secret[:]) // never fails
	t := &Tracker{k0: binary.LittleEndian.Uint64(secret[:]), k1: binary.LittleEndian.Uint64(secret[8:])}
	t.sets = table{buckets: 128, changed: &t.changed}
	t.hot = table{buckets: 32, changed: &t.changed}
	return t
}

func (t *Tracker) hash(b []byte) uint64 { return siphash.Hash(t.k0, t.k1, b) }

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
	Shape  []byte // of them
	Fresh  uint64 // how many names the set has more than it was said to have before
	Begins bool   // it is the first of the set that collapses
}

// Room is how much a buffer for Judge needs to hold so that it allocates nothing.
const Room = shapeRoom + 256

// Judge counts a name that has an RRset which is new to the memtable, and decides
// whether it collapses. The shape lies in buf.
func (t *Tracker) Judge(buf []byte, owner []byte, rtype uint16, p *Policy) Verdict {
	negative := rrset.IsNegative(rtype)
	if rtype == rrset.TypeWildcard || p.Mode == Off && !negative {
		return Verdict{}
	}
	j := judgement{t: t, p: p, owner: owner, buf: buf[:0], door: max(1, min(mostKnocks, p.Children/16))}
	shaped := p.Mode != Off && rtype != dns.TypePTR && !inReverseTree(owner)
	if !(shaped && j.shaped()) && negative {
		j.denied()
	}
	return j.Verdict
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
	Verdict
	t     *Tracker
	p     *Policy
	owner []byte
	buf   []byte
	name  uint64 // hash of the owner; 0: not taken yet
	door  int
}

// shaped counts the name in the set of its shape below each ancestor, the nearest
// first, until it lies in one that has collapsed.
func (j *judgement) shaped() bool {
	w := walk{rest: j.owner, text: j.buf}
	for twoLabels(rrset.Parent(w.rest)) && w.next() {
		if !w.machine || !twoLabels(w.rest) {
			continue
		}
		key, names, _ := j.see(w.text, w.rest)
		if names > uint64(j.p.Children) && j.decide(Disposing, key, w.text, w.labels) {
			return true
		}
	}
	return false
}

// denied counts the name among its siblings that do not exist, and, unless these
// have collapsed, among all names below the domain.
func (j *judgement) denied() bool {
	labels := rrset.CountLabels(j.owner)
	if labels < 3 { // its parent is a top-level domain
		return false
	}
	many := uint64(j.p.Children)
	shape := append(j.buf, anyLabel...)
	key, names, _ := j.see(shape, rrset.Parent(j.owner))
	if names > flood*many && j.decide(Flooded, key, shape, 1) || names > many && j.decide(Denied, key, shape, 1) {
		return true
	}
	shape = append(j.buf, anyLabels...)
	for n := 2; n < labels-1; n++ {
		key, names, barred := j.see(shape, rrset.Suffix(j.owner, n))
		if !barred { // the domain, with all below it
			return names > flood*many && j.decide(Flooded, key, shape, labels-n)
		}
	}
	return false
}

// see counts the name in the set of a shape below an ancestor.
func (j *judgement) see(shape, ancestor []byte) (key, names uint64, barred bool) {
	if j.name == 0 {
		j.name = j.t.hash(j.owner)
	}
	key = j.t.hash(append(append(shape, 0), ancestor...))
	s := j.t.sets.see(key, j.name, j.door)
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
func (j *judgement) decide(why Reason, key uint64, shape []byte, labels int) bool {
	switch {
	case why == Flooded:
	case j.p.exempts(j.owner):
		return false
	case j.p.Mode != Collapse:
		if j.p.Mode == Count {
			j.Reason = Counted
		}
		return false
	}
	fresh, begins := j.t.sets.tell(key)
	j.Verdict = Verdict{Reason: why, Labels: labels, Shape: shape, Fresh: fresh, Begins: begins}
	return true
}

// registrable reports whether a name belongs to one organisation, and whatever is
// below it too: it is longer than the public suffix that it ends in.
func registrable(name []byte) bool {
	text := strings.TrimSuffix(rrset.NameString(name), ".")
	suffix, _ := publicsuffix.PublicSuffix(text)
	return len(text) > len(suffix)
}

// twoLabels reports whether a name has two labels or more.
func twoLabels(name []byte) bool { return len(name) > 1 && len(rrset.Parent(name)) > 1 }
