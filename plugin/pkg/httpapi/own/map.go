package own

import (
	"context"
	"errors"
	"net/http"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
)

// Bounds of a map.
const (
	maxSeeds = 100
	maxNodes = 10_000
)

// graph answers with the map of what hangs together with seeds.
func graph(p *parameters) error {
	q := analysis.MapQuery{
		Seeds: p.keys("seed"), Depth: p.Number("depth", 0, 1),
		AnyTime: p.Flag("any_time", false), Expand: p.keys("expand"), ExpandShared: p.Flag("expand_shared", false),
	}
	f := p.window()
	q.Since, q.Until = f.LastAfter, f.FirstBefore
	if s := p.text("kinds"); s != "" {
		var err error
		if q.Kinds, err = analysis.ParseKinds(s); err != nil {
			p.Note(dialect.Bad("kinds: %v", err))
		}
	}
	q.Nodes = p.X.Limit(p.Number("nodes", maxNodes, 1))
	switch n := len(q.Seeds); {
	case n == 0 || n > maxSeeds:
		p.Note(dialect.Bad("seed: want 1 to %d names, addresses or networks", maxSeeds))
	case q.Nodes > maxNodes || q.Nodes < n:
		p.Note(dialect.Bad("nodes=%d: want at least as many as there are seeds, and at most %d", q.Nodes, maxNodes))
	}
	if p.Fault != nil {
		return p.Fault
	}
	return p.drawn(q)
}

func (p *parameters) drawn(q analysis.MapQuery) error {
	var g *analysis.Graph
	x := p.X
	err := x.Engine().Do(x.Request.Context(), x.Grant.Name, func(ctx context.Context, src store.Source) (err error) {
		if g, err = analysis.Map(ctx, src, q); g == nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	})
	if g == nil || err != nil && !errors.Is(err, store.ErrIncomplete) {
		return err
	}
	if err != nil {
		g.Incomplete = shortfall(err) // its own text names files
	}
	x.Count(len(g.Nodes))
	return x.JSON(http.StatusOK, g)
}

// keys are the nodes that a parameter names, each time it is given.
func (p *parameters) keys(name string) (keys []analysis.Key) {
	for _, text := range p.X.Values[name] {
		k, err := analysis.ParseKey(text)
		if err != nil {
			p.Note(dialect.Bad("%s: %v", name, err))
		}
		keys = append(keys, k)
	}
	return keys
}
