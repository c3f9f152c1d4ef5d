package store

import "context"

// checkEvery is how many steps pass between two looks at the context.
const checkEvery = 256

// A pulse is felt at every step of a search, of those too that find nothing.
type pulse struct {
	ctx   context.Context
	steps int
}

// stopped reports, now and then, whether the search is to end.
func (p *pulse) stopped() bool {
	p.steps++
	return p.steps%checkEvery == 0 && p.ctx.Err() != nil
}
