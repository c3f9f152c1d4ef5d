package question

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Page is a part of a result, newest first.
type Page struct {
	RRsets []*rrset.RRset // by Last, newest first; those of one time in the source's order
	Total  int            // RRsets in the whole result
}

// Newest reads the whole result of q and returns the RRsets behind the offset
// newest ones, at most limit. It holds offset+limit of them at a time, however
// many there are.
//
// The page is good, if not complete, beside an error that matches
// store.ErrIncomplete or the context's: it is what was found until then.
func Newest(ctx context.Context, src store.Source, q store.Query, offset, limit int) (Page, error) {
	var (
		kept newest
		page Page
		fail error
	)
	for r, err := range src.Find(ctx, q) {
		if err != nil {
			fail = err
			break
		}
		kept.offer(ranked{r, page.Total}, offset+limit)
		page.Total++
	}
	slices.SortFunc(kept, compareRank)
	for _, k := range kept[min(offset, len(kept)):] {
		page.RRsets = append(page.RRsets, k.RRset)
	}
	return page, fail
}

type ranked struct {
	*rrset.RRset
	at int // place in the stream
}

// compareRank orders what comes first in a page first.
func compareRank(a, b ranked) int {
	return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.at, b.at))
}

// newest is a heap whose root is what comes last in a page.
type newest []ranked

// offer keeps a copy of r if it is among the most that come first.
func (n *newest) offer(r ranked, most int) {
	switch {
	case len(*n) < most:
		r.RRset = r.Clone()
		heap.Push(n, r)
	case most > 0 && compareRank(r, (*n)[0]) < 0:
		r.RRset = r.Clone()
		(*n)[0] = r
		heap.Fix(n, 0)
	}
}

func (n newest) Len() int           { return len(n) }
func (n newest) Less(i, j int) bool { return compareRank(n[i], n[j]) > 0 }
func (n newest) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *newest) Push(x any)        { *n = append(*n, x.(ranked)) }

func (n *newest) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}
