package main

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// The orders of rows.
const (
	byNewest = "newest"
	asFound  = "none"
)

// An order says which of two RRsets comes first.
type order struct {
	name    string
	compare func(a, b *rrset.RRset) int
}

// orders are the orders that need the whole result, by name; RRsets that are
// equal stay as found.
var orders = []order{
	{"oldest", func(a, b *rrset.RRset) int { return cmp.Compare(a.First, b.First) }},
	{"name", compareNames},
	{"count", func(a, b *rrset.RRset) int { return cmp.Compare(b.Count, a.Count) }},
}

func orderNames() []string {
	names := []string{byNewest}
	for _, o := range orders {
		names = append(names, o.name)
	}
	return append(names, asFound)
}

// compareNames orders by zone, then by type.
func compareNames(a, b *rrset.RRset) int {
	return cmp.Or(
		bytes.Compare(rrset.AppendReversed(nil, a.Owner), rrset.AppendReversed(nil, b.Owner)),
		cmp.Compare(a.Type, b.Type))
}

// counted says how much of a result was shown.
type counted struct {
	shown, total int
	more         bool // the total is not known, but larger
}

func (n counted) String() string {
	if n.more {
		return number(n.shown) + " RRsets and more"
	}
	return number(n.shown) + " of " + number(n.total) + " RRsets"
}

// rows calls write with each row that the flags ask for.
func (f *lookupFlags) rows(ctx context.Context, src store.Source, q store.Query, write func(*rrset.RRset) error) (counted, error) {
	if f.order == asFound {
		return f.stream(ctx, src, q, write)
	}
	page, fail := f.page(ctx, src, q)
	for _, r := range page.RRsets {
		if err := write(r); err != nil {
			return counted{}, err
		}
	}
	return counted{shown: len(page.RRsets), total: page.Total}, fail
}

// stream writes rows as they are found and keeps none.
func (f *lookupFlags) stream(ctx context.Context, src store.Source, q store.Query, write func(*rrset.RRset) error) (n counted, err error) {
	for r, err := range src.Find(ctx, q) {
		if err != nil {
			return n, err
		}
		n.total++
		switch {
		case n.total <= f.offset:
		case f.limit > 0 && n.shown == f.limit:
			n.more = true
			return n, nil
		default:
			if err := write(r); err != nil {
				return n, err
			}
			n.shown++
		}
	}
	return n, nil
}

// page reads the whole result and keeps the rows that are shown. It is good, if
// not complete, beside an error.
func (f *lookupFlags) page(ctx context.Context, src store.Source, q store.Query) (question.Page, error) {
	most := f.offset + f.limit
	if f.limit == 0 || most < 0 {
		most = int(^uint(0) >> 1)
	}
	if f.order == byNewest {
		return question.Newest(ctx, src, q, f.offset, most-f.offset)
	}
	at := slices.IndexFunc(orders, func(o order) bool { return o.name == f.order })
	return sorted(ctx, src, q, orders[at].compare, f.offset, most)
}

// sorted keeps twice as many rows as are wanted, at most, before it sorts and
// lets the rest go.
func sorted(ctx context.Context, src store.Source, q store.Query, compare func(a, b *rrset.RRset) int, offset, most int) (page question.Page, fail error) {
	trim := func() {
		slices.SortStableFunc(page.RRsets, compare)
		page.RRsets = page.RRsets[:min(most, len(page.RRsets))]
	}
	for r, err := range src.Find(ctx, q) {
		if err != nil {
			fail = err
			break
		}
		page.Total++
		page.RRsets = append(page.RRsets, r.Clone())
		if len(page.RRsets)/2 >= most {
			trim()
		}
	}
	trim()
	page.RRsets = page.RRsets[min(offset, len(page.RRsets)):]
	return page, fail
}
