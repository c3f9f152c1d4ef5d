package store

import (
	"context"
	"runtime"
)

// checkEvery is how many steps pass between two looks at the context: one of them
// may be over an RRset of 64 KiB.
const checkEvery = 32

// A pulse is felt at every step of a search, of those too that find nothing.
type pulse struct {
	ctx   context.Context
	steps int
	over  bool
}

// stopped reports whether the search is to end, as of some steps before. It also
// lets others run: left to themselves several searches take the processors for ten
// milliseconds each before a DNS query has its turn.
func (p *pulse) stopped() bool {
	if p.steps++; p.steps%checkEvery == 0 && !p.over {
		runtime.Gosched()
		p.over = p.ctx.Err() != nil
	}
	return p.over
}
