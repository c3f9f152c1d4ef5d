// Package investigate walks from what somebody was sent, a name, an address, a link or
// a mail, to the scheme behind it, the way an analyst does: what the name was, what
// shared its addresses and servers at the same time, where these names went next, what
// is shared with everybody and says nothing, and the map of it all.
//
// # Basics
//
//	seed, err := investigate.ParseSeed("hxxps://lure[.]example/parcel")
//	result, err := investigate.Walk(ctx, src, investigate.Query{Seeds: []investigate.Seed{seed}})
//
// The Result holds every figure; Result.Summary says it in sentences, and package report
// makes a page of it.
//
// # Bounds
//
// The walk ends with Query.Timeout, and every step has bounds of its own. What these
// left out is in Result.Cuts.
//
// # Caveats
//
// What only an address of a CDN has in common cannot be told from everybody else there:
// such an address is shown and not followed. What hangs together with the seeds by a
// registered domain, a mail exchange or a name server only is in Result.Loose: it may be
// the scheme's, or a company's whose host was broken into. Names at an address are taken to
// have been there from the first to the last time that they were seen there.
package investigate
