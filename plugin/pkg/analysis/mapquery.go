package analysis

import (
	"errors"
	"fmt"
	"time"
)

// A MapQuery says which map is wanted.
type MapQuery struct {
	Seeds []Key
	Kinds []Kind // edges to follow, both ways; default DefaultKinds

	// Depth is how many edges a node may be away from the nearest seed; default 4,
	// from names over what they had to the names there, and that once more.
	Depth int

	// Window bounds the map. Since = Until is the map at that time.
	Window

	// AnyTime lets names be neighbours that shared something at different times.
	AnyTime bool

	// Expand has nodes that are expanded although they are shared; ExpandShared
	// expands them all.
	Expand       []Key
	ExpandShared bool

	// Ranges, if not nil, are networks of CDNs and hosters: addresses in them are
	// shared, however few names are known there.
	Ranges *Ranges

	Bounds

	// Progress, if not nil, is called now and then, and at the end, by the goroutine that
	// makes the map, which waits for it.
	Progress func(Progress)
}

// Bounds keep work and answer finite. Zero values are defaults.
type Bounds struct {
	Domains    int           // registered domains that a node may serve before it counts as shared; 2000
	Count      int           // links up to which the domains of a shared node are counted; 20,000
	Neighbours int           // neighbours that one node may have in the map in one direction; 5000
	Nodes      int           // nodes of the map; 10,000
	RRsets     int           // RRsets to read; 2,000,000
	Rdata      int           // members of RRsets of 100 and more to read again, for who shares one; an edge costs 5; 100,000
	Time       time.Duration // 30 s
}

func (b Bounds) withDefaults() Bounds {
	for _, d := range []struct {
		value *int
		usual int
	}{
		{&b.Domains, 2000}, {&b.Count, 20_000}, {&b.Neighbours, 5000}, {&b.Nodes, 10_000}, {&b.RRsets, 2_000_000},
		{&b.Rdata, 100_000},
	} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	if b.Time <= 0 {
		b.Time = 30 * time.Second
	}
	b.Count = max(b.Count, b.Domains+1, b.Neighbours+1)
	return b
}

const defaultDepth = 4

// withDefaults fills in what is zero and refuses what makes no sense.
func (q MapQuery) withDefaults() (MapQuery, error) {
	q.Bounds = q.Bounds.withDefaults()
	if q.Kinds == nil {
		q.Kinds = DefaultKinds()
	}
	if q.Depth == 0 {
		q.Depth = defaultDepth
	}
	switch {
	case len(q.Seeds) == 0:
		return q, errors.New("a map without a seed, want at least one name, address or network")
	case len(q.Seeds) > q.Nodes:
		return q, fmt.Errorf("%d seeds, want at most as many as the map may have nodes, %d", len(q.Seeds), q.Nodes)
	case q.Depth < 0:
		return q, fmt.Errorf("depth %d, want 1 or more", q.Depth)
	case q.Until != 0 && q.Until < q.Since:
		return q, errBackwards
	}
	for _, s := range q.Seeds {
		if s == (Key{}) {
			return q, errors.New("an empty seed, want a name, an address or a network")
		}
	}
	for _, k := range q.Kinds {
		if err := k.check(); err != nil {
			return q, err
		}
	}
	return q, nil
}
