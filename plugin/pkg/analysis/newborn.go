package analysis

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A NewQuery says which first sights are wanted.
type NewQuery struct {
	Kinds  []novelty.Kind // of Domain, Host and RRset; what is seen Again has no first sight
	Name   []byte         // at this name and below it, canonical; nil: all
	Window                // in which they were first seen

	// Denied also reads when they were said not to exist before, which is known of
	// domains and hosts.
	Denied bool
}

// A Newborn is something that was not seen before a time. Set of its event is the RRset
// that was seen first.
type Newborn struct {
	*novelty.Event

	Seen   rrset.Figures // of all its RRsets
	RRsets int
}

// Inside is the registered domain that the name lies in, if the rest of it, which may be
// older, would not be seen; nil if not.
func (q *NewQuery) Inside() []byte {
	if !slices.Contains(q.Kinds, novelty.Domain) || q.Name == nil {
		return nil
	}
	if d := registered.Domain(q.Name); !bytes.Equal(d, q.Name) {
		return d
	}
	return nil
}

// NewlyObserved yields what was first seen in a window, of the whole history, whenever
// that was; package novelty has the log of the last days. All names are read: a single
// older RRset makes one of them known. So it takes as long as there is history, and
// memory for the names that are open at a time, a few.
//
// Results of one kind come in order of the labels from the right, but what lies below another one
// comes before it. An error that matches store.ErrIncomplete comes last.
func NewlyObserved(ctx context.Context, src store.Source, q NewQuery) iter.Seq2[*Newborn, error] {
	return func(yield func(*Newborn, error) bool) {
		b := NewBirths(q, func(n *Newborn) error {
			if !yield(n, nil) {
				return errStopped
			}
			return nil
		})
		err := b.read(ctx, src)
		if errors.Is(err, errStopped) {
			return
		}
		if err == nil || errors.Is(err, store.ErrIncomplete) {
			if end := b.Close(); end != nil {
				return // stopped
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

var errStopped = errors.New("no more is wanted")

func (b *Births) read(ctx context.Context, src store.Source) error {
	for r, err := range src.Find(ctx, b.Query()) {
		if err != nil {
			return err
		}
		if err := b.Add(r); err != nil {
			return err
		}
	}
	return nil
}

// Births find what NewlyObserved yields in RRsets that somebody else reads. They are not
// safe for concurrent use.
type Births struct {
	query NewQuery
	give  func(*Newborn) error
	kinds []*grouping
}

// NewBirths returns Births that give what they find. An error of give ends them.
func NewBirths(q NewQuery, give func(*Newborn) error) *Births {
	b := &Births{query: q, give: give}
	for _, k := range q.Kinds {
		switch k {
		case novelty.Domain:
			b.kinds = append(b.kinds, &grouping{Births: b, kind: k, of: domainOf})
		case novelty.Host:
			b.kinds = append(b.kinds, &grouping{Births: b, kind: k, of: func(owner []byte) []byte { return owner }})
		}
	}
	return b
}

// domainOf is the registered domain of an owner; nil if it has none.
func domainOf(owner []byte) []byte {
	if d := registered.Domain(owner); registered.Is(d) {
		return d
	}
	return nil
}

// Query is what to read, in the order in which a source gives it.
func (b *Births) Query() store.Query {
	q := store.Query{Subject: store.All(), Negative: b.query.Denied && len(b.kinds) > 0}
	if b.query.Name != nil {
		q.Subject = store.Below(b.query.Name)
	}
	if len(b.kinds) == 0 { // older RRsets say nothing of new ones
		q.FirstAfter, q.FirstBefore = b.query.Since, b.query.Until
	}
	return q
}

// Add takes the next RRset.
func (b *Births) Add(r *rrset.RRset) error {
	for _, g := range b.kinds {
		if err := g.add(r); err != nil {
			return err
		}
	}
	if !slices.Contains(b.query.Kinds, novelty.RRset) || rrset.IsPseudo(r.Type) || !b.query.has(r.First) || !novelty.CanBeNew(novelty.RRset, r.Owner) {
		return nil
	}
	return b.give(&Newborn{novelty.NewEvent(novelty.RRset, r.Owner, r, 0), r.Figures, 1})
}

// Close gives what was open at the end.
func (b *Births) Close() error {
	for _, g := range b.kinds {
		if err := g.close(nil); err != nil {
			return err
		}
	}
	return nil
}

func (q *NewQuery) has(first int64) bool {
	return first >= q.Since && (q.Until == 0 || first <= q.Until)
}

// A grouping puts the RRsets of a domain, or of a host, together. They come ordered
// by reversed owner, so that a domain is over with the first owner outside of it;
// a domain may lie below another where a public suffix does.
type grouping struct {
	*Births
	kind novelty.Kind
	of   func(owner []byte) []byte // what an owner belongs to; nil: nothing

	owner []byte // the last one,
	at    int    // and which of the open groups it belongs to; -1: none
	open  []group
}

type group struct {
	name []byte
	Newborn
	old    bool  // it was seen before the window
	denied int64 // when it was first said not to exist
}

func (g *grouping) add(r *rrset.RRset) error {
	if !bytes.Equal(g.owner, r.Owner) {
		if err := g.enter(r.Owner); err != nil {
			return err
		}
	}
	if g.at < 0 {
		return nil
	}
	switch o := &g.open[g.at]; {
	case r.Type == rrset.TypeNXDOMAIN:
		if o.denied == 0 || r.First < o.denied {
			o.denied = r.First
		}
	case !rrset.IsPseudo(r.Type):
		g.see(o, r)
	}
	return nil
}

// see takes a sight of a group.
func (g *grouping) see(o *group, r *rrset.RRset) {
	if o.old = o.old || r.First < g.query.Since; o.old {
		return
	}
	if o.RRsets++; o.RRsets == 1 {
		o.Seen = r.Figures
	} else {
		o.Seen.Add(&r.Figures)
	}
	if o.Event == nil || r.First < o.Event.Set.First {
		o.Event = novelty.NewEvent(g.kind, o.name, r, 0)
	}
}

// enter goes on to another owner.
func (g *grouping) enter(owner []byte) error {
	g.owner = append(g.owner[:0], owner...)
	if err := g.close(owner); err != nil {
		return err
	}
	g.at = -1
	if !novelty.CanBeNew(g.kind, owner) {
		return nil
	}
	name := g.of(owner)
	if name == nil {
		return nil
	}
	g.at = slices.IndexFunc(g.open, func(o group) bool { return bytes.Equal(o.name, name) })
	if g.at < 0 {
		g.at = len(g.open)
		g.open = append(g.open, group{name: bytes.Clone(name)})
	}
	return nil
}

// close gives the groups that an owner is not in; nil: all.
func (g *grouping) close(owner []byte) error {
	for n := len(g.open) - 1; n >= 0 && !(owner != nil && rrset.Encloses(g.open[n].name, owner)); n-- {
		over := g.open[n]
		g.open = g.open[:n]
		if over.Event == nil || over.old || !g.query.has(over.Seen.First) {
			continue
		}
		if over.denied < over.Seen.First {
			over.Event.Denied = over.denied
		}
		if err := g.give(&over.Newborn); err != nil {
			return err
		}
	}
	return nil
}
