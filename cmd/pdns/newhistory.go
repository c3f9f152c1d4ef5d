package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// readPast finds in the history what was first seen before the log begins, but for what
// the log has. incomplete is that a part of it cannot be read.
func (v *newView) readPast(ctx context.Context, src store.Source) (incomplete, err error) {
	if len(v.past.Kinds) == 0 {
		return nil, nil
	}
	for n, err := range analysis.NewlyObserved(ctx, src, v.past) {
		if errors.Is(err, store.ErrIncomplete) {
			return err, nil
		}
		if err != nil {
			return nil, err
		}
		if v.want.Denied && n.Denied == 0 || v.early[identity(n.Event)] {
			continue
		}
		v.total++
		if v.bars != nil {
			v.bars.count(n.Event)
		}
		v.found.add(n.Event, v.f.limit)
	}
	return nil, nil
}

// writePast writes what was found in the history, as much as there may be behind the log.
func (v *newView) writePast() error {
	for _, e := range v.found.trim(0) {
		if v.f.limit > 0 && v.shown == v.f.limit {
			break
		}
		v.shown++
		if err := v.w.write(e); err != nil {
			return err
		}
	}
	v.more = v.more || v.shown < v.total
	return v.w.flush()
}

// sees remembers of what the log has what the history has as well: what was first seen
// before the log begins, and found then.
func (v *newView) sees(e *novelty.Event) {
	if len(v.past.Kinds) > 0 && e.Set.First < v.begins {
		v.early[identity(e)] = true
	}
}

// identity tells what an event is about from all else.
func identity(e *novelty.Event) string {
	id := append([]byte(e.Kind), 0)
	id = append(id, e.Name...)
	if e.Kind != novelty.RRset {
		return string(id)
	}
	id = binary.BigEndian.AppendUint16(id, e.Set.Type)
	id = append(append(id, byte(len(e.Set.Bailiwick))), e.Set.Bailiwick...)
	for _, rdata := range e.Set.Rdata {
		id = append(binary.BigEndian.AppendUint16(id, uint16(len(rdata))), rdata...)
	}
	return string(binary.BigEndian.AppendUint32(id, uint32(e.Rdata)))
}

// historyQuery asks the history for what a selection asks of the log, as much of that as
// was first seen before the log begins; 0: it has none.
func historyQuery(s novelty.Selection, f *newFlags, begins int64) (analysis.NewQuery, error) {
	q := analysis.NewQuery{Kinds: slices.Clone(s.Kinds), Name: s.Name, Window: analysis.Window{Since: s.Since + 1}, Denied: true}
	if begins > 0 {
		q.Until = begins - 1
	}
	if len(q.Kinds) == 0 {
		q.Kinds = []novelty.Kind{novelty.Domain, novelty.Host}
		if q.Inside() != nil { // there are only hosts
			q.Kinds = q.Kinds[1:]
		}
		return q, nil
	}
	if whole := q.Inside(); whole != nil {
		return q, fmt.Errorf("--below %s lies inside a registered domain: want %s or a name above it, or --kind host", f.below, rrset.NameString(whole))
	}
	q.Kinds = slices.DeleteFunc(q.Kinds, func(k novelty.Kind) bool { return k == novelty.Again })
	if len(q.Kinds) == 0 && begins == 0 {
		return q, withHint(errors.New("--kind again: there is no log, and the history does not say it"), "--kind domain,host")
	}
	return q, nil
}

// newest keeps what was first seen last.
type newest struct {
	events []*novelty.Event
	total  int
}

// add keeps an event, and twice as many as are wanted at most; 0: all.
func (n *newest) add(e *novelty.Event, most int) {
	n.total++
	n.events = append(n.events, e)
	if most > 0 && len(n.events)/2 >= most {
		n.trim(most)
	}
}

// trim leaves as many as are wanted, the newest first.
func (n *newest) trim(most int) []*novelty.Event {
	slices.SortStableFunc(n.events, func(a, b *novelty.Event) int { return cmp.Compare(b.Set.First, a.Set.First) })
	if most > 0 {
		n.events = n.events[:min(most, len(n.events))]
	}
	return n.events
}
