package analysis

import (
	"context"
	"errors"
	"iter"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A reader reads links, and counts what it reads.
type reader struct {
	src    store.Source
	kinds  []Kind
	window Window
	most   int   // RRsets that it may read; 0: no bound
	read   int   // RRsets
	again  int   // members of wide RRsets that may be read again; see Bounds.Rdata
	short  bool  // that was not enough
	damage error // the first that matches store.ErrIncomplete

	progress func(Progress)
	at       Progress
}

// A Progress is how far a map or a pivot is.
type Progress struct {
	RRsets int // that were read
	Nodes  int // of a map
	Depth  int // of a map: steps from the seeds of the nodes that are looked at
}

// progressEvery is after how many RRsets progress is told: often enough for people,
// and seldom enough to cost nothing.
const progressEvery = 256

// A wide RRset has many members. To find who else has one of them costs all of them,
// again for each; and names that share it all make an edge to each.
const (
	wideFrom = 100 // members
	edgeCost = 5   // times what it costs to read a member
)

// pay takes from what may be read again; false if that is not enough.
func (r *reader) pay(members int) bool {
	if members > r.again {
		r.short = true
		return false
	}
	r.again -= members
	return true
}

// tell tells how far it is, if anybody asks.
func (r *reader) tell() {
	if r.progress != nil {
		r.at.RRsets = r.read
		r.progress(r.at)
	}
}

// errSpent ends a search when as many RRsets were read as may be.
var errSpent = errors.New("as many RRsets were read as may be")

func (r *reader) follows(k Kind) bool { return slices.Contains(r.kinds, k) }

// types are those of the records of all kinds that are followed and that ok accepts.
func (r *reader) types(ok func(Kind) bool) (types []uint16) {
	for _, k := range r.kinds {
		if ok(k) {
			types = append(types, k.types()...)
		}
	}
	return types
}

// find asks the source, counts what it reads, and keeps damage for the end: an answer
// that is not whole is better than none.
func (r *reader) find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		for s, err := range r.src.Find(ctx, q) {
			switch {
			case errors.Is(err, store.ErrIncomplete):
				if r.damage == nil {
					r.damage = err
				}
				return
			case err == nil && r.most > 0 && r.read >= r.most:
				err = errSpent
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if r.read++; r.read%progressEvery == 0 {
				r.tell()
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}
