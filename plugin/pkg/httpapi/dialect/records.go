package dialect

import (
	"bytes"
	"errors"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Bounds of the records of one owner and type that are put together. Where there are
// more, as of names that are made up to carry data, some come twice.
const (
	maxRecords     = 1 << 16
	maxRecordBytes = 16 << 20 // of rdata
)

// FindRecords finds single records, for dialects that know no RRsets: those at a
// name, or those that hold an address. Each comes once, without a bailiwick, with
// the figures of all RRsets of its owner and type that hold it; fences and limit, 0
// being as many as there are, are those of records.
func (x *Exchange) FindRecords(v *question.Value, base store.Query, limit int, receive func(*rrset.RRset) error) ask.Outcome {
	given := 0
	give := func(r *rrset.RRset) error {
		if limit > 0 && given == limit {
			return ErrEnough
		}
		given++
		return receive(r)
	}
	o := x.find(v, base, give)
	o.Given, o.More = given, errors.Is(o.Err, ErrEnough)
	switch {
	case o.More && errors.Is(o.Err, store.ErrIncomplete):
		o.Err = store.ErrIncomplete
	case o.More:
		o.Err = nil
	}
	return o
}

func (x *Exchange) find(v *question.Value, base store.Query, give func(*rrset.RRset) error) ask.Outcome {
	if v.Addresses() {
		base.Subject, _ = v.Rdata()
		base.Records = true
		return x.Find(&ask.Query{Query: base}, give)
	}
	g := gathering{fences: base.Fences, give: give, found: map[string]*rrset.RRset{}}
	base.Subject, _ = v.Owner()
	base.Fences = store.Fences{} // of RRsets; those of records are known when they are put together
	o := x.Find(&ask.Query{Query: base}, g.add)
	// What was found before an error is good.
	if !errors.Is(o.Err, ErrEnough) {
		o.Err = errors.Join(g.flush(), o.Err)
	}
	return o
}

// A gathering puts records together that have owner, type and rdata in common.
// RRsets come ordered by owner and type.
type gathering struct {
	fences store.Fences
	give   func(*rrset.RRset) error
	order  []*rrset.RRset
	bytes  int // of their rdata
	found  map[string]*rrset.RRset
}

func (g *gathering) add(r *rrset.RRset) error {
	if len(g.order) > 0 {
		last := g.order[0]
		full := len(g.order) >= maxRecords || g.bytes >= maxRecordBytes
		if full || last.Type != r.Type || !bytes.Equal(last.Owner, r.Owner) {
			if err := g.flush(); err != nil {
				return err
			}
		}
	}
	for _, rdata := range r.Rdata {
		if record := g.found[string(rdata)]; record != nil {
			record.Add(&r.Figures)
			continue
		}
		record := &rrset.RRset{Owner: bytes.Clone(r.Owner), Type: r.Type, Rdata: [][]byte{bytes.Clone(rdata)}, Figures: r.Figures}
		g.found[string(rdata)] = record
		g.order = append(g.order, record)
		g.bytes += len(rdata)
	}
	return nil
}

// flush gives what was gathered and lies inside the fences.
func (g *gathering) flush() error {
	records := g.order
	g.order, g.bytes = g.order[:0], 0
	clear(g.found)
	for _, r := range records {
		if !g.fences.Match(&r.Figures) {
			continue
		}
		if err := g.give(r); err != nil {
			return err
		}
	}
	return nil
}
