package disposable

// Bounds of what is recorded of one owner and type.
const (
	members    = 8  // times Combinations of single rdata are recorded, then a sample of them
	usualRdata = 32 // an RRset of more rdata counts for as many as it has times that
	hotKnocks  = 32 // how often an owner and type has RRsets new to the memtable before they are counted
)

// memberSet tells the key of the members of an owner and type from that of its
// RRsets.
const memberSet = 1 << 63

// Whole counts an RRset, by its record key of which owner and type take the first
// n octets, and reports whether it is recorded as it was seen. Beyond the
// Combinations of its owner and type only a sample of these RRsets is, always the
// same ones; the others are recorded rdata by rdata.
func (t *Tracker) Whole(key []byte, n, rdata int, p *Policy) bool {
	if rdata == 0 {
		return true
	}
	share := func(of int) int { return max(1, of*usualRdata/max(usualRdata, rdata)) }
	s := t.hot.see(t.hash(key[:n]), key, share(min(hotKnocks, p.Combinations/16)))
	return s.sampled(share(p.Combinations))
}

// Member counts an RRset of one rdata that takes the place of a larger one, or is
// one of too many, and reports whether it is recorded.
func (t *Tracker) Member(key []byte, n int, p *Policy) bool {
	return t.hot.see(t.hash(key[:n])^memberSet, key, 1).sampled(members * p.Combinations)
}

// sampled reports whether the element is one of about limit that are chosen from all
// of the set, by its hash alone: the same is chosen again, unless there are many more
// by then.
func (s sighting) sampled(limit int) bool {
	return s.names <= uint64(limit) || s.hash < ^uint64(0)/s.names*uint64(limit)
}
