package store_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/record"
)

// A model is the store as anyone would write it in an hour: maps, in memory. It
// has one for each era, a part of the history with years of its own, since merges
// by windows never mix two and a retention takes them one by one.
type model struct{ eras []era }

type era map[string]*rrset.RRset

func newModel() *model { return &model{[]era{{}}} }

func identity(r *rrset.RRset) string {
	return fmt.Sprintf("%x %d %x %x", r.Owner, r.Type, r.Bailiwick, r.Rdata)
}

func (e era) add(r *rrset.RRset) {
	id := identity(r)
	if held := e[id]; held != nil {
		held.Add(&r.Figures)
		return
	}
	e[id] = r.Clone()
}

// add takes an observation into the era that goes on.
func (m *model) add(r *rrset.RRset) { m.eras[len(m.eras)-1].add(r) }

// begin begins an era, if the one that goes on has anything.
func (m *model) begin() {
	if len(m.eras[len(m.eras)-1]) > 0 {
		m.eras = append(m.eras, era{})
	}
}

// join makes one era of all, as a merge of everything does.
func (m *model) join() {
	joined := era{}
	for _, e := range m.eras {
		for _, r := range e {
			joined.add(r)
		}
	}
	m.eras = []era{joined}
}

func (m *model) clone() *model {
	c := &model{}
	for _, e := range m.eras {
		copied := maps.Clone(e)
		for id, r := range copied {
			copied[id] = r.Clone()
		}
		c.eras = append(c.eras, copied)
	}
	return c
}

// observations is how many went into the model.
func (m *model) observations() (n uint64) {
	for _, e := range m.eras {
		for _, r := range e {
			n += r.Count
		}
	}
	return n
}

// find answers a question by looking at everything.
func (m *model) find(match func(*rrset.RRset) bool) map[string]rrset.Figures {
	all := m.eras[0]
	if len(m.eras) > 1 {
		joined := m.clone()
		joined.join()
		all = joined.eras[0]
	}
	found := map[string]rrset.Figures{}
	for id, r := range all {
		if match(r) {
			found[id] = r.Figures
		}
	}
	return found
}

// A question is asked of store and model alike.
type question struct {
	query   store.Query
	match   func(*rrset.RRset) bool
	ordered bool // the answer comes in the order of records
}

func (q *question) String() string {
	return fmt.Sprintf("%s types %d negative %t bailiwick %x fences %v at %d slices %t", q.query.Subject, q.query.Types,
		q.query.Negative, q.query.Bailiwick, q.query.Fences, q.query.At, q.query.Slices)
}

// everything is the question that no difference escapes.
var everything = question{store.Query{Negative: true}, func(*rrset.RRset) bool { return true }, true}

// check says how the answer of a source differs from the model's.
func (q *question) check(src store.Source, want map[string]rrset.Figures) error {
	return q.compare(src.Find(context.Background(), q.query), want)
}

// compare is check of an answer that comes.
func (q *question) compare(answer iter.Seq2[*rrset.RRset, error], want map[string]rrset.Figures) error {
	got := map[string]rrset.Figures{}
	var key, last []byte
	for r, err := range answer {
		if err != nil {
			return fmt.Errorf("%v: %w", q, err)
		}
		id := identity(r)
		f, twice := got[id]
		if twice && !q.query.Slices {
			return fmt.Errorf("%v: %s comes twice", q, id)
		}
		if twice {
			f.Add(&r.Figures)
		} else {
			f = r.Figures
		}
		got[id] = f
		key, last = record.AppendKey(last[:0], r), key
		if q.ordered && bytes.Compare(key, last) < 0 {
			return fmt.Errorf("%v: %s comes too late", q, id)
		}
	}
	return q.differs(got, want)
}

func (q *question) differs(got, want map[string]rrset.Figures) error {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			return fmt.Errorf("%v: %s\n got %+v\nwant %+v", q, id, got[id], want[id])
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			return fmt.Errorf("%v: %s is not wanted", q, id)
		}
	}
	return nil
}

func open(t testing.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(dir, o)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// intact fails if Verify finds anything.
func intact(t *testing.T, path string) {
	t.Helper()
	must(t, store.Verify(context.Background(), path, func(f store.Finding) { t.Errorf("%s: %s: %v", f.File, f.Place, f.Err) }, nil))
}
