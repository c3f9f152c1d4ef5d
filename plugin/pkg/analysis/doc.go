// Package analysis reads a scheme out of the history: what a name was between
// which dates (Timeline), what leads to and from it (Pivot), the map of all that
// hangs together with it (Map), and whether it is a fast-flux network (Flux). It asks
// a store.Source and nothing else, so it works on a live store, beside its writer, and
// on a snapshot.
//
// # Basics
//
// What is known makes a graph. A Key is a node of it: a name, an address or a
// network. A Link is an edge: an owner, what it led to, of which Kind, and when that
// was Seen. Map walks the graph breadth-first from its seeds.
//
//	g, err := analysis.Map(ctx, src, analysis.MapQuery{Seeds: []analysis.Key{seed}})
//
// Names that shared an address, a server or a target count as neighbours only if
// they did so at the same time, unless AnyTime is set.
//
// # Shared infrastructure
//
// What serves the names of very many registered domains says nothing about any of
// them. A node with more than Bounds.Domains of them, or in Ranges of CDNs and
// hosters, is shown with its count and not expanded. How a score comes about is said
// at Node.Score.
//
// # Flux
//
// Flux judges one name by how its addresses change: how many it had in how many places,
// how fast new ones come, how long they stay, whether anybody had them before, who else
// has them, and whether its name servers change as well. A FluxReport lists each figure
// with its weight, for and against, so that an analyst can judge the verdict.
// Candidates are names below a suffix that are worth it.
//
// Where the operator has a database of them, places are autonomous systems, and the score
// of Holz and others is told; without one they are networks, of which an autonomous
// system may have hundreds: lines at home and machines of a large cloud may then pass
// for flux. Weights and thresholds are choices: fluxrules.go says why each is what it is,
// and test/bench/verdicts what comes of them on made-up histories.
//
// # Bounds
//
// Work is bounded by Bounds, and what a bound left out is told: see Cut. Memory grows
// with the nodes and edges that are kept, not with what is read: of an address with
// a million names no more are counted than Bounds.Count. RRsets of very many members are
// the dearest: each is read again for each member that somebody may share, up to
// Bounds.Rdata.
//
// # Caveats
//
// An edge has the first and the last time of its records, so it is taken to have
// stood in between as well; a Timeline tells gaps, to a slice of the store. Addresses
// in hints of HTTPS records are no edges.
//
// Of a name that had very many RRsets the store keeps single addresses in their place
// (coverage counts them as split), so that how RRsets overlap says less about it.
package analysis
