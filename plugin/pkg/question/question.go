// Package question is the language in which passive DNS is asked: the names of
// the query zone, the subjects and times of the command line, and the pages in
// which a long result is given.
//
// # The name
//
// A question is a name below the query zone: SUBJECT[._OPERATOR...].
//
// Labels are read from the right. Those that begin with "_" are operators; the
// first one that does not is the last label of the subject, and so is all that
// stands left of it. Since no top-level domain begins with "_", names such as
// _dmarc.example.com or _443._tcp.www.example.com are subjects as they are. A
// label that stands next to the zone or to an operator, begins with "_" and is
// no operator is an error. The operator _name ends the operators: what stands
// left of it is a name, whatever it looks like. It asks for a name that ends in
// "_tcp", for the owner "*.example.com" itself, for a name server that someone
// called "192.0.2.1".
//
// Operators stand in any order, each at most once, but for types, of which
// several are alternatives.
//
// # The subject
//
// A name; "*.name" for it and all below it; "www.example.*" for every name that
// begins so; "*" for everything; a single label "." for the root. With _rdata:
// an address, a network, a range of addresses, a name or "*.name" that rdata
// holds. With _raw: hexadecimal octets with which rdata begins, in as many
// labels as they need.
//
// With _new the question is about what was newly observed, in the last days: a name is
// the one that it is about, "*.name" and none those that it is below.
//
// Nothing here knows CoreDNS or HTTP.
package question

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// Bounds of a page, in RRsets.
const (
	DefaultLimit = 100     // of a question that says none
	MaxLimit     = 1000    // largest _limit-
	MaxReach     = 100_000 // largest sum of offset and limit: memory of a page
)

// A Question is one parsed name of the query zone.
type Question struct {
	Query store.Query

	// Owner is the canonical name of a question about exactly one name, nil for
	// wildcards, rdata, status and what is new: the RRsets found then have other owners than
	// the name that was asked.
	Owner []byte

	Limit, Offset int
	JSON          bool // answer in the Common Output Format
	Summary       bool // answer with the figures of all results together
	Status        bool // answer with the coverage of the history

	// New, if not nil, is what is asked of the log of what was newly observed, in place
	// of the Query.
	New *novelty.Selection

	subject [][]byte        // labels left of the operators
	tree    []store.Subject // what Subtree returns
	named   bool            // they were followed by _name
	ops     [][]byte        // operators but for _name and _offset-
	now     time.Time
}

// Parse reads a name of the query zone, in canonical wire form and without the
// zone: www.example.com._ns. Relative times count back from now. The text of an
// error says which label is wrong and what was expected; it is at most 200
// octets long, which an extended DNS error (RFC 8914) carries well. It may match
// ErrAncestor.
func Parse(name []byte, now time.Time) (*Question, error) {
	q, err := parse(name, now)
	if err != nil {
		return nil, clipError(err)
	}
	return q, nil
}

func parse(name []byte, now time.Time) (*Question, error) {
	if err := rrset.CheckName(name); err != nil {
		return nil, err
	}
	p := parser{given: map[string]bool{}, q: &Question{Limit: DefaultLimit, now: now}}
	left := labels(name)
	for len(left) > 0 && left[len(left)-1][0] == '_' && !p.q.named {
		op := left[len(left)-1]
		if err := p.operator(op); err != nil {
			return nil, err
		}
		left = left[:len(left)-1]
	}
	slices.Reverse(p.q.ops)
	p.q.subject = left
	if err := p.check(); err != nil {
		return nil, err
	}
	switch {
	case p.q.Status:
		return p.q, nil
	case p.q.New != nil:
		return p.q, p.readNew()
	}
	return p.q, p.readSubject()
}

// parser reads operators into a question.
type parser struct {
	given        map[string]bool // operators seen, by word; types by mnemonic
	rdata, raw   bool
	since, until int64
	q            *Question
}

// contradictions are pairs of operators of which only one may be given.
var contradictions = [][2]string{
	{"rdata", "raw"}, {"raw", "name"},
	{"at", "since"}, {"at", "until"},
	{"summary", "limit"}, {"summary", "offset"},
}

// check finds what is wrong with the operators together.
func (p *parser) check() error {
	for _, c := range contradictions {
		if p.given[c[0]] && p.given[c[1]] {
			return fmt.Errorf("_%s and _%s contradict each other: want one of them", c[0], c[1])
		}
	}
	q := p.q
	switch {
	case q.Status:
		return p.checkStatus()
	case len(q.subject) == 0 && q.New == nil:
		return ancestor(errors.New("no subject: want www.example.com, *.example.com or www.example.* " +
			"left of the operators, or an address left of _rdata"))
	case p.since != 0 && p.until != 0 && p.since > p.until:
		return fmt.Errorf("_since- %s is later than _until- %s", timeString(p.since), timeString(p.until))
	case q.Limit+q.Offset > MaxReach:
		return fmt.Errorf("_offset-%d is out of reach: want at most %d with the limit; ask for a transfer (AXFR)", q.Offset, MaxReach)
	}
	q.Query.Fences = Window(p.since, p.until)
	return nil
}

func (p *parser) checkStatus() error {
	for op := range p.given {
		if op != "status" && op != "json" {
			return fmt.Errorf("_status goes with no _%s: want it alone, or with _json", op)
		}
	}
	if len(p.q.subject) > 0 {
		return fmt.Errorf("_status has no subject: want nothing left of it, not %s", show(p.q.subject[len(p.q.subject)-1]))
	}
	return nil
}

// Window is the fences of what was seen at some time from since to until, Unix
// times, both inclusive; zero is no bound.
func Window(since, until int64) store.Fences {
	return store.Fences{LastAfter: since, FirstBefore: until}
}

// Page is the relative wire name that asks the same question from another
// offset, nil if it would be too long for a name.
func (q *Question) Page(offset int) []byte {
	return q.render(q.subject, q.named, []byte("_offset-"+strconv.Itoa(offset)))
}

// About is the relative wire name that asks the same question about another
// owner, nil if it would be too long for a name.
func (q *Question) About(owner []byte) []byte {
	subject := labels(owner)
	if len(subject) == 0 {
		subject = [][]byte{[]byte(".")}
	}
	name := q.render(subject, false)
	if again, err := parse(name, q.now); err != nil || string(again.Owner) != string(owner) {
		name = q.render(subject, true)
	}
	return name
}

func (q *Question) render(subject [][]byte, named bool, more ...[]byte) []byte {
	var name []byte
	if named {
		subject = append(slices.Clip(subject), []byte("_name"))
	}
	for _, l := range slices.Concat(subject, q.ops, more) {
		name = append(append(name, byte(len(l))), l...)
	}
	name = append(name, 0)
	if rrset.CheckName(name) != nil {
		return nil
	}
	return name
}

// labels are the labels of a wire name that was checked; they share its memory.
func labels(wire []byte) [][]byte {
	var ls [][]byte
	for i := 0; wire[i] != 0; i += int(wire[i]) + 1 {
		ls = append(ls, wire[i+1:i+1+int(wire[i])])
	}
	return ls
}
